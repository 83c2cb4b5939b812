// Keys that will be looked up soon, with their hashes, in the order of the lookups to come: what
// lets a dict ask for the memory of several keys at once (Dict.expectEnd). The bytes belong to the
// caller and must not change before the list is cleared.

import { GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';

/** Keys whose lookups can be prepared together. */
export const EXPECTED_MAX = 16;

export class ExpectedKeys {
  bytes: Uint8Array | null = null;
  /** Where the next key of the list lies; -1 when none is expected. */
  nextOffset = -1;
  count = 0;
  readonly offsets: Int32Array = new Int32Array(EXPECTED_MAX);
  readonly hashes: Int32Array = new Int32Array(EXPECTED_MAX);
  /** Heads of the buckets that the keys fall into. */
  readonly heads: Int32Array = new Int32Array(EXPECTED_MAX);
  /** What `warm` loaded, summed up: it means nothing, but keeps the loads. */
  warmed = 0;
  #taken = 0;

  /** Begins a list of keys in `bytes`. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.nextOffset = -1;
    this.count = 0;
    this.#taken = 0;
  }

  /** Adds a key. @returns false when the list is full. */
  add(offset: number, hash: number): boolean {
    if (this.count === EXPECTED_MAX) return false;
    this.offsets[this.count] = offset;
    this.hashes[this.count++] = hash;
    return true;
  }

  /**
   * Touches the buckets of the keys in a table, and then the entries in them, in loops that do not
   * wait for what they load.
   */
  warm(table: Int32Array, base: number, mask: number, slots: readonly Int32Array[]): void {
    const { count, hashes, heads } = this;
    for (let i = 0; i < count; i++) heads[i] = table[base + (hashes[i]! & mask)]!;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const ref = heads[i]!;
      const words = slots[ref >>> SLOT_SHIFT]!;
      const at = (ref & GRANULE_MASK) << 1;
      // Half a cache line further lies the end of a small entry, which may be in the next line.
      sum += (words[at] ?? 0) + (words[at + 8] ?? 0);
    }
    this.warmed = sum;
  }

  /** From now on the first key is expected. */
  arm(): void {
    if (this.count > 0) this.nextOffset = this.offsets[0]!;
  }

  /** The hash of the expected key; the one behind it is expected then. */
  take(): number {
    const i = this.#taken++;
    this.nextOffset = i + 1 < this.count ? this.offsets[i + 1]! : -1;
    return this.hashes[i]!;
  }

  clear(): void {
    this.bytes = null;
    this.nextOffset = -1;
    this.count = 0;
  }
}
