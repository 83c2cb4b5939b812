// Dict: a chained hash table of entries that live in the arena, with byte keys.
//
//   table (arena block)          entry (arena block, laid out by its owner)
//   | ref | 0 | ref | ... |      word 0            next entry of the bucket
//        \                       word lengthWord   key length (30 bits) and flags; with the flag TAGGED four bytes
//         entry -> entry -> 0                      of the owner's stand between header and key
//                                byte headerBytes  the key, then whatever the owner keeps
//
// The table doubles when there is an entry per bucket and halves when seven of eight are empty;
// both happen in steps, a bucket per operation and more from the server's cron, so no insert waits
// for a whole rehash. `find` remembers where it ended, so the insert, replacement or removal that
// follows costs no second search. SCAN's cursor counts in reversed binary, which is what gives
// Redis's guarantee while the table changes its size. The dict owns its tables; entries belong to
// whoever inserted them.

import { assert } from '../bytes/assert.ts';
import { equalBytes } from '../bytes/compare.ts';
import { type HashSeed, halfSipHash } from '../bytes/hash.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { ChainBounds } from './chain-bounds.ts';
import {
  STATE_COUNT,
  STATE_MASK0,
  STATE_MASK1,
  STATE_REHASH,
  STATE_TABLE0,
  STATE_TABLE1,
} from './dict-state.ts';
import { type EntryLayout, KEY_LENGTH_MASK, TAGGED } from './entry-layout.ts';
import { ExpectedKeys, isWorthListing } from './expected-keys.ts';
import { equalKeyWords, IS_LITTLE_ENDIAN } from './key-words.ts';
import { nextCursor } from './scan-cursor.ts';

const INITIAL_BUCKETS = 4;
const MAX_EMPTY_VISITS = 10;
/** Words of a key for which room is kept from search to search. */
const KEPT_KEY_WORDS = 256;

export class Dict {
  /** Entries in the dict. */
  count = 0;
  /** Bucket of the old table that moves next; -1 when no rehash is under way. */
  rehashIndex = -1;
  /** Asked whether a larger table may take so many bytes, while the chains are short. */
  mayExpand: ((bytes: number) => boolean) | null = null;
  readonly #arena: Arena;
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #lengthWord: number;
  readonly #headerBytes: number;
  #rehashPauses = 0;
  // The table in use (0) and, while rehashing, the one entries move to (1).
  #tableRef0 = NULL_REF;
  #words0: Int32Array = new Int32Array(0);
  #base0 = 0;
  #mask0 = -1;
  #tableRef1 = NULL_REF;
  #words1: Int32Array = new Int32Array(0);
  #base1 = 0;
  #mask1 = -1;
  /** Room for the words of a key. */
  #keyWords: Int32Array = new Int32Array(KEPT_KEY_WORDS);
  /** The key that is looked for: its words, from an index on. */
  #soughtWords: Int32Array = this.#keyWords;
  #soughtAt = 0;
  readonly #expected = new ExpectedKeys();
  readonly #chainBounds = new ChainBounds();
  // Where the last find ended.
  #foundHash = 0;
  #foundPrevious = NULL_REF;
  #foundInNew = false;

  constructor(arena: Arena, seed: HashSeed, layout: EntryLayout) {
    this.#arena = arena;
    this.#seedLow = seed.low;
    this.#seedHigh = seed.high;
    this.#lengthWord = layout.lengthWord;
    this.#headerBytes = layout.headerBytes;
  }

  /** Buckets of the table in use and of the one being built. */
  get bucketCount(): number {
    return this.#mask0 + 1 + (this.#mask1 + 1);
  }

  /** Buckets of the table in use, and of the one being built or 0: for DEBUG HTSTATS. */
  get tableSizes(): readonly [number, number] {
    return [this.#mask0 + 1, this.#mask1 + 1];
  }

  /** Bytes of the tables. */
  get tableBytes(): number {
    return this.bucketCount * 4;
  }

  get isRehashing(): boolean {
    return this.rehashIndex >= 0;
  }

  /**
   * Looks a key up and remembers where it is or would be, for insert, replaceFound and removeFound.
   * @returns the entry's reference, or 0.
   */
  find(bytes: Uint8Array, offset: number, length: number): number {
    if (this.rehashIndex >= 0 && this.#rehashPauses === 0) this.rehashBuckets(1);
    const expected = this.#expected;
    const isExpected = offset === expected.nextOffset && bytes === expected.bytes;
    const hash = isExpected ? expected.take() : this.#hash(bytes, offset, length);
    this.#soughtWords = isExpected ? expected.words : this.#keyWords;
    this.#soughtAt = isExpected ? expected.at : 0;
    this.#foundHash = hash;
    if (this.rehashIndex >= 0) return this.#findInBoth(hash, bytes, offset, length);
    if (this.#mask0 < 0) return NULL_REF;
    this.#foundInNew = false;
    const head = this.#words0[this.#base0 + (hash & this.#mask0)]!;
    return this.#findInChain(head, bytes, offset, length);
  }

  #hash(bytes: Uint8Array, offset: number, length: number): number {
    const room = this.#keyWords.length;
    const wanted = Math.max((length >> 2) + 1, KEPT_KEY_WORDS);
    if (wanted > room || room > wanted * 2) this.#keyWords = new Int32Array(wanted);
    return halfSipHash(bytes, offset, length, this.#seedLow, this.#seedHigh, this.#keyWords);
  }

  #findInBoth(hash: number, bytes: Uint8Array, offset: number, length: number): number {
    const bucket = hash & this.#mask0;
    if (bucket >= this.rehashIndex) {
      this.#foundInNew = false;
      const head = this.#words0[this.#base0 + bucket]!;
      const ref = this.#findInChain(head, bytes, offset, length);
      if (ref !== NULL_REF) return ref;
    }
    this.#foundInNew = true;
    const head = this.#words1[this.#base1 + (hash & this.#mask1)]!;
    return this.#findInChain(head, bytes, offset, length);
  }

  #findInChain(head: number, bytes: Uint8Array, offset: number, length: number): number {
    const arena = this.#arena;
    let previous = NULL_REF;
    let ref = head;
    while (ref !== NULL_REF) {
      const slot = ref >>> SLOT_SHIFT;
      const granule = ref & GRANULE_MASK;
      const words = arena.words[slot]!;
      const lengthWord = words[(granule << 1) + this.#lengthWord]!;
      if ((lengthWord & KEY_LENGTH_MASK) === length) {
        const keyOffset =
          (granule << 3) + this.#headerBytes + ((lengthWord & TAGGED) !== 0 ? 4 : 0);
        const isEqual = IS_LITTLE_ENDIAN
          ? equalKeyWords(words, keyOffset >> 2, this.#soughtWords, this.#soughtAt, length)
          : equalBytes(arena.bytes[slot]!, keyOffset, bytes, offset, length);
        if (isEqual) {
          this.#foundPrevious = previous;
          return ref;
        }
      }
      previous = ref;
      ref = words[granule << 1]!;
    }
    return NULL_REF;
  }

  /**
   * Begins a list of keys that will be looked up soon, all in `bytes`. @returns false where a list
   * is not worth it: nothing can be added.
   */
  expectBegin(bytes: Uint8Array): boolean {
    if (!isWorthListing(this.bucketCount, this.count)) return false;
    this.#expected.begin(bytes);
    return true;
  }

  /** Adds a key to the list, in the order of lookup; what does not fit is looked up as usual. */
  expect(offset: number, length: number): void {
    this.#expected.add(offset, length, this.#seedLow, this.#seedHigh);
  }

  /**
   * Touches the buckets of the listed keys and then the entries in them, in loops that do not wait
   * for what they load, so that the lookups find their memory in the cache: waiting for memory is
   * most of a lookup. The hashes are kept too.
   */
  expectEnd(): void {
    const expected = this.#expected;
    if (expected.count < 2) {
      expected.clear();
      return;
    }
    expected.warm(this.#words0, this.#base0, this.#mask0, this.#arena.words);
    expected.arm();
  }

  /** Forgets the list: the bytes it points into will change. */
  expectNothing(): void {
    this.#expected.clear();
  }

  /** Adds an entry whose key the last call, a `find`, did not find. */
  insert(ref: number): void {
    if (this.rehashIndex < 0 && this.count > this.#mask0) this.#expand();
    const inNew = this.rehashIndex >= 0;
    const words = inNew ? this.#words1 : this.#words0;
    const at = inNew
      ? this.#base1 + (this.#foundHash & this.#mask1)
      : this.#base0 + (this.#foundHash & this.#mask0);
    this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1] = words[at]!;
    words[at] = ref;
    this.count++;
  }

  /** Adds an entry whose key is known not to be there, where no search must follow it. */
  insertNew(ref: number): void {
    this.#foundHash = this.hashOfEntry(ref);
    this.insert(ref);
  }

  /** Puts `ref` in the place of `old`, which the last `find` returned and is the caller's again. */
  replaceFound(old: number, ref: number): void {
    const next = this.#arena.words[old >>> SLOT_SHIFT]![(old & GRANULE_MASK) << 1]!;
    this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1] = next;
    this.#relink(ref);
  }

  /**
   * Takes the entry that the last `find` or `randomEntry` returned out of the dict; it is the
   * caller's again.
   */
  removeFound(ref: number): void {
    this.#relink(this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1]!);
    this.count--;
    this.shrinkIfEmpty();
  }

  /** Begins to shrink a nearly empty table: where entries were removed while rehashing paused. */
  shrinkIfEmpty(): void {
    if (this.count < this.#mask0 >>> 3 && this.rehashIndex < 0) this.#shrink();
  }

  #relink(ref: number): void {
    const previous = this.#foundPrevious;
    if (previous !== NULL_REF) {
      this.#arena.words[previous >>> SLOT_SHIFT]![(previous & GRANULE_MASK) << 1] = ref;
    } else if (this.#foundInNew) {
      this.#words1[this.#base1 + (this.#foundHash & this.#mask1)] = ref;
    } else {
      this.#words0[this.#base0 + (this.#foundHash & this.#mask0)] = ref;
    }
  }

  /** While paused, lookups do not move buckets: for walks over the tables. Calls nest. */
  pauseRehash(): void {
    this.#rehashPauses++;
  }

  resumeRehash(): void {
    assert(this.#rehashPauses > 0, 'rehash resumed more often than paused');
    this.#rehashPauses--;
  }

  #expand(): void {
    if (this.#mask0 < 0) {
      this.#useTable0(this.#arena.allocZeroed(INITIAL_BUCKETS * 4), INITIAL_BUCKETS - 1);
      return;
    }
    const buckets = (this.#mask0 + 1) * 2;
    if (this.count * 5 < buckets * 4 && this.mayExpand?.(buckets * 4) === false) return;
    this.#startRehash(buckets);
  }

  #shrink(): void {
    if (this.#rehashPauses > 0 || this.#mask0 < INITIAL_BUCKETS) return;
    let buckets = INITIAL_BUCKETS;
    while (buckets < this.count) buckets *= 2;
    this.#startRehash(buckets);
  }

  /** Makes room for `entryCount` entries at once, where a load knows how many will come. */
  reserve(entryCount: number): void {
    if (this.rehashIndex >= 0 || entryCount <= this.#mask0 + 1) return;
    if (this.#mask0 < 0) this.#expand();
    let buckets = this.#mask0 + 1;
    while (buckets < entryCount) buckets *= 2;
    if (buckets > this.#mask0 + 1) this.#startRehash(buckets);
  }

  #startRehash(buckets: number): void {
    this.#useTable1(this.#arena.allocZeroed(buckets * 4), buckets - 1);
    this.rehashIndex = 0;
  }

  /**
   * Moves up to `bucketCount` buckets to the new table (fewer when it meets many empty ones).
   * @returns true while there is more to move.
   */
  rehashBuckets(bucketCount: number): boolean {
    if (this.rehashIndex < 0 || this.#rehashPauses > 0) return false;
    let emptyVisits = bucketCount * MAX_EMPTY_VISITS;
    for (let moved = 0; moved < bucketCount && this.rehashIndex <= this.#mask0; moved++) {
      while (this.#words0[this.#base0 + this.rehashIndex] === NULL_REF) {
        this.rehashIndex++;
        if (this.rehashIndex > this.#mask0) break;
        if (--emptyVisits === 0) return true;
      }
      if (this.rehashIndex > this.#mask0) break;
      this.#moveBucket(this.rehashIndex);
      this.rehashIndex++;
    }
    if (this.rehashIndex <= this.#mask0) return true;
    this.#arena.free(this.#tableRef0);
    this.#useTable0(this.#tableRef1, this.#mask1);
    this.#useTable1(NULL_REF, -1);
    this.rehashIndex = -1;
    return false;
  }

  #moveBucket(bucket: number): void {
    const shrinking = this.#mask1 < this.#mask0;
    let ref = this.#words0[this.#base0 + bucket]!;
    this.#words0[this.#base0 + bucket] = NULL_REF;
    while (ref !== NULL_REF) {
      const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
      const at = (ref & GRANULE_MASK) << 1;
      const next = words[at]!;
      const target = (shrinking ? bucket : this.hashOfEntry(ref)) & this.#mask1;
      words[at] = this.#words1[this.#base1 + target]!;
      this.#words1[this.#base1 + target] = ref;
      ref = next;
    }
  }

  /** The hash of an entry's key, computed anew. */
  hashOfEntry(ref: number): number {
    const slot = ref >>> SLOT_SHIFT;
    const granule = ref & GRANULE_MASK;
    const lengthWord = this.#arena.words[slot]![(granule << 1) + this.#lengthWord]!;
    const keyOffset = (granule << 3) + this.#headerBytes + ((lengthWord & TAGGED) !== 0 ? 4 : 0);
    const length = lengthWord & KEY_LENGTH_MASK;
    return this.#hash(this.#arena.bytes[slot]!, keyOffset, length);
  }

  /**
   * One step of SCAN: appends the entries of the cursor's buckets to `out`.
   * An entry that stays in the dict from the first call to the last is returned at least once.
   * @returns the next cursor, 0 when the walk is complete.
   */
  scan(cursor: number, out: number[]): number {
    if (this.#mask0 < 0) return 0;
    if (this.rehashIndex < 0) {
      const bucket = (cursor & this.#mask0) >>> 0;
      this.#appendChain(this.#words0[this.#base0 + bucket]!, out);
      return nextCursor(cursor, this.#mask0);
    }
    const newIsLarger = this.#mask1 > this.#mask0;
    const smallMask = newIsLarger ? this.#mask0 : this.#mask1;
    const largeMask = newIsLarger ? this.#mask1 : this.#mask0;
    const small = newIsLarger ? this.#words0 : this.#words1;
    const smallBase = newIsLarger ? this.#base0 : this.#base1;
    const large = newIsLarger ? this.#words1 : this.#words0;
    const largeBase = newIsLarger ? this.#base1 : this.#base0;
    this.#appendChain(small[smallBase + ((cursor & smallMask) >>> 0)]!, out);
    let at = cursor;
    do {
      this.#appendChain(large[largeBase + ((at & largeMask) >>> 0)]!, out);
      at = nextCursor(at, largeMask);
    } while ((at & (smallMask ^ largeMask)) !== 0);
    return at;
  }

  #appendChain(head: number, out: number[]): void {
    for (let ref = head; ref !== NULL_REF; ) {
      out.push(ref);
      ref = this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1]!;
    }
  }

  /**
   * An entry chosen uniformly: a bucket at random is taken with a chance that grows with its
   * length, then one of its entries. What lies behind the bound in its chain waits until a look
   * behind it has found it. `removeFound` may follow.
   * @param random returns an integer from 0 to its argument, exclusive.
   * @returns the entry's reference, or 0 when the dict is empty.
   */
  randomEntry(random: (bound: number) => number): number {
    if (this.count === 0) return NULL_REF;
    const buckets = this.bucketCount;
    let bound = this.#chainBounds.of(this.#tableRef0, buckets, this.count);
    for (;;) {
      const bucket = random(buckets);
      const inNew = bucket > this.#mask0;
      const at = inNew ? bucket - this.#mask0 - 1 : bucket;
      let ref = inNew ? this.#words1[this.#base1 + at]! : this.#words0[this.#base0 + at]!;
      if (ref === NULL_REF) continue;
      let previous = NULL_REF;
      const place = random(bound);
      let skip = place;
      while (skip > 0 && ref !== NULL_REF) {
        skip--;
        previous = ref;
        ref = this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1]!;
      }
      if (ref === NULL_REF) continue;
      if (place * 4 >= bound * 3) {
        const rest: number[] = [];
        this.#appendChain(ref, rest);
        if (place + rest.length > bound) {
          bound = place + rest.length;
          this.#chainBounds.note(this.#tableRef0, buckets, this.count, bound);
          continue;
        }
      }
      this.#foundHash = at;
      this.#foundInNew = inNew;
      this.#foundPrevious = previous;
      return ref;
    }
  }

  /**
   * Calls `visit` for each entry of buckets `from` on, until at least `budget` entries were
   * visited. The visitor may free the entry it is given, and nothing else may change the dict: for
   * emptying it in slices.
   * @returns the bucket to go on with, or -1 at the end.
   */
  visitBuckets(from: number, budget: number, visit: (ref: number) => void): number {
    const buckets = this.bucketCount;
    let left = budget;
    for (let bucket = from; bucket < buckets; bucket++) {
      if (left <= 0) return bucket;
      left--;
      let ref =
        bucket <= this.#mask0
          ? this.#words0[this.#base0 + bucket]!
          : this.#words1[this.#base1 + bucket - this.#mask0 - 1]!;
      while (ref !== NULL_REF) {
        const next = this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1]!;
        visit(ref);
        left--;
        ref = next;
      }
    }
    return -1;
  }

  /**
   * Makes this object work on the dict whose state lies at the beginning of a block, as `close` has
   * left it: so one object serves any number of tables, and a table at rest costs no object. A new
   * dict's state is written by `writeEmptyState`.
   */
  open(state: number): void {
    const words = this.#arena.words[state >>> SLOT_SHIFT]!;
    const at = (state & GRANULE_MASK) << 1;
    this.#useTable0(words[at + STATE_TABLE0]!, words[at + STATE_MASK0]!);
    this.#useTable1(words[at + STATE_TABLE1]!, words[at + STATE_MASK1]!);
    this.rehashIndex = words[at + STATE_REHASH]!;
    this.count = words[at + STATE_COUNT]!;
  }

  /** Writes the state to its block: to be called after each change, before another `open`. */
  close(state: number): void {
    const words = this.#arena.words[state >>> SLOT_SHIFT]!;
    const at = (state & GRANULE_MASK) << 1;
    words[at + STATE_TABLE0] = this.#tableRef0;
    words[at + STATE_MASK0] = this.#mask0;
    words[at + STATE_TABLE1] = this.#tableRef1;
    words[at + STATE_MASK1] = this.#mask1;
    words[at + STATE_REHASH] = this.rehashIndex;
    words[at + STATE_COUNT] = this.count;
  }

  #useTable0(ref: number, mask: number): void {
    this.#tableRef0 = ref;
    this.#words0 = this.#arena.words[ref >>> SLOT_SHIFT]!;
    this.#base0 = (ref & GRANULE_MASK) << 1;
    this.#mask0 = mask;
  }

  #useTable1(ref: number, mask: number): void {
    this.#tableRef1 = ref;
    this.#words1 = this.#arena.words[ref >>> SLOT_SHIFT]!;
    this.#base1 = (ref & GRANULE_MASK) << 1;
    this.#mask1 = mask;
  }

  /** Gives the tables back. The entries must have been freed or handed to another owner. */
  destroy(): void {
    if (this.#tableRef0 !== NULL_REF) this.#arena.free(this.#tableRef0);
    if (this.#tableRef1 !== NULL_REF) this.#arena.free(this.#tableRef1);
    this.forget();
  }

  /** Lets go of the tables' memory: of a dict at rest, to be opened before it is used again. */
  forget(): void {
    this.#useTable0(NULL_REF, -1);
    this.#useTable1(NULL_REF, -1);
    this.rehashIndex = -1;
    this.count = 0;
  }
}
