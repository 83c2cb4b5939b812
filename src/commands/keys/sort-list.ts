// The elements that SORT works on, copied one behind the other into one buffer: element `i` is
// `lengths[i]` bytes at `offsets[i]` of `bytes`. What GET finds is such a list too, in which an
// element may be missing. One object an element would cost more than the sorting.

import { copyBytes } from '../../bytes/copy.ts';

const INITIAL_BYTES = 4096;
const INITIAL_COUNT = 256;
/** Bytes that are kept from sort to sort. */
const KEPT_BYTES = 65536;
/** Length of an element that is missing. */
export const MISSING = -1;

export class SortList {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  offsets: Int32Array = new Int32Array(INITIAL_COUNT);
  lengths: Int32Array = new Int32Array(INITIAL_COUNT);
  count = 0;
  #end = 0;

  /** Empties the list. Room that few sorts need is given back. */
  clear(): void {
    this.count = 0;
    this.#end = 0;
    if (this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(INITIAL_BYTES);
    if (this.offsets.length <= KEPT_BYTES >> 3) return;
    this.offsets = new Int32Array(INITIAL_COUNT);
    this.lengths = new Int32Array(INITIAL_COUNT);
  }

  /** Adds a copy of `length` bytes at `offset` of `bytes`. */
  push(bytes: Uint8Array, offset: number, length: number): void {
    if (this.#end + length > this.bytes.length) this.#growBytes(length);
    copyBytes(this.bytes, this.#end, bytes, offset, length);
    this.#add(length);
    this.#end += length;
  }

  /** Adds an element that is missing. */
  pushMissing(): void {
    this.#add(MISSING);
  }

  #add(length: number): void {
    const { count } = this;
    if (count === this.offsets.length) this.#growCount();
    this.offsets[count] = this.#end;
    this.lengths[count] = length;
    this.count = count + 1;
  }

  #growBytes(length: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.#end + length));
    bytes.set(this.bytes.subarray(0, this.#end));
    this.bytes = bytes;
  }

  #growCount(): void {
    const offsets = new Int32Array(this.count * 2);
    const lengths = new Int32Array(this.count * 2);
    offsets.set(this.offsets);
    lengths.set(this.lengths);
    this.offsets = offsets;
    this.lengths = lengths;
  }

  /** A view of all texts. */
  used(): Uint8Array {
    return this.bytes.subarray(0, this.#end);
  }

  /** A view of element `i`, which must not be missing. */
  view(i: number): Uint8Array {
    const offset = this.offsets[i]!;
    return this.bytes.subarray(offset, offset + this.lengths[i]!);
  }
}
