// The keyspace: all databases of a server over one arena, with what they share: the clock of the
// current turn, hit statistics, the access clock, and the listener that hears of expiries and
// changes. It owns the arena and, through the databases, every entry in it.

import { changing } from '../bytes/changing-fields.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { HashSeed } from '../bytes/hash.ts';
import { SharedLzf } from '../bytes/lzf-machine.ts';
import { Arena, type ArenaOptions } from '../memory/arena.ts';
import { isOutline, TYPE_STRING, typeOf, valueWordOf } from '../structures/entry.ts';
import type { Strings } from '../values/string.ts';
import { Values } from '../values/values.ts';
import { type LfuSettings, lfuInitial, lfuTouched, lruClock } from './access-clock.ts';
import { Database } from './database.ts';
import { Eviction } from './eviction.ts';
import { LazyFree } from './lazy-free.ts';
import type { SnapshotGuard } from './snapshot-guard.ts';

/** Hears what happens to keys: the engine, for propagation, WATCH, tracking and notifications. */
export interface KeyspaceListener {
  /**
   * A key was found expired and has been deleted. The bytes are the caller's and true during the
   * call.
   */
  onExpired(db: Database, key: Uint8Array, offset: number, length: number): void;
  /** A key was evicted; `isLazy` as the policy says. The bytes are true during the call. */
  onEvicted(db: Database, key: Uint8Array, offset: number, length: number, isLazy: boolean): void;
  /** Fields of a hash have expired and were removed, with the key when none was left. */
  onFieldsExpired(
    db: Database,
    key: Uint8Array,
    fields: readonly Uint8Array[],
    isEmpty: boolean,
  ): void;
  /** A key was added. Only told while `tellsNewKeys`. */
  onNewKey(db: Database, ref: number): void;
  /**
   * A key was deleted, moved away, or is overwritten with a value of another type. Only told while
   * `tellsDeletions`; the bytes are true during the call, which may not change the database.
   */
  onDeleted(db: Database, key: Uint8Array, offset: number, length: number): void;
  /** Two databases were exchanged. */
  onSwapped(a: Database, b: Database): void;
  /** All keys of a database (or of all, when `db` is null) are about to be deleted or swapped. */
  onFlushed(db: Database | null): void;
}

export interface KeyspaceOptions {
  readonly databases: number;
  readonly seed: HashSeed;
  /** Uniform integer in [0, bound). */
  readonly randomBelow: (bound: number) => number;
  readonly arena?: ArenaOptions;
}

/** What commands look at and a CONFIG SET, a snapshot or a replica changes. */
const SELDOM_CHANGING = [
  'guard',
  'isValueOpen',
  'usesLfu',
  'deletesExpired',
  'holdsExpiry',
  'tellsNewKeys',
  'tellsDeletions',
  'lazyServerDel',
  'lazyExpire',
] as const;

/** Keeps what it reads values with from call to call. */
export interface Reader {
  /**
   * Lets go of the memory that was read last: as long as a view of it is held, the collector cannot
   * give it back. Comes between reads.
   */
  forget(): void;
}

export class Keyspace {
  readonly arena: Arena;
  readonly strings: Strings;
  readonly values: Values;
  readonly databases: Database[] = [];
  readonly lazyFree: LazyFree;
  readonly eviction: Eviction;
  readonly randomBelow: (bound: number) => number;
  readonly seed: HashSeed;
  readonly lfu: LfuSettings = { logFactor: 10, decayMinutes: 1 };
  listener: KeyspaceListener | null = null;
  /** Set while a snapshot is being taken. */
  guard: SnapshotGuard | null = null;
  /** What packs the strings of snapshots: one for all, or V8 compiles their way anew for each. */
  readonly lzf: SharedLzf = new SharedLzf();
  /** A large value is being written to it, a part at a time: `guard` says which. */
  isValueOpen = false;
  /**
   * Set while a command runs that changes none of the keys it looks up: then a lookup need not have
   * the guard write them. Deletions (of expired keys) ask it all the same. Kept here, and not by
   * the guard, so that every command goes the same way whether there is one or not: V8 would
   * compile the way of a command anew when the first snapshot begins.
   */
  onlyReads = false;
  /** Says whether tables may take so many bytes more; whoever knows a limit sets it. */
  hasRoomFor: (bytes: number) => boolean = () => true;
  /** @internal What the dicts ask. */
  readonly mayGrow = (bytes: number): boolean => this.hasRoomFor(bytes);
  /** Milliseconds of the Unix epoch at the start of the current command. */
  nowMs: number = DOUBLE_ZERO;
  /** The time by which keys expire: `nowMs`, or before all times while an AOF is replayed. */
  expiryNowMs: number = DOUBLE_ZERO;
  /** Set while an AOF is replayed: what expired is deleted by the commands in it. */
  holdsExpiry = false;
  /** The access clock that a use writes; kept by `setNow`. */
  clock = 0;
  /** True when the eviction policy is one of the LFU ones. */
  usesLfu = false;
  /** A replica reads expired keys as missing and leaves their deletion to its master. */
  deletesExpired = true;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpireEnabled = true;
  /** Set while somebody wants to hear of added keys, and of deleted ones. */
  tellsNewKeys = false;
  tellsDeletions = false;
  /** `lazyfree-lazy-server-del` and `lazyfree-lazy-expire`. */
  lazyServerDel = false;
  lazyExpire = false;
  /** Keyspace statistics, as INFO shows them. */
  hits = 0;
  misses = 0;
  expiredKeys = 0;
  expiredFields = 0;
  expiredTimeCapReached = 0;
  /** Parts of values from outside that were looked at as `sanitize-dump-payload` asks. */
  sanitizedPayloads = 0;
  activeExpireUsec: number = DOUBLE_ZERO;

  readonly #readers: Reader[] = [];
  /** What the arena had let go of when the readers were last told. */
  #forgottenBytes: number = DOUBLE_ZERO;

  constructor(options: KeyspaceOptions) {
    this.arena = new Arena(options.arena);
    this.values = new Values(this.arena, options.seed);
    this.addReader(this.values);
    this.strings = this.values.strings;
    this.seed = options.seed;
    this.randomBelow = options.randomBelow;
    this.lazyFree = new LazyFree(this);
    for (let id = 0; id < options.databases; id++) this.databases.push(new Database(this, id));
    this.eviction = new Eviction(this, this.databases[0]!);
    changing(this, SELDOM_CHANGING);
  }

  /** Sets the time of the current command; the whole command sees this one moment. */
  setNow(nowMs: number): void {
    this.nowMs = nowMs;
    this.expiryNowMs = this.holdsExpiry ? Number.NEGATIVE_INFINITY : nowMs;
    if (!this.usesLfu) this.clock = lruClock(nowMs);
    else this.clock = lfuInitial(nowMs);
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.hits = 0;
    this.misses = 0;
    this.expiredKeys = 0;
    this.expiredFields = 0;
    this.expiredTimeCapReached = 0;
    this.sanitizedPayloads = 0;
    this.activeExpireUsec = 0;
    this.lazyFree.freedObjects = 0;
  }

  /** The access clock of an entry that is used now. */
  touchedClock(clock: number): number {
    if (!this.usesLfu) return this.clock;
    return lfuTouched(clock, this.nowMs, this.lfu, () => this.randomBelow(0x40000000) / 0x40000000);
  }

  /**
   * Frees what an entry's value holds beside the entry.
   * @param lazily a large one is freed in slices, later; a very large one always is.
   */
  freeValue(ref: number, lazily: boolean): void {
    const { arena } = this;
    if (!isOutline(arena, ref)) return;
    const type = typeOf(arena, ref);
    if (type === TYPE_STRING) arena.free(valueWordOf(arena, ref));
    else if (!this.lazyFree.addValue(ref, lazily)) this.values.of(type).free(ref);
  }

  /** Keys in all databases. */
  get keyCount(): number {
    let count = 0;
    for (const db of this.databases) count += db.dict.count;
    return count;
  }

  /** Bytes that the data set occupies: blocks of the arena and positions of the expiry heaps. */
  get usedBytes(): number {
    return this.arena.usedBytes + this.arena.heapBytes;
  }

  /** Empties all databases. @returns the number of keys that were in them. */
  flushAll(lazily: boolean): number {
    this.listener?.onFlushed(null);
    let removed = 0;
    for (const db of this.databases) removed += db.empty(lazily);
    return removed;
  }

  /** Exchanges the contents of two databases; their numbers stay. */
  swap(a: number, b: number): void {
    const first = this.databases[a]!;
    const second = this.databases[b]!;
    first.exchange(second);
    this.listener?.onSwapped(first, second);
  }

  /** Empty databases beside those that clients see; they end in `adopt` or `discard`. */
  spare(): Database[] {
    return this.databases.map(({ id }) => new Database(this, id));
  }

  /**
   * Puts the keys of spare databases into the place of all that there were, which are freed in
   * slices.
   */
  adopt(spare: readonly Database[]): void {
    this.listener?.onFlushed(null);
    for (const [index, db] of this.databases.entries()) db.exchange(spare[index]!);
    this.discard(spare);
    for (const db of this.databases) this.listener?.onSwapped(db, db);
  }

  /** Frees spare databases in slices; they may not be used afterwards. */
  discard(spare: readonly Database[]): void {
    for (const db of spare) db.empty(true);
  }

  /**
   * Deletes keys that are due, soonest first, for as long as `mayContinue` says so (asked every 32
   * keys).
   * @returns true when due keys remain.
   */
  expireDue(mayContinue: () => boolean): boolean {
    if (!this.activeExpireEnabled || !this.deletesExpired) return false;
    let sinceAsked = 0;
    for (const db of this.databases) {
      while (db.deleteIfDue() || db.fieldExpiry.deleteIfDue()) {
        if (++sinceAsked < 32) continue;
        sinceAsked = 0;
        if (!mayContinue()) {
          this.expiredTimeCapReached++;
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Moves buckets of tables that are being resized, for as long as `mayContinue` says so.
   * @returns true when there is more to move.
   */
  rehash(mayContinue: () => boolean): boolean {
    for (const db of this.databases) {
      while (db.dict.rehashBuckets(128)) if (!mayContinue()) return true;
    }
    return false;
  }

  /** Takes somebody who keeps from call to call what reads values. */
  addReader(reader: Reader): void {
    this.#readers.push(reader);
  }

  /** Lets go of memory that is wholly free; readers forget what may lie in it. */
  trim(): void {
    const { arena } = this;
    arena.trim();
    if (arena.droppedBytes === this.#forgottenBytes) return;
    this.#forgottenBytes = arena.droppedBytes;
    for (const reader of this.#readers) reader.forget();
  }

  /**
   * Frees everything; the keyspace may not be used afterwards. Tests ask the arena for leaks then.
   */
  destroy(): void {
    for (const db of this.databases) db.empty(false);
    this.lazyFree.finish();
    this.arena.trim();
  }
}
