// maxmemory: what is refused, what is evicted, how long, and who is told.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { keyCommands } from '../commands/keys/index.ts';
import { listCommands } from '../commands/list/index.ts';
import { stringCommands } from '../commands/string/index.ts';
import { NOTIFY_EVICTED } from './call.ts';
import { evictionTimeMs } from './memory-limit.ts';
import { Harness } from './testing/harness.ts';

const OOM = { error: "OOM command not allowed when used memory > 'maxmemory'." };
let h: Harness;

beforeEach(() => {
  h = new Harness([...stringCommands, ...keyCommands, ...listCommands]);
});

afterEach(() => {
  expect(h.leaks()).toEqual([]);
});

function fill(count: number, bytes = 100): void {
  for (let i = 0; i < count; i++) h.run('SET', `key:${i}`, 'x'.repeat(bytes));
}

/** Sets the limit to what is in use now, and so many bytes more. */
function limitTo(policy: string, moreBytes: number): void {
  h.keyspace.eviction.setPolicy(policy);
  h.engine.memory.maxBytes = h.engine.memory.usedBytes + moreBytes;
}

it('noeviction: refuses commands that need memory, and no others', () => {
  fill(100);
  limitTo('noeviction', -1);
  expect(h.run('SET', 'a', 'b')).toEqual(OOM);
  expect(h.run('GET', 'key:1')).toBe('x'.repeat(100));
  expect(h.run('DEL', 'key:1')).toBe(1);
  expect(h.run('SET', 'a', 'b')).toBe('OK');
  expect(h.engine.memory.totalExceededMs).toBe(0);
});

it('allkeys: evicts before the command runs and stays below the limit', () => {
  fill(1000);
  limitTo('allkeys-lru', 0);
  const limit = h.engine.memory.maxBytes;
  for (let i = 0; i < 1000; i++) {
    expect(h.run('SET', `new:${i}`, 'y'.repeat(100))).toBe('OK');
    expect(h.engine.memory.usedBytes).toBeLessThan(limit + 1000);
  }
  expect(h.keyspace.eviction.evictedKeys).toBeGreaterThan(900);
});

it('volatile: refuses when no volatile key is left', () => {
  fill(100);
  h.run('SET', 'v', 'x'.repeat(500), 'EX', 100);
  limitTo('volatile-lru', -200);
  expect(h.run('SET', 'a', 'b')).toBe('OK');
  expect(h.run('EXISTS', 'v')).toBe(0);
  h.engine.memory.maxBytes -= 1000;
  expect(h.run('SET', 'a', 'b')).toEqual(OOM);
  expect(h.run('DBSIZE')).toMatchObject({ error: expect.stringContaining('unknown command') });
  expect(h.keyspace.keyCount).toBe(101);
});

it('tells the journal, watchers and listeners of notifications', () => {
  const told: string[] = [];
  const text = (key: Uint8Array, offset: number, length: number): string =>
    Buffer.from(key.subarray(offset, offset + length)).toString();
  h.engine.events.addWatchers({
    onChanged: (_, key, offset, length) => told.push(`changed ${text(key, offset, length)}`),
    onFlushed: () => {},
    onSwapping: () => {},
  });
  h.engine.settings.notifyMask = NOTIFY_EVICTED;
  h.engine.events.notifier = {
    publish: (_, event, db, key, offset, length) =>
      told.push(`${event} ${db.id} ${text(key, offset, length)}`),
  };
  h.run('SET', 'only', 'x'.repeat(100));
  told.length = 0;
  h.journal.length = 0;
  limitTo('allkeys-random', -50);
  h.run('GET', 'only');
  expect(h.journal).toEqual([[0, 'DEL', 'only']]);
  expect(told).toEqual(['changed only', 'evicted 0 only']);
  h.run('SET', 'only', 'x'.repeat(100));
  h.keyspace.eviction.isLazy = true;
  h.journal.length = 0;
  h.run('GET', 'only');
  expect(h.journal).toEqual([[0, 'UNLINK', 'only']]);
});

it('stops when the time is over, lets the command run, and goes on by itself', async () => {
  fill(1000);
  limitTo('allkeys-lru', 0);
  const { memory } = h.engine;
  memory.maxBytes = Math.floor(memory.maxBytes / 2);
  h.clock.monotonicMs = () => h.clock.ms++;
  expect(h.run('SET', 'a', 'b')).toBe('OK');
  expect(h.keyspace.eviction.evictedKeys).toBe(16);
  expect(memory.currentExceededMs).toBeGreaterThan(0);
  while (memory.isExceeded) await new Promise((resolve) => setImmediate(resolve));
  expect(h.keyspace.eviction.evictedKeys).toBeGreaterThan(400);
  h.run('GET', 'a');
  expect(memory.totalExceededMs).toBeGreaterThan(0);
});

it('tenacity gives the time', () => {
  expect([0, 1, 10].map(evictionTimeMs)).toEqual([0, 0.05, 0.5]);
  expect(evictionTimeMs(11)).toBeCloseTo(0.575, 9);
  expect(evictionTimeMs(99) / 60_000).toBeCloseTo(2.09, 1);
  expect(evictionTimeMs(100)).toBe(Number.POSITIVE_INFINITY);
});

it('frees what waits to be freed before it takes a key', () => {
  fill(100);
  const bytes = h.engine.memory.usedBytes;
  for (let i = 0; i < 2000; i++) h.run('RPUSH', 'big', 'x'.repeat(500));
  h.run('UNLINK', 'big');
  expect(h.keyspace.lazyFree.pendingObjects).toBe(1);
  h.keyspace.eviction.setPolicy('allkeys-lru');
  h.engine.memory.tenacity = 100;
  h.engine.memory.maxBytes = bytes + 1000;
  h.run('GET', 'key:1');
  expect(h.keyspace.eviction.evictedKeys).toBe(0);
  expect(h.engine.memory.isExceeded).toBe(false);
});

it('does not evict while writes are paused, and accepts commands then', () => {
  fill(100);
  limitTo('allkeys-lru', -1000);
  h.engine.pause.start('write', h.clock.ms + 1000, h.clock.ms);
  expect(h.run('GET', 'key:1')).toBe('x'.repeat(100));
  expect(h.keyspace.eviction.evictedKeys).toBe(0);
  h.engine.pause.end();
  h.run('GET', 'key:1');
  expect(h.keyspace.eviction.evictedKeys).toBeGreaterThan(0);
});

it('does not count what grows by evicting', () => {
  let buffered = 0;
  h.engine.memory.sources.push({
    name: 'aof.buffer',
    usedBytes: () => buffered,
    countsForEviction: false,
  });
  h.run('SET', 'a', 'b');
  limitTo('allkeys-lru', 100);
  buffered = 1_000_000;
  expect(h.run('GET', 'a')).toBe('b');
  expect(h.engine.memory.notCountedBytes).toBe(1_000_000);
  h.engine.memory.sources[0] = {
    name: 'scripts',
    usedBytes: () => buffered,
    countsForEviction: true,
  };
  expect(h.run('GET', 'a')).toBeNull();
  expect(h.run('SET', 'a', 'b')).toEqual(OOM);
});

it('a table does not grow past the limit while its chains are short', () => {
  fill(4096, 1);
  while (h.keyspace.databases[0]!.dict.rehashBuckets(100));
  limitTo('allkeys-random', 10 * 1024);
  for (let i = 0; i < 20; i++) h.run('SET', `more:${i}`, 'x');
  expect(h.keyspace.keyCount).toBe(4116);
  expect(h.keyspace.databases[0]!.dict.bucketCount).toBe(4096);
  h.engine.memory.maxBytes = 0;
  h.run('SET', 'one', 'more');
  expect(h.keyspace.databases[0]!.dict.bucketCount).toBe(4096 + 8192);
});

it('tells how long evictions took', () => {
  const events: string[] = [];
  h.engine.memory.onLatency = (event) => events.push(event);
  fill(10);
  limitTo('allkeys-lru', -50);
  h.run('GET', 'a');
  expect(events).toEqual(['eviction-del', 'eviction-cycle']);
});
