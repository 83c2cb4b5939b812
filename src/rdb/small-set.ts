// A set that becomes a listpack, while its members come one by one: they are put together in a
// buffer of this object, which is copied into one block at the end, and found out as duplicates
// through a small table of where each lies, so that nothing is searched from the beginning and no
// block grows member by member. Equal texts have equal elements, so elements are compared.

import type { Listpacks } from '../structures/listpack.ts';
import { END, ListpackElement } from '../structures/listpack-element.ts';

const HEADER_BYTES = 6;
const FIRST_BYTES = 16384;
const FIRST_SLOTS = 512;

export class SmallSet {
  /** Members so far. */
  count = 0;
  #bytes = new Uint8Array(FIRST_BYTES);
  #end = HEADER_BYTES;
  /** Where an element lies, 0 for none; twice as many slots as members at least. */
  #slots = new Int32Array(FIRST_SLOTS);
  readonly #element = new ListpackElement();

  /** Begins with no members. @param most how many will come at most. */
  begin(most: number): void {
    this.count = 0;
    this.#end = HEADER_BYTES;
    let slots = this.#slots.length;
    while (slots < most * 2) slots *= 2;
    if (slots > this.#slots.length) this.#slots = new Int32Array(slots);
    else this.#slots.fill(0);
  }

  /** @returns false when the member is there already. */
  add(bytes: Uint8Array, offset: number, length: number): boolean {
    const element = this.#element;
    element.setText(bytes, offset, length);
    const { size } = element;
    const at = this.#end;
    if (at + size >= this.#bytes.length) this.#grow(at + size + 1);
    element.write(this.#bytes, at, bytes, offset, length);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = this.#hash(at, size) & mask;
    for (let other = slots[slot]!; other !== 0; other = slots[slot]!) {
      if (this.#isEqual(other, at, size)) return false;
      slot = (slot + 1) & mask;
    }
    slots[slot] = at;
    this.#end = at + size;
    this.count++;
    return true;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  /** Of the last bytes before the back length: texts that lie together often begin alike. */
  #hash(at: number, size: number): number {
    const bytes = this.#bytes;
    let hash = size;
    for (let i = Math.max(at, at + size - 9); i < at + size; i++) {
      hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    }
    return hash ^ (hash >>> 15);
  }

  /** No element is the beginning of another, so as many equal bytes are an equal element. */
  #isEqual(other: number, at: number, size: number): boolean {
    const bytes = this.#bytes;
    if (other + size > at) return false;
    for (let i = 0; i < size; i++) if (bytes[other + i] !== bytes[at + i]) return false;
    return true;
  }

  /** Makes a listpack of the members. @returns its reference. */
  finish(listpacks: Listpacks): number {
    const bytes = this.#bytes;
    const total = this.#end + 1;
    for (let i = 0; i < 4; i++) bytes[i] = total >>> (8 * i);
    const kept = Math.min(this.count, 65535);
    bytes[4] = kept;
    bytes[5] = kept >> 8;
    bytes[this.#end] = END;
    return listpacks.fromBytes(bytes, 0, total);
  }
}
