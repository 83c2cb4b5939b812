// COMMAND and its subcommands. Expected replies were taken from Redis 7.2.

import { expect, it } from 'vitest';
import { bitmapCommands } from '../../commands/bitmap/index.ts';
import { coreCommands } from '../../commands/index.ts';
import { stringCommands } from '../../commands/string/index.ts';
import { FakeContext } from '../testing/fake-context.ts';

function fresh(): FakeContext['harness'] {
  return new FakeContext([...stringCommands, ...bitmapCommands]).harness;
}

it('describes a command in ten fields', () => {
  const h = fresh();
  expect(h.run('COMMAND', 'INFO', 'get', 'nosuch', 'GET|x')).toEqual([
    [
      'get',
      2,
      ['readonly', 'fast'],
      1,
      1,
      1,
      ['@read', '@string', '@fast'],
      [],
      [
        [
          'flags',
          ['RO', 'access'],
          'begin_search',
          ['type', 'index', 'spec', ['index', 1]],
          'find_keys',
          ['type', 'range', 'spec', ['lastkey', 0, 'keystep', 1, 'limit', 0]],
        ],
      ],
      [],
    ],
    null,
    null,
  ]);
});

it('uses sets and maps in RESP3, and finds subcommands by their full names', () => {
  const h = fresh();
  h.client.resp3 = true;
  const [info] = h.run('COMMAND', 'INFO', 'CONFIG|set') as unknown[][];
  expect(info).toEqual([
    'config|set',
    -4,
    { set: ['admin', 'noscript', 'loading', 'stale'] },
    0,
    0,
    0,
    { set: ['@admin', '@slow', '@dangerous'] },
    { set: ['request_policy:all_nodes', 'response_policy:all_succeeded'] },
    { set: [] },
    { set: [] },
  ]);
});

it('hides flags that are the server’s own and shows no movablekeys for SET', () => {
  const h = fresh();
  const [debug] = h.run('COMMAND', 'INFO', 'debug') as unknown[][];
  expect(debug?.[2]).toEqual(['admin', 'noscript', 'loading', 'stale']);
  const [set] = h.run('COMMAND', 'INFO', 'set') as unknown[][];
  expect(set?.[2]).toEqual(['write', 'denyoom']);
});

it('documents commands', () => {
  const h = fresh();
  h.client.resp3 = true;
  const docs = h.run('COMMAND', 'DOCS', 'nosuch', 'memory|usage') as { map: [string, never][] };
  expect(docs.map).toHaveLength(1);
  const [name, { map: fields }] = docs.map[0] as unknown as [string, { map: [string, unknown][] }];
  expect(name).toBe('memory|usage');
  expect(fields.map(([field]) => field)).toEqual([
    'summary',
    'since',
    'group',
    'complexity',
    'arguments',
  ]);
  expect(fields[4]?.[1]).toEqual([
    {
      map: [
        ['name', 'key'],
        ['type', 'key'],
        ['display_text', 'key'],
        ['key_spec_index', 0],
      ],
    },
    {
      map: [
        ['name', 'count'],
        ['type', 'integer'],
        ['display_text', 'count'],
        ['token', 'SAMPLES'],
        ['flags', { set: ['optional'] }],
      ],
    },
  ]);
});

it('marks deprecated and internal commands', () => {
  const h = fresh();
  const docs = (name: string): unknown[] => (h.run('COMMAND', 'DOCS', name) as unknown[][])[1]!;
  const getset = docs('getset');
  expect(getset[getset.indexOf('doc_flags') + 1]).toEqual(['deprecated']);
  expect(getset[getset.indexOf('deprecated_since') + 1]).toBe('6.2.0');
  const debug = docs('debug');
  expect(debug[debug.indexOf('doc_flags') + 1]).toEqual(['syscmd']);
});

// So it is with all commands of redis-server 7.2.5; redis-cli's hints show it.
it('documents tokens in capitals and arguments in small letters', () => {
  const docs = JSON.stringify(new FakeContext(coreCommands).harness.run('COMMAND', 'DOCS'));
  const wordsBehind = (field: string, wrong: RegExp): string[] =>
    [...docs.matchAll(new RegExp(`"${field}","((?:[^"\\\\]|\\\\.)*)"`, 'g'))]
      .map((match) => match[1]!)
      .filter((word) => wrong.test(word));
  expect(wordsBehind('token', /[A-Z]/).length).toBeGreaterThan(100);
  expect(wordsBehind('token', /[a-z]/)).toEqual([]);
  expect(wordsBehind('name', /[A-Z]/)).toEqual([]);
});

it('extracts keys', () => {
  const h = fresh();
  expect(h.run('COMMAND', 'GETKEYS', 'mset', 'a', '1', 'b', '2')).toEqual(['a', 'b']);
  expect(h.run('COMMAND', 'GETKEYS', 'memory', 'usage', 'k')).toEqual(['k']);
  expect(h.run('COMMAND', 'GETKEYSANDFLAGS', 'lcs', 'a', 'b')).toEqual([
    ['a', ['RO', 'access']],
    ['b', ['RO', 'access']],
  ]);
  expect(h.run('COMMAND', 'GETKEYSANDFLAGS', 'set', 'k', 'v', 'GET')).toEqual([
    ['k', ['RW', 'access', 'update']],
  ]);
});

it('tells why keys cannot be extracted', () => {
  const h = fresh();
  const keys = (...call: string[]): unknown => h.run('COMMAND', 'GETKEYS', ...call);
  expect(keys('nosuch')).toEqual({ error: 'ERR Invalid command specified' });
  expect(keys('config', 'nosuch')).toEqual({ error: 'ERR Invalid command specified' });
  expect(keys('time')).toEqual({ error: 'ERR The command has no key arguments' });
  expect(keys('get')).toEqual({ error: 'ERR Invalid number of arguments specified for command' });
});

it('lists names', () => {
  const h = fresh();
  const list = (...args: string[]): unknown => h.run('COMMAND', 'LIST', ...args);
  expect(list('FILTERBY', 'PATTERN', 'CONFIG|*e')).toEqual(['config|rewrite']);
  expect(list('FILTERBY', 'ACLCAT', 'BITMAP')).toHaveLength(bitmapCommands.length);
  expect(list('FILTERBY', 'ACLCAT', 'nosuch')).toEqual([]);
  expect(list('FILTERBY', 'MODULE', 'json')).toEqual([]);
  const all = list() as string[];
  expect(all).toContain('get');
  expect(all).toContain('command|getkeysandflags');
  for (const wrong of [['x'], ['FILTERBY', 'PATTERN'], ['FILTERBY', 'SIZE', '1']]) {
    expect(list(...wrong), wrong.join(' ')).toEqual({ error: 'ERR syntax error' });
  }
});

it('counts and describes all commands', () => {
  const h = fresh();
  const count = h.run('COMMAND', 'COUNT');
  expect(count).toBe(h.engine.commands.size);
  expect(h.run('COMMAND')).toHaveLength(count as number);
  expect(h.run('COMMAND', 'INFO')).toHaveLength(count as number);
  expect(h.run('COMMAND', 'DOCS')).toHaveLength((count as number) * 2);
  expect((h.run('COMMAND', 'HELP') as string[])[0]).toBe(
    'COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
  );
});
