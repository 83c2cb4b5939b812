// The commands of sorted sets: a conversation with the real server line by line, then what no reply
// shows: encodings, what is told to replicas and the AOF, keyspace events, who is served first, and
// that chance is fair and a walk complete.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHI_SQUARE_19, chiSquare } from '../../engine/testing/chance.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { play, readRecording } from '../../engine/testing/recorded.ts';
import { encodingOf } from '../../structures/entry.ts';
import { stringCommands } from '../string/index.ts';
import { transactionCommands } from '../transactions/index.ts';
import { sortedSetCommands } from './index.ts';

/** Commands in order on one keyspace, with the answers of Redis 7.2.5 on x86-64. */
const CONVERSATION = new URL('./sorted-set.recorded.txt', import.meta.url);
const LISTPACK = 11;
const SKIPLIST = 7;

let h: Harness;

beforeEach(() => {
  h = new Harness(sortedSetCommands);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

function encodingAt(key: string): number {
  const bytes = Buffer.from(key);
  return encodingOf(h.keyspace.arena, h.keyspace.databases[0]?.lookup(bytes, 0, bytes.length) ?? 0);
}

/** Adds members m0, m1, ... with their numbers as scores. */
function fill(key: string, count: number): void {
  for (let i = 0; i < count; i++) h.run('ZADD', key, i, `m${i}`);
}

it('answers as the real server did', () => {
  for (const line of readRecording(CONVERSATION)) {
    const { answered, recorded } = play(h, line);
    expect(answered, line).toEqual(recorded);
  }
});

it('answers in pairs and doubles to RESP3', () => {
  h.client.resp3 = true;
  h.run('ZADD', 'z', 1, 'a', 2.5, 'b');
  const pairs = [
    ['a', { double: '1' }],
    ['b', { double: '2.5' }],
  ];
  expect(h.run('ZRANGE', 'z', 0, -1, 'WITHSCORES')).toEqual(pairs);
  expect(h.run('ZUNION', 1, 'z', 'WITHSCORES')).toEqual(pairs);
  expect(h.run('ZRANDMEMBER', 'z', 2, 'WITHSCORES')).toEqual([...pairs].reverse());
  expect(h.run('ZSCORE', 'z', 'b')).toEqual({ double: '2.5' });
  expect(h.run('ZPOPMIN', 'z', 1)).toEqual([pairs[0]]);
  expect(h.run('ZPOPMIN', 'z')).toEqual(pairs[1]);
});

describe('encodings', () => {
  it('follow the limits, the number of pairs and the length of members', () => {
    h.keyspace.values.limits.zsetMaxListpackEntries = 4;
    h.run('ZADD', 'a', 1, 'a', 2, 'b');
    expect(encodingAt('a')).toBe(LISTPACK);
    h.run('ZADD', 'a', 1, 'a', 1, 'a', 1, 'a', 1, 'a', 1, 'a');
    expect(encodingAt('a')).toBe(SKIPLIST);
    h.run('ZADD', 'b', 1, 'x'.repeat(65));
    expect(encodingAt('b')).toBe(SKIPLIST);
    h.run('ZADD', 'c', 1, 'a', 2, 'b', 3, 'c', 4, 'd');
    h.run('ZINCRBY', 'c', 1, 'e');
    expect(encodingAt('c')).toBe(SKIPLIST);
    h.run('ZREM', 'c', 'a', 'b');
    expect(encodingAt('c')).toBe(SKIPLIST);
    h.run('ZUNIONSTORE', 'd', 1, 'c');
    h.run('ZRANGESTORE', 'e', 'c', 0, -1);
    expect([encodingAt('d'), encodingAt('e')]).toEqual([LISTPACK, LISTPACK]);
    h.run('ZUNIONSTORE', 'd', 2, 'c', 'b');
    expect(encodingAt('d')).toBe(SKIPLIST);
  });

  it('are chosen in the order of the range: a listpack forgets the sign of -0', () => {
    h.keyspace.values.limits.zsetMaxListpackEntries = 0;
    h.run('ZADD', 'src', '-0', '', '-0', 'aa');
    h.keyspace.values.limits.zsetMaxListpackEntries = 128;
    h.keyspace.values.limits.zsetMaxListpackValue = 1;
    h.run('ZRANGESTORE', 'forward', 'src', 0, -1);
    h.run('ZRANGESTORE', 'reverse', 'src', 0, -1, 'REV');
    expect(h.run('ZSCORE', 'forward', '')).toBe('0');
    h.keyspace.values.limits.zsetMaxListpackEntries = 1;
    h.run('ZRANGESTORE', 'ranks', 'src', 0, -1);
    h.run('ZRANGESTORE', 'scores', 'src', 0, 0, 'BYSCORE');
    const scores = (key: string): unknown => h.run('ZMSCORE', key, '', 'aa');
    expect([scores('ranks'), scores('scores')]).toEqual([
      ['-0', '-0'],
      ['0', '-0'],
    ]);
    expect(h.run('ZSCORE', 'reverse', '')).toBe('-0');
  });
});

describe('what replicas and the AOF are told', () => {
  const told = (): unknown[][] => h.journal.splice(0).map((line) => line.slice(1));

  it('is the command, or the plain one in the place of those that wait or choose', () => {
    h.run('ZADD', 'z', 'INCR', 1, 'a');
    h.run('ZADD', 'z', 2, 'b', 3, 'c', 4, 'd', 5, 'e');
    told();
    h.run('ZADD', 'z', 2, 'b');
    h.run('ZREM', 'z', 'nobody');
    h.run('ZPOPMIN', 'nokey');
    expect(told()).toEqual([]);
    h.run('ZPOPMAX', 'z');
    h.run('ZMPOP', 2, 'nokey', 'z', 'MIN', 'COUNT', 2);
    h.run('BZPOPMIN', 'nokey', 'z', 0);
    h.run('BZMPOP', 0, 1, 'z', 'MAX', 'COUNT', 9);
    expect(told()).toEqual([
      ['ZPOPMAX', 'z'],
      ['ZPOPMIN', 'z', '2'],
      ['ZPOPMIN', 'z'],
      ['ZPOPMAX', 'z', '1'],
    ]);
  });
});

describe('keyspace events', () => {
  it.each([
    [['ZADD', 'z', 1, 'a', 2, 'b'], ['zadd']],
    [['ZADD', 'old', 'CH', 1, 'm'], []],
    [['ZADD', 'old', 'INCR', 1, 'm'], ['zincr']],
    [['ZINCRBY', 'old', 1, 'm'], ['zincr']],
    [
      ['ZREM', 'old', 'm', 'n'],
      ['zrem', 'del'],
    ],
    [['ZREM', 'old', 'm'], ['zrem']],
    [['ZPOPMIN', 'old', 1], ['zpopmin']],
    [
      ['ZPOPMAX', 'old', 2],
      ['zpopmax', 'del'],
    ],
    [
      ['ZREMRANGEBYRANK', 'old', 0, -1],
      ['zremrangebyrank', 'del'],
    ],
    [['ZREMRANGEBYSCORE', 'old', 0, 1], ['zremrangebyscore']],
    [['ZREMRANGEBYLEX', 'old', '-', '[m'], ['zremrangebylex']],
    [['ZUNIONSTORE', 'old', 1, 'old'], ['zunionstore']],
    [['ZINTERSTORE', 'old', 1, 'nokey'], ['del']],
    [['ZDIFFSTORE', 'z', 1, 'nokey'], []],
    [['ZRANGESTORE', 'z', 'old', 0, 0], ['zrangestore']],
    [['ZRANGESTORE', 'old', 'old', 5, 6], ['del']],
  ] as const)('of %j are %j', (command, expected) => {
    h.run('ZADD', 'old', 1, 'm', 2, 'n');
    const events: string[] = [];
    h.engine.settings.notifyMask = -1;
    h.engine.events.notifier = {
      publish: (_class, event) => {
        if (event !== 'new' && event !== 'keymiss') events.push(event);
      },
    };
    h.run(...command);
    expect(events).toEqual(expected);
  });
});

describe('waiting', () => {
  it('serves who came first, again when a member is left, and tells the keys apart', () => {
    const [a, b, c] = [h.connect(), h.connect(), h.connect()];
    a.send('BZPOPMIN', 'x', 'z', 0);
    b.send('BZMPOP', 0, 2, 'y', 'z', 'MAX', 'COUNT', 2);
    c.send('BZPOPMAX', 'z', 0);
    h.run('ZADD', 'z', 1, 'one', 2, 'two', 3, 'three');
    expect(a.replies).toEqual([['z', 'one', '1']]);
    expect(b.replies).toEqual([
      [
        'z',
        [
          ['three', '3'],
          ['two', '2'],
        ],
      ],
    ]);
    expect(c.replies).toEqual([]);
    h.run('ZUNIONSTORE', 'z', 1, 'nokey');
    h.run('ZADD', 'src', 9, 'nine');
    h.run('ZRANGESTORE', 'z', 'src', 0, -1);
    expect(c.replies).toEqual([['z', 'nine', '9']]);
    expect(h.run('ZCARD', 'z')).toBe(0);
    h.run('ZPOPMIN', 'src');
  });

  // As redis-server 7.0.15 and 7.2.5: only a key that was not there wakes those who wait for it.
  it('goes on where a value of another type was, until the key comes anew', () => {
    h = new Harness([...sortedSetCommands, ...stringCommands]);
    const a = h.connect();
    a.send('BZPOPMIN', 'z', 0);
    h.run('SET', 'z', 'text');
    h.run('ZADD', 'src', 9, 'nine');
    expect(h.run('ZRANGESTORE', 'z', 'src', 0, -1)).toBe(1);
    expect([a.replies, h.run('ZCARD', 'z')]).toEqual([[], 1]);
    h.run('ZPOPMIN', 'z');
    h.run('ZADD', 'z', 1, 'one');
    expect(a.replies).toEqual([['z', 'one', '1']]);
  });

  // As redis-server 7.0.15 and 7.2.5: nobody waits for a string, and what replaces it wakes nobody.
  it('goes on where a new key was a string first', () => {
    h = new Harness([...sortedSetCommands, ...stringCommands, ...transactionCommands]);
    const a = h.connect();
    a.send('BZPOPMIN', 'z', 0);
    h.run('ZADD', 'src', 9, 'nine');
    h.run('MULTI');
    h.run('SET', 'z', 'text');
    h.run('ZRANGESTORE', 'z', 'src', 0, -1);
    h.run('EXEC');
    expect([a.replies, h.run('ZCARD', 'z')]).toEqual([[], 1]);
  });
});

describe('chance', () => {
  it.each([
    [1000, [1], 'one at a time'],
    [500, [-4], 'four, each from all'],
    [500, [4], 'four different'],
    [300, [12], 'twelve different of twenty'],
  ] as const)('is the same for all members, %i times %j: %s', (times, count, _how) => {
    for (const limit of [128, 0]) {
      h.keyspace.values.limits.zsetMaxListpackEntries = limit;
      fill(`z${limit}`, 20);
      const seen: number[] = new Array(20).fill(0);
      for (let i = 0; i < times; i++) {
        const members = h.run('ZRANDMEMBER', `z${limit}`, ...count);
        if (!Array.isArray(members)) throw new Error('no members');
        expect(members.length).toBe(Math.abs(count[0]));
        if (count[0] > 0) expect(new Set(members).size).toBe(members.length);
        for (const member of members) {
          const n = Number(String(member).slice(1));
          seen[n] = (seen[n] ?? 0) + 1;
        }
      }
      expect(chiSquare(seen, (times * Math.abs(count[0])) / 20)).toBeLessThan(CHI_SQUARE_19);
      h.run('ZREMRANGEBYRANK', `z${limit}`, 0, -1);
    }
  });
});

describe('ZSCAN', () => {
  it('returns every member that stays while the set grows, shrinks, changes its encoding', () => {
    fill('z', 300);
    const seen = new Set<unknown>();
    let cursor = '0';
    let others = 0;
    do {
      const reply = h.run('ZSCAN', 'z', cursor, 'COUNT', 5);
      if (!Array.isArray(reply) || !Array.isArray(reply[1])) throw new Error('no walk');
      cursor = String(reply[0]);
      for (let i = 0; i < reply[1].length; i += 2) seen.add(reply[1][i]);
      if (others < 600) {
        for (let i = 0; i < 40; i++) h.run('ZADD', 'z', 1, `other${others++}`);
      } else for (let i = 0; i < 600; i++) h.run('ZREM', 'z', `other${i}`);
    } while (cursor !== '0');
    for (let i = 0; i < 300; i++) expect(seen.has(`m${i}`)).toBe(true);
  });
});
