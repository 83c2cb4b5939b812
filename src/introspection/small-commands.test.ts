// TIME, SHUTDOWN and LOLWUT.

import { expect, it } from 'vitest';
import { coreCommands } from '../commands/index.ts';
import { Harness } from '../engine/testing/harness.ts';
import { drawAutomaton } from './lolwut.ts';
import { timeCommand } from './small-commands.ts';
import { FakeContext } from './testing/fake-context.ts';

it('tells the time in seconds and microseconds', () => {
  const { harness: h } = new FakeContext();
  h.clock.advance(7);
  expect(h.run('TIME')).toEqual(['1700000000', '7000']);
});

it('tells one time inside MULTI, and another in the next', () => {
  const h = new Harness([...coreCommands, timeCommand(new FakeContext())]);
  let usec = h.clock.nowUsec();
  h.clock.nowUsec = () => (usec += 3);
  const transaction = (): unknown => {
    for (const command of ['MULTI', 'TIME', 'TIME']) h.run(command);
    return h.run('EXEC');
  };
  expect([transaction(), transaction()]).toEqual([
    [
      ['1700000000', '3'],
      ['1700000000', '3'],
    ],
    [
      ['1700000000', '6'],
      ['1700000000', '6'],
    ],
  ]);
  // The other commands have not seen the next millisecond yet.
  usec += 5000;
  expect(transaction()).toEqual([
    ['1700000000', '999'],
    ['1700000000', '999'],
  ]);
});

it('shuts down without a reply, and runs nothing behind', () => {
  const context = new FakeContext();
  expect(context.harness.run('SHUTDOWN', 'nosave', 'NOW', 'force')).toBeUndefined();
  expect(context.shutdowns).toEqual([{ save: 'nosave', now: true, force: true }]);
  expect(context.harness.client.hold).toBe('blocked');
});

it('says when it cannot shut down', () => {
  const context = new FakeContext();
  context.refusal = 'disk full';
  expect(context.harness.run('SHUTDOWN', 'SAVE')).toEqual({
    error: 'ERR Errors trying to SHUTDOWN. Check logs.',
  });
  expect(context.shutdowns).toEqual([{ save: 'save', now: false, force: false }]);
});

it('does not end the server for a client that may not wait, as that of an append-only file', () => {
  const context = new FakeContext();
  const { harness: h } = context;
  h.client.mayBlock = false;
  const refused = {
    error: "ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client",
  };
  for (const modifiers of [[], ['NOSAVE'], ['SAVE', 'FORCE']]) {
    expect(h.run('SHUTDOWN', ...modifiers)).toEqual(refused);
  }
  expect(context.shutdowns).toEqual([]);
  h.run('SHUTDOWN', 'NOSAVE', 'NOW');
  expect(context.shutdowns).toEqual([{ save: 'nosave', now: true, force: false }]);
});

it('refuses modifiers that exclude each other', () => {
  const context = new FakeContext();
  const { harness: h } = context;
  const syntax = { error: 'ERR syntax error' };
  expect(h.run('SHUTDOWN', 'SAVE', 'NOSAVE')).toEqual(syntax);
  expect(h.run('SHUTDOWN', 'ABORT', 'NOW')).toEqual(syntax);
  expect(h.run('SHUTDOWN', 'x')).toEqual(syntax);
  expect(h.run('SHUTDOWN', 'ABORT')).toEqual({ error: 'ERR No shutdown in progress.' });
  expect(context.shutdowns).toEqual([]);
});

it('draws a picture and ends with the version', () => {
  const { harness: h } = new FakeContext();
  expect(h.run('LOLWUT')).toMatch(/#[\s\S]*\n\nRedis ver\. 7\.2\.5\n$/);
  expect(h.run('LOLWUT', 'VERSION', 5, 9, 2, 90)).toBe('    #\n   # #\n\nRedis ver. 7.2.5\n');
  expect(h.run('LOLWUT', 'VERSION', 'x')).toEqual({
    error: 'ERR value is not an integer or out of range',
  });
  expect(drawAutomaton(90, 7, 3)).toBe('   #\n  # #\n #   #\n');
});
