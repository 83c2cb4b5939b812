// The connection commands: a conversation with the real server line by line, then what needs more
// than one reply to show: the modes of CLIENT REPLY, and CLIENT PAUSE.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Harness } from '../../engine/testing/harness.ts';
import { play, readRecording } from '../../engine/testing/recorded.ts';
import { connectionCommands } from './index.ts';

/** Commands in order on one connection, with the answers of Redis 7.2.5. */
const CONVERSATION = new URL('./connection.recorded.txt', import.meta.url);
const PONG = 'PONG';
const NOTHING = undefined;

let h: Harness;

beforeEach(() => {
  h = new Harness(connectionCommands);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

it('answers as the real server did', () => {
  for (const line of readRecording(CONVERSATION)) {
    const { answered, recorded } = play(h, line);
    expect(answered, line).toEqual(recorded);
  }
});

describe('CLIENT REPLY', () => {
  it.each([
    [['SKIP'], [NOTHING, PONG]],
    [
      ['SKIP', 'SKIP'],
      [NOTHING, PONG],
    ],
    [['OFF'], [NOTHING, NOTHING]],
    [
      ['OFF', 'SKIP'],
      [NOTHING, NOTHING],
    ],
    [
      ['SKIP', 'OFF'],
      [NOTHING, NOTHING],
    ],
    [
      ['OFF', 'ON'],
      [PONG, PONG],
    ],
    [
      ['SKIP', 'ON'],
      [PONG, PONG],
    ],
  ] as const)('%j', (modes, expected) => {
    for (const mode of modes) h.run('CLIENT', 'REPLY', mode);
    expect([h.run('PING'), h.run('PING')]).toEqual(expected);
  });

  it('holds back errors too', () => {
    h.run('CLIENT', 'REPLY', 'SKIP');
    expect(h.run('nosuch')).toBe(NOTHING);
    expect(h.run('PING')).toBe(PONG);
  });

  it('is on again after RESET, whose own reply SKIP holds back and OFF does not', () => {
    h.run('CLIENT', 'REPLY', 'SKIP');
    expect(h.run('RESET')).toBe(NOTHING);
    expect(h.run('PING')).toBe(PONG);
    h.run('CLIENT', 'REPLY', 'OFF');
    expect(h.run('RESET')).toBe('RESET');
    expect(h.run('PING')).toBe(PONG);
  });
});

describe('CLIENT PAUSE', () => {
  afterEach(() => h.engine.pause.end());

  it('holds a command until it ends', () => {
    h.run('CLIENT', 'PAUSE', 100_000);
    expect(h.engine.pause.kind).toBe('all');
    expect(h.run('PING')).toBe(NOTHING);
    expect(h.client.hold).toBe('paused');
  });

  it('of no time ends nothing and begins nothing', () => {
    h.run('CLIENT', 'PAUSE', 0);
    expect(h.engine.pause.kind).toBeNull();
    const other = h.newClient(2);
    h.run('CLIENT', 'PAUSE', 100_000, 'WRITE');
    h.runAs(other, 'CLIENT', 'PAUSE', 0, 'WRITE');
    expect(h.engine.pause.kind).toBe('write');
    expect(h.engine.pause.untilMs).toBe(h.clock.ms + 100_000);
  });

  it('is never made shorter or milder by another', () => {
    h.engine.pause.start('all', h.clock.ms + 5000, h.clock.ms);
    h.engine.pause.start('write', h.clock.ms + 1000, h.clock.ms);
    expect(h.engine.pause.kind).toBe('all');
    expect(h.engine.pause.untilMs).toBe(h.clock.ms + 5000);
  });
});

describe('CLIENT KILL', () => {
  it('takes the last of a filter that is given twice, as Redis does', () => {
    const [first, second] = [h.connect(), h.connect()];
    const ids = [first, second].flatMap(({ client }) => ['ID', String(client.id)]);
    expect(h.run('CLIENT', 'KILL', ...ids)).toBe(1);
    expect([first.client.closing, second.client.closing]).toEqual([false, true]);
  });

  it('takes all filters together, and names of users to their end', () => {
    const { client } = h.connect();
    expect(h.run('CLIENT', 'KILL', 'ID', String(client.id), 'ADDR', '1.2.3.4:5')).toBe(0);
    expect(h.run('CLIENT', 'KILL', 'USER', 'default\0x', 'ID', '1')).toEqual({
      error: "ERR No such user 'default'",
    });
    expect(h.run('CLIENT', 'KILL', 'USER', 'default', 'ID', String(client.id))).toBe(1);
    expect(client.closing).toBe(true);
  });
});
