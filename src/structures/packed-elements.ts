// Reads the elements of a packed node (quicklist-packing.ts) one after the other, without its
// listpack: a text takes the place of the one before, of which what both begin with stays. For
// those who read all of a list. The block may not change meanwhile.

import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import {
  DIFFERENCE,
  OWN_LIMIT,
  PACKED_HEADER_BYTES,
  SHARED_LIMIT,
  SMALL_DIFFERENCE,
} from './quicklist-packing.ts';

/** Longest text of a packed node. */
const TEXT_BYTES = 4096;
const NO_BYTES = new Uint8Array(0);

export class PackedElements {
  /** The element at hand, when it is a text: from the beginning of the array, until the next. */
  readonly text: Uint8Array = new Uint8Array(TEXT_BYTES);
  length = 0;
  /** The element at hand, when it is an integer. */
  integer = 0;
  #data: Uint8Array = NO_BYTES;
  #at = 0;

  /** Begins before the first element of a packed node's block. */
  begin(arena: Arena, content: number): void {
    this.#data = arena.bytes[content >>> SLOT_SHIFT]!;
    this.#at = ((content & GRANULE_MASK) << 3) + PACKED_HEADER_BYTES;
    this.integer = 0;
  }

  /** Goes to the next element, which must be there. @returns whether it is an integer. */
  next(): boolean {
    const data = this.#data;
    const token = data[this.#at++]!;
    if (token >= SMALL_DIFFERENCE) {
      if (token < DIFFERENCE) this.integer += token & 15;
      else {
        const zigzag = this.#number();
        this.integer += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
      return true;
    }
    let shared = token >> 4;
    let own = token & 15;
    if (shared === SHARED_LIMIT) shared += this.#number();
    if (own === OWN_LIMIT) own += this.#number();
    const { text } = this;
    const from = this.#at;
    for (let i = 0; i < own; i++) text[shared + i] = data[from + i]!;
    this.#at = from + own;
    this.length = shared + own;
    return false;
  }

  /** Reads a number in groups of 7 bits, lowest first. */
  #number(): number {
    const data = this.#data;
    let at = this.#at;
    let byte = data[at++]!;
    let value = byte & 127;
    for (let scale = 128; byte >= 128; scale *= 128) {
      byte = data[at++]!;
      value += (byte & 127) * scale;
    }
    this.#at = at;
    return value;
  }
}
