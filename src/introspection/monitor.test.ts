// MONITOR in process: which commands a client sees, in which order, and how they are written. The
// suite's unit/introspection compares with what Redis's own tests expect.

import { beforeEach, expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import type { ConnectedClient } from '../engine/testing/harness.ts';
import { FakeContext } from './testing/fake-context.ts';

let context: FakeContext;
let monitor: ConnectedClient;

beforeEach(() => {
  context = new FakeContext(coreCommands);
  monitor = context.harness.connect();
  monitor.send('MONITOR');
});

/** What was shown since the last call, without the moment. */
function shown(): string[] {
  const lines = monitor.replies.splice(0).map(String);
  return lines.map((line) => line.replace(/^\d+\.\d{6} /, ''));
}

it('shows commands after they ran, not those of administrators', () => {
  const h = context.harness;
  expect(shown()).toEqual(['OK']);
  h.run('set', 'a', 'b"\\\n\x01\xff\x07\b\t\r ~\x7f');
  h.run('CONFIG', 'GET', 'port');
  h.run('SELECT', 3);
  h.run('GET', 'nosuch', 'many');
  expect(shown()).toEqual([
    '[0 127.0.0.1:1] "set" "a" "b\\"\\\\\\n\\x01\\xff\\a\\b\\t\\r ~\\x7f"',
    '[3 127.0.0.1:1] "SELECT" "3"',
  ]);
});

it('writes the moment in seconds and microseconds', () => {
  monitor.replies.length = 0;
  context.harness.clock.ms = 1_700_000_000_123;
  context.harness.run('PING');
  expect(monitor.replies).toEqual(['1700000000.123000 [0 127.0.0.1:1] "PING"']);
});

it('shows the commands of a transaction when they run, and EXEC behind them', () => {
  const h = context.harness;
  shown();
  for (const line of ['MULTI', 'SET a 1', 'GET a']) h.run(...line.split(' '));
  expect(shown()).toEqual(['[0 127.0.0.1:1] "MULTI"']);
  h.run('EXEC');
  expect(shown()).toEqual(
    ['"SET" "a" "1"', '"GET" "a"', '"EXEC"'].map((line) => `[0 127.0.0.1:1] ${line}`),
  );
});

it('shows a client that waited once', () => {
  const h = context.harness;
  const waiting = h.connect();
  shown();
  waiting.send('BLPOP', 'l', '0');
  h.run('RPUSH', 'l', 'x');
  expect(waiting.replies).toEqual([['l', 'x']]);
  expect(shown().map((line) => line.split('] ')[1])).toEqual([
    '"BLPOP" "l" "0"',
    '"RPUSH" "l" "x"',
  ]);
});

it('blacks secrets out', () => {
  shown();
  context.harness.run('AUTH', 'user', 'password');
  context.harness.run('HELLO', '3', 'AUTH', 'user', 'password');
  expect(shown().map((line) => line.split('] ')[1])).toEqual([
    '"AUTH" "(redacted)" "(redacted)"',
    '"HELLO" "3" "AUTH" "(redacted)" "(redacted)"',
  ]);
});

it('may not touch data, shows its own commands behind their replies, and ends with RESET', () => {
  shown();
  monitor.send('GET', 'a');
  monitor.send('PING');
  monitor.send('MONITOR');
  expect(shown()).toEqual(['[object Object]', 'PONG', '[0 127.0.0.1:1] "PING"']);
  expect(context.engine.feed).not.toBeNull();
  monitor.send('RESET');
  context.harness.run('PING');
  expect(shown()).toEqual(['RESET']);
  expect(context.engine.feed).toBeNull();
});

it('is refused inside a transaction', () => {
  const h = context.harness;
  h.run('MULTI');
  h.run('MONITOR');
  expect(h.run('EXEC')).toEqual([{ error: "ERR MONITOR isn't allowed for DENY BLOCKING client" }]);
});
