// Integer sets: distinct 64-bit integers in ascending order in one arena block, with Redis's own
// bytes, so that DUMP and RDB files take them as they are.
//
//   | bytes of an integer: 2, 4 or 8 (4 bytes) | count (4 bytes) | integer | integer | ...
//
// All integers are as wide as the widest needs. A reference names the block; its owner is whoever
// called `create` or `copy`. What changes a set returns its reference, which may be another one.
// The integer that an operation is about is taken from `value`, and `get` loads it there.

import { Int64 } from '../bytes/int64.ts';
import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';

const HEADER_BYTES = 8;
const WIDTH_WORD = 0;
const COUNT_WORD = 1;
const FIRST_WORD = 2;

function widthOf(value: Int64): number {
  const { high, low } = value;
  if (high !== low >> 31) return 8;
  return low >= -32768 && low <= 32767 ? 2 : 4;
}

export class Intsets {
  /** The integer that the next operation is about, or that the last one loaded. */
  readonly value: Int64 = new Int64();
  /** Where the last `find` ended: the integer's index, or the one it would have. */
  index = 0;
  readonly #arena: Arena;
  readonly #probe = new Int64();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** An empty set. */
  create(): number {
    const ref = this.#arena.alloc(HEADER_BYTES);
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    words[at + WIDTH_WORD] = 2;
    words[at + COUNT_WORD] = 0;
    return ref;
  }

  free(ref: number): void {
    this.#arena.free(ref);
  }

  copy(ref: number): number {
    return this.#moved(ref, this.byteLength(ref));
  }

  #moved(ref: number, capacity: number): number {
    const bytes = Math.min(capacity, this.byteLength(ref));
    const copy = this.#arena.alloc(capacity);
    const start = (ref & GRANULE_MASK) << 3;
    const source = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    const target = this.#arena.bytes[copy >>> SLOT_SHIFT]!;
    target.set(source.subarray(start, start + bytes), (copy & GRANULE_MASK) << 3);
    return copy;
  }

  count(ref: number): number {
    return this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + COUNT_WORD]!;
  }

  /** Bytes of an integer: 2, 4 or 8. */
  width(ref: number): number {
    return this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + WIDTH_WORD]!;
  }

  /** Bytes of the set, header included. */
  byteLength(ref: number): number {
    return HEADER_BYTES + this.count(ref) * this.width(ref);
  }

  /** Loads the integer with number `index` into `value`. */
  get(ref: number, index: number): void {
    this.#load(ref, index, this.width(ref), this.value);
  }

  /** Reads all integers, in their order. @returns false when they are of 64 bits. */
  readIntegers(ref: number, out: Int32Array): boolean {
    const width = this.width(ref);
    if (width === 8) return false;
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = ((ref & GRANULE_MASK) << 1) + FIRST_WORD;
    const count = this.count(ref);
    if (width === 4) out.set(words.subarray(at, at + count));
    else {
      for (let i = 0; i < count; i++) {
        const word = words[at + (i >> 1)]!;
        out[i] = (i & 1) === 0 ? (word << 16) >> 16 : word >> 16;
      }
    }
    return true;
  }

  #load(ref: number, index: number, width: number, into: Int64): void {
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = ((ref & GRANULE_MASK) << 1) + FIRST_WORD;
    if (width === 8) {
      into.low = words[at + index * 2]!;
      into.high = words[at + index * 2 + 1]!;
      return;
    }
    const word = width === 4 ? words[at + index]! : words[at + (index >> 1)]!;
    into.low = width === 4 ? word : (index & 1) === 0 ? (word << 16) >> 16 : word >> 16;
    into.high = into.low >> 31;
  }

  #store(ref: number, index: number, width: number, value: Int64): void {
    const bytes = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    let at = ((ref & GRANULE_MASK) << 3) + HEADER_BYTES + index * width;
    let half = value.low;
    for (let i = 0; i < width; i++) {
      if (i === 4) half = value.high;
      bytes[at++] = half >> ((i & 3) << 3);
    }
  }

  /** Looks for `value`. @returns whether it is there; `index` says where it is or would be. */
  find(ref: number): boolean {
    const width = this.width(ref);
    const { value } = this;
    const probe = this.#probe;
    let low = 0;
    let high = this.count(ref);
    if (widthOf(value) > width) {
      this.index = value.high < 0 ? 0 : high;
      return false;
    }
    while (low < high) {
      const middle = (low + high) >> 1;
      this.#load(ref, middle, width, probe);
      if (probe.high < value.high || (probe.high === value.high && isBelow(probe.low, value.low))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    this.index = low;
    if (low === this.count(ref)) return false;
    this.#load(ref, low, width, probe);
    return probe.high === value.high && probe.low === value.low;
  }

  /** Adds `value`, which the last `find` did not find in this set. @returns the reference. */
  insertFound(ref: number): number {
    const width = widthOf(this.value);
    const set = width > this.width(ref) ? this.#widened(ref, width) : this.#grown(ref);
    this.#setCount(set, this.count(set) + 1);
    this.#store(set, this.index, this.width(set), this.value);
    return set;
  }

  #setCount(ref: number, count: number): void {
    this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + COUNT_WORD] = count;
  }

  /** Makes room for one more at `index`. */
  #grown(ref: number): number {
    const { index } = this;
    const width = this.width(ref);
    const oldBytes = this.byteLength(ref);
    let set = ref;
    if (this.#arena.capacity(ref) < oldBytes + width) {
      set = this.#moved(ref, oldBytes + width);
      this.#arena.free(ref);
    }
    const bytes = this.#arena.bytes[set >>> SLOT_SHIFT]!;
    const start = (set & GRANULE_MASK) << 3;
    const from = start + HEADER_BYTES + index * width;
    bytes.copyWithin(from + width, from, start + oldBytes);
    return set;
  }

  /** A copy with wider integers and a gap at `index`; frees the narrower one. */
  #widened(ref: number, width: number): number {
    const count = this.count(ref);
    const oldWidth = this.width(ref);
    const set = this.#arena.alloc(HEADER_BYTES + (count + 1) * width);
    const words = this.#arena.words[set >>> SLOT_SHIFT]!;
    const at = (set & GRANULE_MASK) << 1;
    words[at + WIDTH_WORD] = width;
    words[at + COUNT_WORD] = count;
    const probe = this.#probe;
    for (let i = 0; i < count; i++) {
      this.#load(ref, i, oldWidth, probe);
      this.#store(set, i < this.index ? i : i + 1, width, probe);
    }
    this.#arena.free(ref);
    return set;
  }

  /** Removes the integer with number `index`. @returns the reference. */
  removeAt(ref: number, index: number): number {
    const width = this.width(ref);
    const end = this.byteLength(ref);
    const bytes = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    const start = (ref & GRANULE_MASK) << 3;
    const from = start + HEADER_BYTES + index * width;
    bytes.copyWithin(from, from + width, start + end);
    this.#setCount(ref, this.count(ref) - 1);
    // A block of half the size is worth the move.
    if ((end - width) * 2 > this.#arena.capacity(ref)) return ref;
    const set = this.#moved(ref, end - width);
    this.#arena.free(ref);
    return set;
  }
}

function isBelow(a: number, b: number): boolean {
  return a >>> 0 < b >>> 0;
}
