// SLOWLOG: what is logged, how it is cut short, and what is kept secret.

import { expect, it } from 'vitest';
import { connectionCommands } from '../../commands/connection/index.ts';
import { listCommands } from '../../commands/list/index.ts';
import { streamCommands } from '../../commands/stream/index.ts';
import { stringCommands } from '../../commands/string/index.ts';
import { FakeContext } from '../testing/fake-context.ts';

function logging(): FakeContext['harness'] {
  const { harness: h } = new FakeContext([...stringCommands, ...connectionCommands]);
  h.run('CONFIG', 'SET', 'slowlog-log-slower-than', 0);
  h.run('SLOWLOG', 'RESET');
  return h;
}

function newest(h: FakeContext['harness']): unknown[] {
  return (h.run('SLOWLOG', 'GET', 1) as unknown[][])[0]!;
}

it('logs commands with their client, newest first', () => {
  const h = logging();
  h.client.name = 'me';
  h.run('SET', 'a', 'b');
  const [entry, before] = h.run('SLOWLOG', 'GET') as unknown[][];
  expect(entry?.slice(1)).toEqual([1_700_000_000, 0, ['SET', 'a', 'b'], '127.0.0.1:1', 'me']);
  expect(before?.[3]).toEqual(['SLOWLOG', 'RESET']);
  expect(entry?.[0]).toBe((before?.[0] as number) + 1);
});

it('logs commands that have waited, served or not, as they were sent', () => {
  const { harness: h } = new FakeContext([...listCommands, ...streamCommands]);
  const logged = (): unknown => (h.run('SLOWLOG', 'GET') as unknown[][]).map((entry) => entry[3]);
  h.run('CONFIG', 'SET', 'slowlog-log-slower-than', 0);
  const waiting = h.connect();
  waiting.send('BLPOP', 'l', '0');
  waiting.client.unblock?.(false);
  waiting.send('XREAD', 'BLOCK', '0', 'STREAMS', 'x', '$');
  waiting.client.unblock?.(true);
  expect(logged()).toEqual([
    ['XREAD', 'BLOCK', '0', 'STREAMS', 'x', '$'],
    ['BLPOP', 'l', '0'],
    ['CONFIG', 'SET', 'slowlog-log-slower-than', '0'],
  ]);
  h.run('SLOWLOG', 'RESET');
  waiting.send('XREAD', 'BLOCK', '0', 'STREAMS', 'x', '$');
  h.run('XADD', 'x', '1-1', 'a', 'b');
  expect(logged()).toContainEqual(['XREAD', 'BLOCK', '0', 'STREAMS', 'x', '$']);
});

it('logs nothing below the limit, and nothing at all below zero', () => {
  const { harness: h } = new FakeContext(stringCommands);
  h.run('SET', 'a', 'b');
  expect(h.run('SLOWLOG', 'LEN')).toBe(0);
  h.run('CONFIG', 'SET', 'slowlog-log-slower-than', -1);
  h.run('GET', 'a');
  expect(h.run('SLOWLOG', 'LEN')).toBe(0);
});

it('cuts long arguments and many of them', () => {
  const h = logging();
  h.run('SET', 'a', `${'x'.repeat(128)}yz`);
  expect(newest(h)[3]).toEqual(['SET', 'a', `${'x'.repeat(128)}... (2 more bytes)`]);
  const keys = Array.from({ length: 31 }, (_, i) => `k${i}`);
  h.run('MGET', ...keys);
  expect(newest(h)[3]).toEqual(['MGET', ...keys]);
  h.run('MGET', ...keys, 'last');
  expect(newest(h)[3]).toEqual(['MGET', ...keys.slice(0, 30), '... (2 more arguments)']);
});

it('keeps secrets', () => {
  const h = logging();
  h.run('CONFIG', 'SET', 'masterauth', 'secret', 'hz', 10);
  expect(newest(h)[3]).toEqual(['CONFIG', 'SET', 'masterauth', '(redacted)', 'hz', '10']);
  h.run('AUTH', 'user', 'secret');
  expect(newest(h)[3]).toEqual(['AUTH', '(redacted)', '(redacted)']);
  h.run('HELLO', 2, 'auth', 'user', 'secret', 'SETNAME', 'x');
  expect(newest(h)[3]).toEqual(['HELLO', '2', 'auth', '(redacted)', '(redacted)', 'SETNAME', 'x']);
});

it('keeps no more entries than it may', () => {
  const h = logging();
  for (let i = 0; i < 20; i++) h.run('GET', `k${i}`);
  expect(h.run('SLOWLOG', 'GET')).toHaveLength(10);
  expect(h.run('SLOWLOG', 'GET', -1)).toHaveLength(22);
  h.run('CONFIG', 'SET', 'slowlog-max-len', 3);
  expect(h.run('SLOWLOG', 'LEN')).toBe(3);
  h.run('CONFIG', 'SET', 'slowlog-max-len', 0);
  expect(h.run('SLOWLOG', 'LEN')).toBe(0);
});

it('refuses other counts', () => {
  const { harness: h } = new FakeContext();
  const wrong = { error: 'ERR count should be greater than or equal to -1' };
  expect(h.run('SLOWLOG', 'GET', -2)).toEqual(wrong);
  expect(h.run('SLOWLOG', 'GET', 'x')).toEqual(wrong);
  expect(h.run('SLOWLOG', 'GET', 1, 2)).toEqual({
    error: "ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.",
  });
});
