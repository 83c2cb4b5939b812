// Listpacks: many small elements, texts and integers, in one arena block with Redis's own bytes, so
// that DUMP and RDB files take them as they are. Each kind of value keeps its small ones so.
//
//   | total bytes, 4 | elements, 2 | element | element | ... | 0xff |
//   element: | encoding and data | its length again, readable from behind |
//
// A reference names the block; its owner is whoever called `create`, `copy` or `merge`. All that
// change a listpack return its reference, which may be another one: the old must be forgotten. A
// position is an element's distance in bytes from the block's start, 0 is none. Elements are read
// into the fields bytes, offset and length, true until the next `get` or change of the arena. See
// docs/internals/listpack.md.

import { copyBytes } from '../bytes/copy.ts';
import { MAX_EXACT, parseInteger } from '../bytes/integer.ts';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import {
  backLengthBytes,
  END,
  elementBytesAt,
  elementBytesBefore,
  INTEGER_64,
  integerValueAt,
  isIntegerEncoding,
  ListpackElement,
  textElementBytes,
  textHeaderBytes,
  textLengthAt,
  writeIntegerText,
} from './listpack-element.ts';

/** Bytes before the first element. */
export const LISTPACK_HEADER_BYTES = 6;
/** Bytes of a listpack without elements. */
export const EMPTY_LISTPACK_BYTES = 7;
/** No listpack may become larger: other structures must be used before. */
const MAX_BYTES = 1024 * 1024 * 1024;
/** The number of elements that says: not known, count them. */
const COUNT_UNKNOWN = 65535;
/** Blocks above this are runs of pages, which grow by a sixteenth more than is needed. */
const SLACK_ABOVE_BYTES = 16384;
const NO_BYTES = new Uint8Array(0);

export class Listpacks {
  /** The array, offset and length of the element that `get` loaded. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  /**
   * Where the element lies that was written last; after a delete the one that follows the deleted,
   * or 0 when that is the end.
   */
  at = 0;
  readonly #arena: Arena;
  readonly #element = new ListpackElement();
  readonly #digits = new Uint8Array(24);

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  // --- making and freeing

  /** An empty listpack with room for `capacityBytes` in all. */
  create(capacityBytes: number = EMPTY_LISTPACK_BYTES): number {
    const lp = this.#arena.alloc(
      capacityBytes > EMPTY_LISTPACK_BYTES ? capacityBytes : EMPTY_LISTPACK_BYTES,
    );
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    this.#setByteLength(lp, EMPTY_LISTPACK_BYTES);
    data[start + 4] = 0;
    data[start + 5] = 0;
    data[start + LISTPACK_HEADER_BYTES] = END;
    return lp;
  }

  free(lp: number): void {
    this.#arena.free(lp);
  }

  /** A copy in a block of its own, without room to grow. */
  copy(lp: number): number {
    const total = this.byteLength(lp);
    return this.#moved(lp, total, total, total, total);
  }

  /** Makes a listpack of bytes that are known to be a sound one. */
  fromBytes(bytes: Uint8Array, offset: number, length: number): number {
    const lp = this.#arena.alloc(length);
    const start = (lp & GRANULE_MASK) << 3;
    copyBytes(this.#arena.bytes[lp >>> SLOT_SHIFT]!, start, bytes, offset, length);
    return lp;
  }

  /** Makes a listpack of known size, of which the caller must fill the elements' place. */
  createRaw(byteLength: number, count: number): number {
    const lp = this.#arena.alloc(byteLength);
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    this.#setByteLength(lp, byteLength);
    this.#setCount(data, start, count);
    data[start + byteLength - 1] = END;
    return lp;
  }

  /** Bytes of the listpack itself, header and end included. */
  byteLength(lp: number): number {
    return this.#arena.words[lp >>> SLOT_SHIFT]![(lp & GRANULE_MASK) << 1]!;
  }

  #setByteLength(lp: number, byteLength: number): void {
    this.#arena.words[lp >>> SLOT_SHIFT]![(lp & GRANULE_MASK) << 1] = byteLength;
  }

  /** Number of elements; from 65,535 on they are counted one by one. */
  count(lp: number): number {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    const known = data[start + 4]! | (data[start + 5]! << 8);
    if (known !== COUNT_UNKNOWN) return known;
    let count = 0;
    let at = start + LISTPACK_HEADER_BYTES;
    for (; data[at] !== END; at += elementBytesAt(data, at)) count++;
    if (count < COUNT_UNKNOWN) this.#setCount(data, start, count);
    return count;
  }

  #setCount(data: Uint8Array, start: number, count: number): void {
    const kept = count < COUNT_UNKNOWN ? count : COUNT_UNKNOWN;
    data[start + 4] = kept;
    data[start + 5] = kept >> 8;
  }

  /** Adds to the number of elements, unless it is not known. */
  #addCount(lp: number, added: number): void {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    const known = data[start + 4]! | (data[start + 5]! << 8);
    if (known !== COUNT_UNKNOWN) this.#setCount(data, start, known + added);
  }

  /** True when the listpack stays in its limit of 1 GB with `addedBytes` more. */
  hasRoomFor(lp: number, addedBytes: number): boolean {
    return this.byteLength(lp) + addedBytes <= MAX_BYTES;
  }

  // --- positions

  /** The first element, or 0 when there is none. */
  first(lp: number): number {
    const at = ((lp & GRANULE_MASK) << 3) + LISTPACK_HEADER_BYTES;
    return this.#arena.bytes[lp >>> SLOT_SHIFT]![at] === END ? 0 : LISTPACK_HEADER_BYTES;
  }

  /** The last element, or 0 when there is none. */
  last(lp: number): number {
    return this.previous(lp, this.byteLength(lp) - 1);
  }

  /** The element after the one at `position`, or 0. */
  next(lp: number, position: number): number {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    const next = position + elementBytesAt(data, start + position);
    return data[start + next] === END ? 0 : next;
  }

  /** The element `count` behind the one at `position`, or 0 when that is the end. */
  skip(lp: number, position: number, count: number): number {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    let at = start + position;
    for (let i = 0; i < count && data[at] !== END; i++) at += elementBytesAt(data, at);
    return data[at] === END ? 0 : at - start;
  }

  /** The element before the one at `position`, or 0. */
  previous(lp: number, position: number): number {
    if (position <= LISTPACK_HEADER_BYTES) return 0;
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    return position - elementBytesBefore(data, ((lp & GRANULE_MASK) << 3) + position);
  }

  /**
   * The element with number `index`, negative from the end (-1 is the last); 0 when there is none.
   */
  seek(lp: number, index: number): number {
    const count = this.count(lp);
    const forward = index < 0 ? index + count : index;
    if (forward < 0 || forward >= count) return 0;
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    if (forward <= count >> 1) {
      let at = start + LISTPACK_HEADER_BYTES;
      for (let i = 0; i < forward; i++) at += elementBytesAt(data, at);
      return at - start;
    }
    let at = start + this.byteLength(lp) - 1;
    for (let i = count; i > forward; i--) at -= elementBytesBefore(data, at);
    return at - start;
  }

  // --- reading

  /** Loads the element's text into bytes, offset and length. */
  get(lp: number, position: number): void {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const at = ((lp & GRANULE_MASK) << 3) + position;
    const header = textHeaderBytes(data[at]!);
    if (header !== 0) {
      this.bytes = data;
      this.offset = at + header;
      this.length = textLengthAt(data, at);
    } else {
      this.bytes = this.#digits;
      this.offset = 0;
      this.length = writeIntegerText(this.#digits, data, at);
    }
  }

  /** True when the element is stored as an integer. */
  isInteger(lp: number, position: number): boolean {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    return isIntegerEncoding(data[((lp & GRANULE_MASK) << 3) + position]!);
  }

  /** The element's integer; NaN when it is not stored as one, or one beyond 2^53. */
  integerAt(lp: number, position: number): number {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const at = ((lp & GRANULE_MASK) << 3) + position;
    if (!isIntegerEncoding(data[at]!)) return Number.NaN;
    const value = integerValueAt(data, at);
    return value <= MAX_EXACT && value >= -MAX_EXACT ? value : Number.NaN;
  }

  /** True when the element's text is the given one. */
  equals(lp: number, position: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const at = ((lp & GRANULE_MASK) << 3) + position;
    const header = textHeaderBytes(data[at]!);
    if (header !== 0) {
      if (textLengthAt(data, at) !== length) return false;
      for (let i = 0; i < length; i++) {
        if (data[at + header + i] !== bytes[offset + i]) return false;
      }
      return true;
    }
    const value = parseInteger(bytes, offset, length);
    return this.#equalsInteger(data, at, value, bytes, offset, length);
  }

  /** `value` is the text as parseInteger reads it: NaN, or inexact beyond 2^53. */
  #equalsInteger(
    data: Uint8Array,
    at: number,
    value: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    if (value <= MAX_EXACT && value >= -MAX_EXACT) return integerValueAt(data, at) === value;
    if (data[at] !== INTEGER_64 || Number.isNaN(value)) return false;
    this.#element.setText(bytes, offset, length);
    return this.#element.equalsInteger64(data, at);
  }

  /**
   * The first element from `position` on whose text is the given one, or 0.
   * @param position where to begin; 0 finds nothing.
   * @param skip elements to pass over after each that is compared: 1 looks at the fields of pairs.
   */
  find(
    lp: number,
    position: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    skip: number,
  ): number {
    if (position === 0) return 0;
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    const value = parseInteger(bytes, offset, length);
    const mayBeInteger = !Number.isNaN(value);
    let at = start + position;
    for (let first = data[at]!; first !== END; first = data[at]!) {
      const header = textHeaderBytes(first);
      if (header === 0) {
        if (mayBeInteger && this.#equalsInteger(data, at, value, bytes, offset, length)) {
          return at - start;
        }
        at += elementBytesAt(data, at);
      } else {
        const textLength = textLengthAt(data, at);
        if (textLength === length) {
          // From the end: texts that lie together often begin alike.
          const text = at + header;
          let i = length - 1;
          while (i >= 0 && data[text + i] === bytes[offset + i]) i--;
          if (i < 0) return at - start;
        }
        const body = header + textLength;
        at += body + backLengthBytes(body);
      }
      for (let i = 0; i < skip && data[at] !== END; i++) at += elementBytesAt(data, at);
    }
    return 0;
  }

  // --- changing

  /** Adds a text at the end. @returns the reference from now on. */
  append(lp: number, bytes: Uint8Array, offset: number, length: number): number {
    return this.insertBefore(lp, this.byteLength(lp) - 1, bytes, offset, length);
  }

  /** Adds a text at the beginning. @returns the reference from now on. */
  prepend(lp: number, bytes: Uint8Array, offset: number, length: number): number {
    return this.insertBefore(lp, LISTPACK_HEADER_BYTES, bytes, offset, length);
  }

  /** Adds a text before the element at `position`. @returns the reference from now on. */
  insertBefore(
    lp: number,
    position: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): number {
    this.#element.setText(bytes, offset, length);
    return this.#put(lp, position, 0, bytes, offset, length);
  }

  /** Adds a text after the element at `position`. @returns the reference from now on. */
  insertAfter(
    lp: number,
    position: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): number {
    const after = position + this.#sizeAt(lp, position);
    return this.insertBefore(lp, after, bytes, offset, length);
  }

  /** Puts a text in the place of the element at `position`. @returns the reference from now on. */
  replace(lp: number, position: number, bytes: Uint8Array, offset: number, length: number): number {
    this.#element.setText(bytes, offset, length);
    return this.#put(lp, position, this.#sizeAt(lp, position), bytes, offset, length);
  }

  /** Adds an exact integer (up to 2^53) at the end. @returns the reference from now on. */
  appendInteger(lp: number, value: number): number {
    return this.insertIntegerBefore(lp, this.byteLength(lp) - 1, value);
  }

  /** Adds an exact integer before the element at `position`. @returns the reference from now on. */
  insertIntegerBefore(lp: number, position: number, value: number): number {
    this.#element.setInteger(value);
    return this.#put(lp, position, 0, NO_BYTES, 0, 0);
  }

  /** Puts an exact integer in the place of an element. @returns the reference from now on. */
  replaceInteger(lp: number, position: number, value: number): number {
    this.#element.setInteger(value);
    return this.#put(lp, position, this.#sizeAt(lp, position), NO_BYTES, 0, 0);
  }

  /** Deletes `count` elements from `position` on. @returns the reference from now on. */
  delete(lp: number, position: number, count = 1): number {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    const start = (lp & GRANULE_MASK) << 3;
    let end = start + position;
    let deleted = 0;
    for (; deleted < count && data[end] !== END; deleted++) end += elementBytesAt(data, end);
    this.at = data[end] === END ? 0 : position;
    if (deleted === 0) return lp;
    this.#addCount(lp, -deleted);
    return this.#splice(lp, position, end - start - position, 0);
  }

  /** Deletes `count` elements from number `index` on. @returns the reference from now on. */
  deleteRange(lp: number, index: number, count: number): number {
    const position = this.seek(lp, index);
    return position === 0 || count <= 0 ? lp : this.delete(lp, position, count);
  }

  /** Bytes that a text takes as an element of a listpack. */
  static entryBytes(bytes: Uint8Array, offset: number, length: number): number {
    return textElementBytes(bytes, offset, length);
  }

  /** Adds the elements of `second` to the end of `first`; both references are used up. */
  merge(first: number, second: number): number {
    const arena = this.#arena;
    const count = this.count(first) + this.count(second);
    const addedBytes = this.byteLength(second) - EMPTY_LISTPACK_BYTES;
    const end = this.byteLength(first) - 1;
    const merged = this.#splice(first, end, 0, addedBytes);
    const data = arena.bytes[merged >>> SLOT_SHIFT]!;
    const start = (merged & GRANULE_MASK) << 3;
    const from = ((second & GRANULE_MASK) << 3) + LISTPACK_HEADER_BYTES;
    copyBytes(data, start + end, arena.bytes[second >>> SLOT_SHIFT]!, from, addedBytes);
    this.#setCount(data, start, count);
    arena.free(second);
    return merged;
  }

  /** Gives back room to grow that a listpack at rest does not need. @returns the reference. */
  fit(lp: number): number {
    const total = this.byteLength(lp);
    if (Arena.capacityFor(total) >= this.#arena.capacity(lp)) return lp;
    const fitted = this.#moved(lp, total, total, total, total);
    this.#arena.free(lp);
    return fitted;
  }

  #sizeAt(lp: number, position: number): number {
    const data = this.#arena.bytes[lp >>> SLOT_SHIFT]!;
    return elementBytesAt(data, ((lp & GRANULE_MASK) << 3) + position);
  }

  /** Writes the element in #element over `oldBytes` bytes at `position`. */
  #put(
    lp: number,
    position: number,
    oldBytes: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): number {
    const element = this.#element;
    const out = this.#splice(lp, position, oldBytes, element.size);
    const data = this.#arena.bytes[out >>> SLOT_SHIFT]!;
    element.write(data, ((out & GRANULE_MASK) << 3) + position, bytes, offset, length);
    if (oldBytes === 0) this.#addCount(out, 1);
    this.at = position;
    return out;
  }

  /** Replaces `oldBytes` at `position` by room for `newBytes`, moving the block when it must. */
  #splice(lp: number, position: number, oldBytes: number, newBytes: number): number {
    const arena = this.#arena;
    const total = this.byteLength(lp);
    const newTotal = total + newBytes - oldBytes;
    const tail = position + oldBytes;
    const capacity = arena.capacity(lp);
    if (newTotal > capacity) {
      const slack = newTotal > SLACK_ABOVE_BYTES ? newTotal >> 4 : 0;
      return this.#replaced(lp, position, tail, position + newBytes, newTotal + slack, newTotal);
    }
    const start = (lp & GRANULE_MASK) << 3;
    const data = arena.bytes[lp >>> SLOT_SHIFT]!;
    if (tail === total - 1) data[start + newTotal - 1] = END;
    else if (newBytes !== oldBytes) {
      data.copyWithin(start + position + newBytes, start + tail, start + total);
    }
    this.#setByteLength(lp, newTotal);
    if (newTotal >= total) return lp;
    // One size more than needed stays, so that a listpack that breathes is not moved each time.
    return Arena.capacityFor(newTotal + (newTotal >> 3)) < capacity ? this.fit(lp) : lp;
  }

  #replaced(
    lp: number,
    headBytes: number,
    tail: number,
    newTail: number,
    capacityBytes: number,
    newTotal: number,
  ): number {
    const moved = this.#moved(lp, headBytes, tail, newTail, capacityBytes);
    this.#arena.free(lp);
    this.#setByteLength(moved, newTotal);
    return moved;
  }

  /** A new block with the first `headBytes`, and from `newTail` on what lies from `tail` on. */
  #moved(
    lp: number,
    headBytes: number,
    tail: number,
    newTail: number,
    capacityBytes: number,
  ): number {
    const arena = this.#arena;
    const total = this.byteLength(lp);
    const moved = arena.alloc(capacityBytes);
    const from = arena.bytes[lp >>> SLOT_SHIFT]!;
    const fromStart = (lp & GRANULE_MASK) << 3;
    const to = arena.bytes[moved >>> SLOT_SHIFT]!;
    const toStart = (moved & GRANULE_MASK) << 3;
    copyBytes(to, toStart, from, fromStart, headBytes);
    copyBytes(to, toStart + newTail, from, fromStart + tail, total - tail);
    return moved;
  }
}
