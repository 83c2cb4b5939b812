// The times at which the fields of one large hash expire, soonest first: a binary heap in an arena
// block, so that a hash with expiring fields is no object either.
//
//   heap block   | time low, time high, field | time low, time high, field | ...   12 bytes each
//   state        words HEAP_WORD and HEAP_COUNT_WORD of the hash's root name it
//
// A field in the heap is TAGGED (dict.ts), and its tag word holds its position in the heap.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';

export const HEAP_WORD = 6;
export const HEAP_COUNT_WORD = 9;
/** Word of a field's entry that holds its position. */
export const FIELD_TAG_WORD = 3;
const TWO_32 = 0x100000000;
const ITEM_WORDS = 3;
const ITEM_BYTES = 12;
const INITIAL_ITEMS = 4;
const NO_WORDS = new Int32Array(0);

export class FieldHeap {
  readonly #arena: Arena;
  /** The block that is worked on. */
  #words: Int32Array = NO_WORDS;
  #base = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  count(state: number): number {
    return this.#field(state, HEAP_COUNT_WORD);
  }

  #field(state: number, word: number): number {
    return this.#arena.words[state >>> SLOT_SHIFT]![((state & GRANULE_MASK) << 1) + word]!;
  }

  #setField(state: number, word: number, value: number): void {
    this.#arena.words[state >>> SLOT_SHIFT]![((state & GRANULE_MASK) << 1) + word] = value;
  }

  #open(state: number): void {
    const ref = this.#field(state, HEAP_WORD);
    this.#words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    this.#base = (ref & GRANULE_MASK) << 1;
  }

  /** Lets go of the memory that the last heap lay in. */
  forget(): void {
    this.#words = NO_WORDS;
  }

  #timeAt(position: number): number {
    const at = this.#base + position * ITEM_WORDS;
    return this.#words[at + 1]! * TWO_32 + (this.#words[at]! >>> 0);
  }

  #refAt(position: number): number {
    return this.#words[this.#base + position * ITEM_WORDS + 2]!;
  }

  #put(position: number, field: number, timeMs: number): void {
    const at = this.#base + position * ITEM_WORDS;
    this.#words[at] = timeMs | 0;
    this.#words[at + 1] = Math.floor(timeMs / TWO_32);
    this.#words[at + 2] = field;
    const words = this.#arena.words[field >>> SLOT_SHIFT]!;
    words[((field & GRANULE_MASK) << 1) + FIELD_TAG_WORD] = position;
  }

  /** The field that expires first, or 0. */
  first(state: number): number {
    if (this.count(state) === 0) return NULL_REF;
    this.#open(state);
    return this.#refAt(0);
  }

  /** The time of the field that expires first in ms of the Unix epoch, or -1. */
  firstTimeMs(state: number): number {
    if (this.count(state) === 0) return -1;
    this.#open(state);
    return this.#timeAt(0);
  }

  #positionOf(field: number): number {
    return this.#field(field, FIELD_TAG_WORD);
  }

  /** Time of a field of this heap. */
  timeOf(state: number, field: number): number {
    this.#open(state);
    return this.#timeAt(this.#positionOf(field));
  }

  /** Adds a field, which is TAGGED. */
  add(state: number, field: number, timeMs: number): void {
    const count = this.count(state);
    this.#reserve(state, count + 1);
    this.#setField(state, HEAP_COUNT_WORD, count + 1);
    this.#open(state);
    this.#siftUp(count, field, timeMs);
  }

  #reserve(state: number, items: number): void {
    const ref = this.#field(state, HEAP_WORD);
    if (ref === NULL_REF) {
      this.#setField(state, HEAP_WORD, this.#arena.alloc(INITIAL_ITEMS * ITEM_BYTES));
      return;
    }
    if (this.#arena.capacity(ref) >= items * ITEM_BYTES) return;
    const grown = this.#arena.alloc(items * ITEM_BYTES * 2);
    const start = (ref & GRANULE_MASK) << 3;
    const source = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    const used = (items - 1) * ITEM_BYTES;
    const target = this.#arena.bytes[grown >>> SLOT_SHIFT]!;
    target.set(source.subarray(start, start + used), (grown & GRANULE_MASK) << 3);
    this.#arena.free(ref);
    this.#setField(state, HEAP_WORD, grown);
  }

  /** Removes a field from the heap. */
  remove(state: number, field: number): void {
    this.#open(state);
    const position = this.#positionOf(field);
    const last = this.count(state) - 1;
    this.#setField(state, HEAP_COUNT_WORD, last);
    if (position !== last) {
      const moved = this.#refAt(last);
      const timeMs = this.#timeAt(last);
      this.#siftUp(position, moved, timeMs);
      this.#siftDown(this.#positionOf(moved), moved, timeMs, last);
    }
    if (last > 0) return;
    this.#arena.free(this.#field(state, HEAP_WORD));
    this.#setField(state, HEAP_WORD, NULL_REF);
  }

  /** Changes the time of a field of this heap. */
  update(state: number, field: number, timeMs: number): void {
    this.#open(state);
    this.#siftUp(this.#positionOf(field), field, timeMs);
    this.#siftDown(this.#positionOf(field), field, timeMs, this.count(state));
  }

  /** A field has moved to another block, its tag with it. */
  moved(state: number, field: number): void {
    this.#open(state);
    this.#words[this.#base + this.#positionOf(field) * ITEM_WORDS + 2] = field;
  }

  #siftUp(from: number, field: number, timeMs: number): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (this.#timeAt(parent) <= timeMs) break;
      this.#put(position, this.#refAt(parent), this.#timeAt(parent));
      position = parent;
    }
    this.#put(position, field, timeMs);
  }

  #siftDown(from: number, field: number, timeMs: number, count: number): void {
    let position = from;
    for (;;) {
      let child = position * 2 + 1;
      if (child >= count) break;
      if (child + 1 < count && this.#timeAt(child + 1) < this.#timeAt(child)) child++;
      if (this.#timeAt(child) >= timeMs) break;
      this.#put(position, this.#refAt(child), this.#timeAt(child));
      position = child;
    }
    this.#put(position, field, timeMs);
  }

  /** Frees the block; the fields are somebody else's. */
  destroy(state: number): void {
    const ref = this.#field(state, HEAP_WORD);
    if (ref !== NULL_REF) this.#arena.free(ref);
    this.#setField(state, HEAP_WORD, NULL_REF);
    this.#setField(state, HEAP_COUNT_WORD, 0);
  }
}
