// CONFIG REWRITE: what stays, what changes, what is added; and that a rewritten file loads to the
// same values. The layouts are those that Redis 7.2.5 writes for the same files.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Config } from './config.ts';
import { loadConfig } from './load.ts';
import { MemoryDisk } from './memory-disk.ts';
import { REWRITE_MARKER, rewriteCommand, rewriteText } from './rewrite.ts';

function load(text: string, disk: MemoryDisk = new MemoryDisk()): Config {
  disk.folders.add('/data');
  const config = new Config({
    directory: '/data',
    resolveDirectory: disk.resolveDirectory.bind(disk),
  });
  loadConfig(config, disk, { file: null, stdin: text, options: '' }, { version: '7.2.5' });
  return config;
}

function set(config: Config, ...pairs: [string, string][]): void {
  expect(config.set(pairs, { local: true, loading: false })).toBeNull();
}

/** The lines without those that are always there. */
function own(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !/^(dir|save|latency-tracking-info-percentiles) /.test(line));
}

test('an old line is replaced in its place; comments, order and includes stay', () => {
  const text = '# top\nhz 10\n\n\n\n  include none*.conf\n# mid\ntimeout 5 \nrename-command a b\n';
  const config = load(text.replace('include none*.conf', ''));
  set(config, ['timeout', '9'], ['maxmemory', '5mb']);
  expect(own(rewriteText(config, text))).toEqual([
    '# top',
    'hz 10',
    '',
    'include none*.conf',
    '# mid',
    'timeout 9',
    'rename-command a b',
    '',
    REWRITE_MARKER,
    'maxmemory 5mb',
    '',
  ]);
});

test('a second rewrite goes on behind the same marker, and then all is stable', () => {
  const config = load('hz 10');
  set(config, ['timeout', '9']);
  const once = rewriteText(config, 'hz 10');
  const twice = rewriteText(config, once);
  expect(twice).toBe(`${once}\n`);
  expect(rewriteText(config, twice)).toBe(twice);
  set(config, ['port', '1']);
  expect(rewriteText(config, once).split(REWRITE_MARKER)).toHaveLength(2);
});

test('an option at its default stays where the file has it and is not added', () => {
  const config = load('timeout 7');
  set(config, ['timeout', '0']);
  expect(own(rewriteText(config, 'timeout 7'))).toEqual(['timeout 0', REWRITE_MARKER, '']);
  expect(own(rewriteText(config, ''))).toEqual([REWRITE_MARKER, '']);
});

test('lines of an option that is unset, repeated or an alias', () => {
  const old =
    'masterauth x\nbind a\nhz 1\nhz 2\nhash-max-ziplist-entries 5\nslaveof h 1\ntimeout 1';
  const config = load(old);
  set(config, ['masterauth', ''], ['bind', '* -::*'], ['hash-max-ziplist-entries', '6']);
  config.override('replicaof', null);
  expect(own(rewriteText(config, old))).toEqual([
    '',
    'hz 2',
    '',
    'hash-max-listpack-entries 6',
    '',
    'timeout 1',
    REWRITE_MARKER,
    '',
  ]);
});

test('lines that are not understood become comments', () => {
  const lines = own(rewriteText(load(''), 'nope 1\nhz "2\nlist-max-ziplist-value 3'));
  expect(lines.slice(0, 3)).toEqual([
    '# ??? nope 1',
    '# ??? hz "2',
    '# ??? list-max-ziplist-value 3',
  ]);
});

test('options of several lines', () => {
  const old = 'save 1 1\nsave 2 2\nsave 3 3\nclient-output-buffer-limit pubsub 1 1 1';
  const config = load(old);
  set(config, ['save', '7 7']);
  expect(rewriteText(config, old).split('\n').slice(0, 4)).toEqual([
    'save 7 7',
    '',
    'client-output-buffer-limit normal 0 0 0',
    REWRITE_MARKER,
  ]);
  expect(rewriteText(config, old)).toContain('\nclient-output-buffer-limit pubsub 1 1 1\n');
  set(config, ['save', '']);
  expect(rewriteText(config, '')).toContain('\nsave ""\n');
});

test('texts are quoted', () => {
  const config = load('');
  set(config, ['masterauth', 'q" \x01\xff'], ['notify-keyspace-events', 'K$']);
  const text = rewriteText(config, '');
  expect(text).toContain('\nmasterauth "q\\" \\x01\\xff"\n');
  expect(text).toContain('\nnotify-keyspace-events "$K"\n');
  expect(text).toContain('\ndir "/data"\n');
});

describe('directives of other parts', () => {
  const old = 'user a on\nuser b on\nloadmodule m.so';
  test('replace those of the file', () => {
    const directives = { user: ['user c off'], loadmodule: [] };
    const text = rewriteText(load(''), old, { directives });
    expect(text.split('\n').slice(0, 2)).toEqual(['user c off', '']);
  });
  test('stay when nobody gives them', () => {
    expect(rewriteText(load(''), old)).toContain(`${old}\n`);
  });
});

test('with all options forced, every one is written and loads to the same values', () => {
  const value = fc.constantFrom(
    '0',
    '1',
    '5',
    '100',
    '1024',
    '3mb',
    'yes',
    'no',
    'a b',
    '"',
    '50%',
    '7 7',
    'KEA',
  );
  const names = load('')
    .list()
    .map(({ name }) => name);
  // `dir` and `locale-collate` depend on the machine, and a log file would be opened.
  const settable = names.filter((name) => !['dir', 'locale-collate', 'logfile'].includes(name));
  const change = fc.tuple(fc.constantFrom(...settable), value);
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.boolean(), (changes, forceAll) => {
      const config = load('');
      for (const [name, text] of changes) config.load(name, [text]);
      config.override('cluster-enabled', false);
      const again = load(rewriteText(config, '', { forceAll }));
      expect(again.getMatching(['*', 'key-load-delay'])).toEqual(
        config.getMatching(['*', 'key-load-delay']),
      );
    }),
    { numRuns: 60 },
  );
  const forced = rewriteText(load(''), '', { forceAll: true });
  expect(names.filter((name) => !forced.includes(`\n${name} `)).sort()).toEqual(
    names.filter((name) => load('').lines(name).length === 0).sort(),
  );
});

describe('the command', () => {
  const disk = new MemoryDisk();
  test('needs a file', () => {
    expect(rewriteCommand(load(''), disk, null)).toBe(
      'The server is running without a config file',
    );
  });
  test('makes a new one when the old one is gone', () => {
    expect(rewriteCommand(load('hz 20'), disk, '/data/new.conf')).toBeNull();
    expect(disk.files.get('/data/new.conf')).toContain('\nhz 20\n');
  });
  test('tells why it cannot', () => {
    disk.failures.set('/data/bad.conf', 'Permission denied');
    expect(rewriteCommand(load(''), disk, '/data/bad.conf')).toBe(
      'Rewriting config file: Permission denied',
    );
  });
});
