// Packs listpacks that rest in the middle of long quicklists: each element is written as what
// differs from the one before. `job:1000001` after `job:1000000` takes 3 bytes in the place of 13.
// Unpacking gives back the very bytes. Only QuicklistNodes calls this.
//
//   | bytes of the listpack, 4 | element | element | ...
//   text      | shared, 4 bits; own, 4 bits | more shared | more own | own bytes |
//   integer   | 14, 4 bits; difference, 4 bits |   or   | 240 | difference, zigzag |
//
// "More" is there when its 4 bits are full (13 and 15), and is a number in groups of 7 bits, lowest
// first, like the zigzag one. See docs/internals/quicklist.md.

import { copyBytes } from '../bytes/copy.ts';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { EMPTY_LISTPACK_BYTES, LISTPACK_HEADER_BYTES, type Listpacks } from './listpack.ts';
import {
  backLengthBytes,
  END,
  elementBytesAt,
  integerElementBytes,
  integerValueAt,
  isShortText,
  ListpackElement,
  shortTextLength,
  textHeaderBytes,
  textLengthAt,
  writeBackLength,
} from './listpack-element.ts';

export const PACKED_HEADER_BYTES = 4;
/** Listpacks outside of these sizes are not worth it, or not meant. */
const MIN_LISTPACK_BYTES = 512;
const MAX_LISTPACK_BYTES = 65536;
/** Room for what is copied by fours. */
const SPARE_BYTES = 8;
/** After so many bytes written it must be clear that packing pays. */
const TRIAL_BYTES = 256;

export const SHARED_LIMIT = 13;
export const OWN_LIMIT = 15;
/** From here on a token is an integer that differs by its low 4 bits; from DIFFERENCE, by more. */
export const SMALL_DIFFERENCE = 0xe0;
export const DIFFERENCE = 0xf0;
/** Longest text whose length fits 6 bits; longer ones have a header of two bytes. */
const SHORT_TEXT_LIMIT = 64;
/** Differences of integers up to this are exact. */
const MAX_INTEGER = 2 ** 47;

export class QuicklistPacker {
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;
  readonly #element = new ListpackElement();
  readonly #scratch = new Uint8Array(MAX_LISTPACK_BYTES + SPARE_BYTES);
  readonly #view = new DataView(this.#scratch.buffer);
  /** Bytes of #scratch that are written; where `unpack` reads on. */
  #at = 0;

  constructor(arena: Arena, listpacks: Listpacks) {
    this.#arena = arena;
    this.#listpacks = listpacks;
  }

  /**
   * The packed form of a listpack, which stays as it is.
   * @returns a block for `unpack`, the caller's; 0 when it would save too little.
   */
  pack(listpack: number): number {
    const arena = this.#arena;
    const total = this.#listpacks.byteLength(listpack);
    if (total < MIN_LISTPACK_BYTES || total > MAX_LISTPACK_BYTES) return 0;
    const data = arena.bytes[listpack >>> SLOT_SHIFT]!;
    if (!this.#packElements(data, (listpack & GRANULE_MASK) << 3)) return 0;
    const bytes = PACKED_HEADER_BYTES + this.#at;
    // By what the listpack needs, not by the block that it has: the same elements, packed the same.
    if (Arena.capacityFor(bytes) * 8 > Arena.capacityFor(total) * 7) return 0;
    const content = arena.alloc(bytes);
    arena.words[content >>> SLOT_SHIFT]![(content & GRANULE_MASK) << 1] = total;
    const start = ((content & GRANULE_MASK) << 3) + PACKED_HEADER_BYTES;
    copyBytes(arena.bytes[content >>> SLOT_SHIFT]!, start, this.#scratch, 0, this.#at);
    return content;
  }

  /** Writes all elements to #scratch. @returns false when it does not pay or cannot be undone. */
  #packElements(data: Uint8Array, start: number): boolean {
    let at = start + LISTPACK_HEADER_BYTES;
    let text = at;
    let textLength = 0;
    let integer = 0;
    this.#at = 0;
    for (let first = data[at]!; first !== END; first = data[at]!) {
      const written = this.#at;
      if (written > TRIAL_BYTES && written * 5 > (at - start) * 4) return false;
      if (isShortText(first)) {
        const length = shortTextLength(first);
        this.#packText(data, at + 1, length, text, textLength);
        text = at + 1;
        textLength = length;
        at = text + length + 1;
        continue;
      }
      const header = textHeaderBytes(first);
      if (header === 0) {
        const value = integerValueAt(data, at);
        const bytes = elementBytesAt(data, at);
        if (value > MAX_INTEGER || value < -MAX_INTEGER) return false;
        // The shortest form is the only one that comes back.
        if (bytes !== integerElementBytes(value)) return false;
        this.#packInteger(value - integer);
        integer = value;
        at += bytes;
      } else {
        const length = textLengthAt(data, at);
        if (header !== (length < SHORT_TEXT_LIMIT ? 1 : 2)) return false;
        this.#packText(data, at + header, length, text, textLength);
        text = at + header;
        textLength = length;
        at = text + length + backLengthBytes(header + length);
      }
    }
    return true;
  }

  #packInteger(difference: number): void {
    const scratch = this.#scratch;
    if (difference >= 0 && difference < 16) {
      scratch[this.#at++] = SMALL_DIFFERENCE | difference;
      return;
    }
    scratch[this.#at++] = DIFFERENCE;
    this.#packNumber(difference >= 0 ? difference * 2 : -difference * 2 - 1);
  }

  #packNumber(value: number): void {
    const scratch = this.#scratch;
    let rest = value;
    while (rest >= 128) {
      scratch[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    scratch[this.#at++] = rest;
  }

  #packText(
    data: Uint8Array,
    text: number,
    length: number,
    before: number,
    beforeLength: number,
  ): void {
    const most = length < beforeLength ? length : beforeLength;
    let shared = 0;
    while (shared < most && data[text + shared] === data[before + shared]) shared++;
    const own = length - shared;
    const scratch = this.#scratch;
    let to = this.#at;
    if (shared < SHARED_LIMIT && own < OWN_LIMIT) {
      scratch[to++] = (shared << 4) | own;
      for (let i = text + shared, end = text + length; i < end; i++) scratch[to++] = data[i]!;
      this.#at = to;
      return;
    }
    scratch[to++] =
      ((shared < SHARED_LIMIT ? shared : SHARED_LIMIT) << 4) | (own < OWN_LIMIT ? own : OWN_LIMIT);
    this.#at = to;
    if (shared >= SHARED_LIMIT) this.#packNumber(shared - SHARED_LIMIT);
    if (own >= OWN_LIMIT) this.#packNumber(own - OWN_LIMIT);
    copyBytes(scratch, this.#at, data, text + shared, own);
    this.#at += own;
  }

  /** The listpack of a packed block with `count` elements; the block stays as it is. */
  unpack(content: number, count: number): number {
    const arena = this.#arena;
    const total = arena.words[content >>> SLOT_SHIFT]![(content & GRANULE_MASK) << 1]!;
    const listpack = this.#listpacks.createRaw(total, count);
    const source = arena.bytes[content >>> SLOT_SHIFT]!;
    this.#unpackElements(source, ((content & GRANULE_MASK) << 3) + PACKED_HEADER_BYTES, count);
    const start = ((listpack & GRANULE_MASK) << 3) + LISTPACK_HEADER_BYTES;
    const bytes = total - EMPTY_LISTPACK_BYTES;
    copyBytes(arena.bytes[listpack >>> SLOT_SHIFT]!, start, this.#scratch, 0, bytes);
    return listpack;
  }

  /** Writes the listpack's elements to #scratch. */
  #unpackElements(source: Uint8Array, start: number, count: number): void {
    const data = this.#scratch;
    let from = start;
    let at = 0;
    let text = 0;
    let integer = 0;
    for (let i = 0; i < count; i++) {
      const token = source[from++]!;
      if (token >= SMALL_DIFFERENCE) {
        if (token < DIFFERENCE) integer += token & 15;
        else {
          integer += this.#unpackDifference(source, from);
          from = this.#at;
        }
        this.#element.setInteger(integer);
        this.#element.write(data, at, data, 0, 0);
        at += this.#element.size;
        continue;
      }
      let shared = token >> 4;
      let own = token & 15;
      if (shared === SHARED_LIMIT) {
        shared += this.#unpackNumber(source, from);
        from = this.#at;
      }
      if (own === OWN_LIMIT) {
        own += this.#unpackNumber(source, from);
        from = this.#at;
      }
      const length = shared + own;
      const before = text;
      text = this.#writeTextHeader(at, length);
      this.#copyShared(before, text, shared);
      for (let end = from + own, to = text + shared; from < end; from++) data[to++] = source[from]!;
      const end = text + length;
      const body = end - at;
      if (body < 128) data[end] = body;
      else writeBackLength(data, end, body);
      at = end + backLengthBytes(body);
    }
  }

  /** Writes the length of a text at `at`. @returns where its bytes begin. */
  #writeTextHeader(at: number, length: number): number {
    const data = this.#scratch;
    if (length < SHORT_TEXT_LIMIT) {
      data[at] = 0x80 | length;
      return at + 1;
    }
    data[at] = 0xe0 | (length >> 8);
    data[at + 1] = length;
    return at + 2;
  }

  /** Copies four bytes at a time; up to three more than asked for, which are written over later. */
  #copyShared(from: number, to: number, length: number): void {
    const view = this.#view;
    for (let i = 0; i < length; i += 4) view.setInt32(to + i, view.getInt32(from + i));
  }

  /** Reads a number; `#at` is behind it afterwards. */
  #unpackNumber(source: Uint8Array, from: number): number {
    let byte = source[from]!;
    let value = byte & 127;
    let at = from + 1;
    for (let scale = 128; byte >= 128; scale *= 128) {
      byte = source[at++]!;
      value += (byte & 127) * scale;
    }
    this.#at = at;
    return value;
  }

  #unpackDifference(source: Uint8Array, from: number): number {
    const zigzag = this.#unpackNumber(source, from);
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }
}
