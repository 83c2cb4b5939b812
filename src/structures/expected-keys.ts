// Keys that will be looked up soon, with their hashes and their words, in the order of the lookups
// to come: what lets a dict ask for the memory of several keys at once (Dict.expectEnd). The bytes
// belong to the caller and must not change before the list is cleared.

import { halfSipHash } from '../bytes/hash.ts';
import { GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';

/** Keys whose lookups can be prepared together. */
export const EXPECTED_MAX = 16;
/** Longest key that is listed, in bytes. */
export const EXPECTED_KEY_BYTES = 63;
/** Keeps the index of a word inside its slot. */
const WORD_MASK: number = (GRANULE_MASK << 1) | 1;
const WORDS_PER_KEY = (EXPECTED_KEY_BYTES + 1) >> 2;

/** Smaller dicts stay in the cache anyway. */
const FROM_BUCKETS = 8192;
/** Up to so many entries a dict gets lists all the same: V8 compiles what it has seen happen. */
const UNTIL_ENTRIES = 64;

/** Whether the lookups to come are prepared in a dict of this size. */
export function isWorthListing(bucketCount: number, entryCount: number): boolean {
  return bucketCount > FROM_BUCKETS || (entryCount > 0 && entryCount <= UNTIL_ENTRIES);
}

export class ExpectedKeys {
  bytes: Uint8Array | null = null;
  /** Where the next key of the list lies; -1 when none is expected. */
  nextOffset = -1;
  count = 0;
  /** The words of the keys, as `halfSipHash` puts them together; of the key taken from `at` on. */
  readonly words: Int32Array = new Int32Array(EXPECTED_MAX * WORDS_PER_KEY);
  at = 0;
  readonly #offsets = new Int32Array(EXPECTED_MAX);
  readonly #hashes = new Int32Array(EXPECTED_MAX);
  /** Heads of the buckets that the keys fall into. */
  readonly #heads = new Int32Array(EXPECTED_MAX);
  /** What `warm` loaded, put together: it means nothing, but keeps the loads. */
  warmed = 0;
  #taken = 0;

  /** Begins a list of keys in `bytes`. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.nextOffset = -1;
    this.count = 0;
    this.#taken = 0;
  }

  /** Adds a key, unless it is too long or the list is full. */
  add(offset: number, length: number, seedLow: number, seedHigh: number): void {
    const { bytes, count, words } = this;
    if (bytes === null || count === EXPECTED_MAX || length > EXPECTED_KEY_BYTES) return;
    const at = count * WORDS_PER_KEY;
    this.#offsets[count] = offset;
    this.#hashes[count] = halfSipHash(bytes, offset, length, seedLow, seedHigh, words, at);
    this.count = count + 1;
  }

  /**
   * Touches the buckets of the keys in a table, and then the first entries in them, in loops that
   * do not wait for what they load. The second entries, where there are, were not worth a loop.
   */
  warm(table: Int32Array, base: number, mask: number, slots: readonly Int32Array[]): void {
    const { count } = this;
    const hashes = this.#hashes;
    const heads = this.#heads;
    for (let i = 0; i < count; i++) heads[i] = table[base + (hashes[i]! & mask)]!;
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const ref = heads[i]!;
      const words = slots[ref >>> SLOT_SHIFT]!;
      const at = (ref & GRANULE_MASK) << 1;
      // Half a cache line further lies the end of a small entry, which may be in the next line.
      seen ^= words[at]! ^ words[(at + 8) & WORD_MASK]!;
    }
    this.warmed = seen;
  }

  /** From now on the first key is expected. */
  arm(): void {
    if (this.count > 0) this.nextOffset = this.#offsets[0]!;
  }

  /** The hash of the expected key; the one behind it is expected then. */
  take(): number {
    const i = this.#taken++;
    this.at = i * WORDS_PER_KEY;
    this.nextOffset = i + 1 < this.count ? this.#offsets[i + 1]! : -1;
    return this.#hashes[i]!;
  }

  clear(): void {
    this.bytes = null;
    this.nextOffset = -1;
    this.count = 0;
  }
}
