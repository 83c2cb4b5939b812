// Eviction: the pool, and which key each policy lets go.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../runtime/random.ts';
import type { Database } from './database.ts';
import { EvictionPool, POOL_SIZE } from './eviction-pool.ts';
import { Keyspace } from './keyspace.ts';

const MINUTE_MS = 60_000;
let keyspace: Keyspace;
let evicted: string[];
let lazily: boolean[];

beforeEach(() => {
  const random = seededRandom(3);
  keyspace = new Keyspace({
    databases: 4,
    seed: { low: 1, high: 2 },
    randomBelow: (bound) => random.below(bound),
    arena: { debug: true },
  });
  keyspace.setNow(1_700_000_000_000);
  evicted = [];
  lazily = [];
  keyspace.listener = {
    onExpired: () => {},
    onEvicted: (db, key, offset, length, lazy) => {
      evicted.push(`${db.id}:${Buffer.from(key.subarray(offset, offset + length)).toString()}`);
      lazily.push(lazy);
    },
    onFieldsExpired: () => {},
    onNewKey: () => {},
    onDeleted: () => {},
    onSwapped: () => {},
    onFlushed: () => {},
  };
});

afterEach(() => {
  keyspace.destroy();
  expect(keyspace.arena.leaks()).toEqual([]);
});

function set(db: Database, name: string, expiryMs = -1): number {
  const key = Buffer.from(name);
  const ref = db.setString(db.lookup(key, 0, key.length), key, 0, key.length, key, 0, 1, false);
  if (expiryMs < 0) return ref;
  db.lookup(key, 0, key.length);
  return db.setExpiryFound(ref, expiryMs);
}

function use(db: Database, name: string): void {
  const key = Buffer.from(name);
  db.touch(db.lookup(key, 0, key.length));
}

function evictAll(): void {
  while (keyspace.eviction.evictOne());
}

describe('the pool', () => {
  it('keeps the best sixteen and gives the best first', () => {
    const pool = new EvictionPool();
    const random = seededRandom(9);
    const scores = Array.from({ length: 300 }, () => random.below(1000));
    for (const score of scores) {
      const key = Buffer.from(`key-${score}`);
      if (pool.wants(score)) pool.offer(score, score % 16, key, 0, key.length);
    }
    const best = [...scores].sort((a, b) => b - a).slice(0, POOL_SIZE);
    const taken: number[] = [];
    for (let one = pool.takeBest(); one !== null; one = pool.takeBest()) {
      expect(Buffer.from(one.key.subarray(0, one.keyLength)).toString()).toBe(`key-${one.score}`);
      expect(one.databaseId).toBe(one.score % 16);
      taken.push(one.score);
    }
    expect(taken).toEqual(best);
  });

  it('takes long keys whole', () => {
    const pool = new EvictionPool();
    const key = Buffer.alloc(1000, 'k');
    pool.offer(1, 0, key, 0, 1000);
    expect(pool.takeBest()!.keyLength).toBe(1000);
    pool.offer(1, 0, key, 0, 10);
    expect(Buffer.from(pool.takeBest()!.key.subarray(0, 10)).toString()).toBe('k'.repeat(10));
  });
});

describe('policies', () => {
  it('noeviction lets nothing go', () => {
    set(keyspace.databases[0]!, 'a');
    expect(keyspace.eviction.evictOne()).toBe(false);
    keyspace.eviction.setPolicy('volatile-lru');
    expect(keyspace.eviction.evictOne()).toBe(false);
    expect(keyspace.eviction.evictedKeys).toBe(0);
  });

  it('allkeys-lru: the longest unused first, over all databases', () => {
    const { databases, eviction } = keyspace;
    eviction.setPolicy('allkeys-lru');
    eviction.sampleCount = 64;
    for (let i = 0; i < 12; i++) {
      keyspace.setNow(keyspace.nowMs + 5000);
      set(databases[i % 3]!, `k${i}`);
    }
    keyspace.setNow(keyspace.nowMs + 5000);
    use(databases[0]!, 'k0');
    evictAll();
    const order = Array.from({ length: 11 }, (_, i) => `${(i + 1) % 3}:k${i + 1}`);
    expect(evicted).toEqual([...order, '0:k0']);
    expect(eviction.evictedKeys).toBe(12);
  });

  it('a candidate that was used while it waited in the pool is passed over', () => {
    const { databases, eviction } = keyspace;
    eviction.setPolicy('allkeys-lru');
    eviction.sampleCount = 64;
    for (const name of ['old', 'older', 'new']) {
      keyspace.setNow(keyspace.nowMs + (name === 'old' ? 2000 : 1000));
      set(databases[0]!, name);
    }
    keyspace.setNow(keyspace.nowMs + 10_000);
    expect(eviction.evictOne()).toBe(true);
    use(databases[0]!, 'older');
    expect(eviction.evictOne()).toBe(true);
    expect(evicted).toEqual(['0:old', '0:new']);
  });

  it('allkeys-lfu: the least often used first', () => {
    const { databases, eviction } = keyspace;
    keyspace.usesLfu = true;
    keyspace.setNow(keyspace.nowMs + 1);
    eviction.setPolicy('allkeys-lfu');
    eviction.sampleCount = 64;
    for (const name of ['often', 'seldom', 'never']) set(databases[1]!, name);
    for (let i = 0; i < 2000; i++) use(databases[1]!, 'often');
    for (let i = 0; i < 20; i++) use(databases[1]!, 'seldom');
    evictAll();
    expect(evicted).toEqual(['1:never', '1:seldom', '1:often']);
  });

  it('LFU counts less as time passes', () => {
    const { databases, eviction } = keyspace;
    keyspace.usesLfu = true;
    keyspace.setNow(keyspace.nowMs + 1);
    eviction.setPolicy('allkeys-lfu');
    eviction.sampleCount = 64;
    set(databases[0]!, 'once-loved');
    for (let i = 0; i < 2000; i++) use(databases[0]!, 'once-loved');
    keyspace.setNow(keyspace.nowMs + 100 * MINUTE_MS);
    set(databases[0]!, 'new');
    evictAll();
    expect(evicted).toEqual(['0:once-loved', '0:new']);
  });

  it('volatile-ttl: the soonest to expire first, and nothing that stays', () => {
    const { databases, eviction, nowMs } = keyspace;
    eviction.setPolicy('volatile-ttl');
    for (let i = 0; i < 10; i++) set(databases[i & 1]!, `t${i}`, nowMs + 1000 * ((i * 7) % 10) + 1);
    set(databases[0]!, 'stays');
    evictAll();
    const order = Array.from({ length: 10 }, (_, due) => (due * 3) % 10);
    expect(evicted).toEqual(order.map((i) => `${i & 1}:t${i}`));
    expect(keyspace.keyCount).toBe(1);
  });

  for (const policy of ['volatile-lru', 'volatile-lfu', 'volatile-random']) {
    it(`${policy}: only keys that expire`, () => {
      const { databases, eviction, nowMs } = keyspace;
      eviction.setPolicy(policy);
      for (let i = 0; i < 50; i++) {
        set(databases[i & 3]!, `v${i}`, nowMs + 1_000_000);
        set(databases[i & 3]!, `p${i}`);
      }
      evictAll();
      expect(evicted.length).toBe(50);
      expect(evicted.every((name) => name.includes(':v'))).toBe(true);
      expect(keyspace.keyCount).toBe(50);
    });
  }

  it('allkeys-random: every key in the end, of each database in turn', () => {
    const { databases, eviction } = keyspace;
    eviction.setPolicy('allkeys-random');
    for (let i = 0; i < 40; i++) set(databases[i & 3]!, `r${i}`);
    for (let i = 0; i < 8; i++) eviction.evictOne();
    expect(databases.map((db) => db.dict.count)).toEqual([8, 8, 8, 8]);
    evictAll();
    expect(keyspace.keyCount).toBe(0);
  });

  it('tells whether large values are freed later', () => {
    const { databases, eviction } = keyspace;
    eviction.setPolicy('allkeys-lru');
    set(databases[0]!, 'a');
    set(databases[0]!, 'b');
    eviction.evictOne();
    eviction.isLazy = true;
    eviction.evictOne();
    expect(lazily).toEqual([false, true]);
  });
});
