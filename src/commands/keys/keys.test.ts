// The commands about keys and databases: a conversation with the real server line by line, then
// times that a double holds only nearly.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { CHI_SQUARE_19, chiSquare, countDraws } from '../../engine/testing/chance.ts';
import { Harness } from '../../engine/testing/harness.ts';
import { play, readRecording } from '../../engine/testing/recorded.ts';
import { databaseCommands } from '../database/index.ts';
import { stringCommands } from '../string/index.ts';
import { keyCommands } from './index.ts';

/** Commands in order on one keyspace, with the answers of Redis 7.2.5. */
const CONVERSATION = new URL('./keys.recorded.txt', import.meta.url);
const INT64_MAX = '9223372036854775807';

let h: Harness;

beforeEach(() => {
  h = new Harness([...stringCommands, ...keyCommands, ...databaseCommands]);
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

it('tells times beyond 2^53 ms nearly, and never past 64 bits', () => {
  h.run('SET', 'k', 'v');
  h.run('PEXPIREAT', 'k', INT64_MAX);
  expect(h.journal.at(-1)).toEqual([0, 'PEXPIREAT', 'k', INT64_MAX]);
  const left = BigInt(INT64_MAX) - BigInt(h.clock.ms);
  const shown = BigInt(String(h.run('PTTL', 'k')));
  expect(Number(shown - left)).toBeGreaterThan(-1024);
  expect(Number(shown - left)).toBeLessThan(1024);
});

it('RANDOMKEY draws each key as often as any other, with a table that grows or is sparse', () => {
  const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
  h.run('MSET', ...names.flatMap((name) => [name, 'v']));
  const draw = (): string[] => [h.run('RANDOMKEY') as string];
  expect(chiSquare(countDraws(names, 4000, draw).values(), 200)).toBeLessThan(CHI_SQUARE_19);
  for (let i = 0; i < 500; i++) h.run('SET', `x${i}`, 'v', 'PX', 5);
  h.clock.advance(10);
  expect(chiSquare(countDraws(names, 4000, draw).values(), 200)).toBeLessThan(CHI_SQUARE_19);
  expect(h.run('DBSIZE')).toBeLessThan(520);
});

it('SCAN by type counts its keys as looked up', () => {
  h.run('MSET', 'a', 1, 'b', 2);
  for (const words of [[], ['TYPE', 'string'], ['TYPE', 'list'], ['TYPE', 'nosuch']]) {
    h.run('SCAN', 0, ...words);
  }
  expect([h.keyspace.hits, h.keyspace.misses]).toEqual([6, 0]);
});

it('OBJECT counts its key as looked up', () => {
  h.run('SET', 'a', 1);
  for (const key of ['a', 'none']) {
    for (const word of ['ENCODING', 'IDLETIME', 'REFCOUNT']) h.run('OBJECT', word, key);
  }
  expect([h.keyspace.hits, h.keyspace.misses]).toEqual([3, 3]);
});

it('SCAN tells the journal of the keys whose time it finds gone', () => {
  h.run('SET', 'gone', 'v', 'PX', 10);
  h.run('SET', 'stays', 'v', 'PX', 100);
  h.clock.advance(50);
  h.journal.length = 0;
  expect(h.run('SCAN', '0')).toEqual(['0', ['stays']]);
  expect(h.journal).toEqual([[0, 'DEL', 'gone']]);
});

it('OBJECT REFCOUNT: small integers are shared, but not where the use of keys is told apart', () => {
  h.run('SET', 'a', 1);
  expect(h.run('OBJECT', 'REFCOUNT', 'a')).toBe(2147483647);
  h.keyspace.eviction.setPolicy('allkeys-lru');
  expect(h.run('OBJECT', 'REFCOUNT', 'a')).toBe(2147483647);
  h.engine.memory.maxBytes = 2 ** 30;
  expect(h.run('OBJECT', 'REFCOUNT', 'a')).toBe(1);
  h.keyspace.eviction.setPolicy('allkeys-random');
  expect(h.run('OBJECT', 'REFCOUNT', 'a')).toBe(2147483647);
});

it('the counter of LFU stays in the place of another value, and begins anew in a copy', () => {
  // Recorded from redis-server 7.0.15 with lfu-log-factor 0.
  const { keyspace, clock } = h;
  keyspace.usesLfu = true;
  keyspace.lfu.logFactor = 0;
  keyspace.setNow(clock.ms);
  const frequency = (key: string): unknown => h.run('OBJECT', 'FREQ', key);
  h.run('SET', 'k', 'v');
  for (let i = 0; i < 3; i++) h.run('GET', 'k');
  expect(frequency('k')).toBe(8);
  h.run('SET', 'k', 'w');
  expect(frequency('k')).toBe(9);
  h.run('SET', 'k', 'w'.repeat(5000));
  expect(frequency('k')).toBe(10);
  h.run('APPEND', 'k', 'w'.repeat(9000));
  expect(frequency('k')).toBe(11);
  h.run('COPY', 'k', 'copy');
  expect([frequency('k'), frequency('copy')]).toEqual([12, 5]);
  h.run('RENAME', 'k', 'other');
  expect(frequency('other')).toBe(13);
});
