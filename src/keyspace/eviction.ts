// Eviction: which key goes when the memory is at its limit. LRU and LFU are approximated as in
// Redis: a few keys of each database are sampled for every key that goes, and the best of all that
// were met wait in a pool. A candidate that was used since it was met is passed over. The soonest
// to expire is known exactly, from the expiry heaps. Knows no limit and no time: memory-limit.ts of
// the engine says when, and how long.

import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { accessClockOf, keyLengthOf, keyOffsetOf } from '../structures/entry.ts';
import { lfuCounter, lruIdleMs } from './access-clock.ts';
import { type Database, NO_EXPIRY } from './database.ts';
import { EvictionPool } from './eviction-pool.ts';
import type { Keyspace } from './keyspace.ts';

/** By what the key that goes is chosen. */
export type EvictionOrder = 'none' | 'lru' | 'lfu' | 'random' | 'ttl';

const LFU_COUNTER_MAX = 255;
/** Buckets that a sample looks at for each key it wants, where most are empty. */
const BUCKETS_PER_SAMPLE = 10;

export class Eviction {
  order: EvictionOrder = 'none';
  /** Only keys that have a time to expire at may go. */
  volatileOnly = false;
  /** `maxmemory-samples`. */
  sampleCount = 5;
  /** `lazyfree-lazy-eviction`: large values are freed in slices. */
  isLazy = false;
  /** Keys evicted since the start. */
  evictedKeys = 0;
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #pool: EvictionPool = new EvictionPool();
  /** The database whose keys are sampled, and the entries met so far. */
  #database: Database;
  #met = 0;
  readonly #meet: (ref: number) => void;
  /** Random eviction takes a key of each database in turn. */
  #turn = 0;
  #key: Uint8Array = new Uint8Array(256);

  constructor(keyspace: Keyspace, firstDatabase: Database) {
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#database = firstDatabase;
    this.#meet = (ref) => {
      this.#met++;
      this.#offer(ref);
    };
  }

  /** Follows `maxmemory-policy`, one of Redis's names. */
  setPolicy(policy: string): void {
    const [scope, order] = policy.split('-');
    this.volatileOnly = scope === 'volatile';
    this.order = order === undefined ? 'none' : (order as EvictionOrder);
    this.#pool.clear();
  }

  /** Evicts one key. @returns false when there is none that may go. */
  evictOne(): boolean {
    switch (this.order) {
      case 'none':
        return false;
      case 'random':
        return this.#evictRandom();
      case 'ttl':
        return this.#evictSoonest();
      default:
        return this.#evictBest();
    }
  }

  #hasCandidates(db: Database): boolean {
    return this.volatileOnly ? db.expires.count > 0 : db.dict.count > 0;
  }

  #evictRandom(): boolean {
    const { databases } = this.#keyspace;
    for (let i = 0; i < databases.length; i++) {
      this.#turn = (this.#turn + 1) % databases.length;
      const db = databases[this.#turn]!;
      if (!this.#hasCandidates(db)) continue;
      const { randomBelow } = this.#keyspace;
      const { expires } = db;
      const ref = this.volatileOnly
        ? expires.refAt(randomBelow(expires.count))
        : db.dict.randomEntry(randomBelow);
      this.#evictEntry(db, ref);
      return true;
    }
    return false;
  }

  #evictSoonest(): boolean {
    let best: Database | null = null;
    for (const db of this.#keyspace.databases) {
      if (db.expires.count === 0) continue;
      if (best === null || db.expires.timeAt(0) < best.expires.timeAt(0)) best = db;
    }
    if (best === null) return false;
    this.#evictEntry(best, best.expires.refAt(0));
    return true;
  }

  #evictBest(): boolean {
    const { databases } = this.#keyspace;
    for (;;) {
      let hasAny = false;
      for (const db of databases) {
        if (!this.#hasCandidates(db)) continue;
        hasAny = true;
        this.#sample(db);
      }
      if (!hasAny) return false;
      for (let best = this.#pool.takeBest(); best !== null; best = this.#pool.takeBest()) {
        const db = databases[best.databaseId]!;
        const ref = db.dict.find(best.key, 0, best.keyLength);
        if (ref === NULL_REF) continue;
        if (this.volatileOnly && db.expiryOf(ref) === NO_EXPIRY) continue;
        if (this.#scoreOf(ref) < best.score) continue;
        this.#remove(db, ref, best.key, best.keyLength);
        return true;
      }
    }
  }

  /** Puts a few keys of a database into the pool, where they are good enough. */
  #sample(db: Database): void {
    const { randomBelow } = this.#keyspace;
    const { sampleCount } = this;
    this.#database = db;
    if (this.volatileOnly) {
      const { expires } = db;
      const count = Math.min(sampleCount, expires.count);
      for (let i = 0; i < count; i++) this.#offer(expires.refAt(randomBelow(expires.count)));
      return;
    }
    // Keys of neighbouring buckets have nothing in common, and their heads share a cache line.
    const { dict } = db;
    const wanted = Math.min(sampleCount, dict.count);
    let bucket = randomBelow(dict.bucketCount);
    let bucketsLeft = wanted * BUCKETS_PER_SAMPLE;
    this.#met = 0;
    while (this.#met < wanted && (bucketsLeft > 0 || this.#met === 0)) {
      const next = dict.visitBuckets(bucket, 1, this.#meet);
      bucketsLeft--;
      bucket = next < 0 ? 0 : next;
    }
  }

  #offer(ref: number): void {
    const pool = this.#pool;
    const score = this.#scoreOf(ref);
    if (!pool.wants(score)) return;
    const offset = keyOffsetOf(this.#arena, ref);
    const bytes = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    pool.offer(score, this.#database.id, bytes, offset, keyLengthOf(this.#arena, ref));
  }

  /** How good it is to let an entry go. */
  #scoreOf(ref: number): number {
    const clock = accessClockOf(this.#arena, ref);
    const { nowMs, lfu } = this.#keyspace;
    if (this.order === 'lfu') return LFU_COUNTER_MAX - lfuCounter(clock, nowMs, lfu);
    return lruIdleMs(clock, nowMs);
  }

  #evictEntry(db: Database, ref: number): void {
    const length = keyLengthOf(this.#arena, ref);
    if (this.#key.length < length) this.#key = new Uint8Array(length);
    const offset = keyOffsetOf(this.#arena, ref);
    this.#key.set(this.#arena.bytes[ref >>> SLOT_SHIFT]!.subarray(offset, offset + length));
    db.dict.find(this.#key, 0, length);
    this.#remove(db, ref, this.#key, length);
  }

  /** Deletes the entry that the last find of the database's dict returned. */
  #remove(db: Database, ref: number, key: Uint8Array, length: number): void {
    db.removeFound(ref, this.isLazy);
    this.evictedKeys++;
    this.#keyspace.listener?.onEvicted(db, key, 0, length, this.isLazy);
  }
}
