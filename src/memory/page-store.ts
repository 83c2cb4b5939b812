// Slots, chunks and pages: the ground under the arena.
//
//   chunk   one ArrayBuffer of 64 MB, cut into 16 slots; let go of when all of it is free
//   slot    4 MB, 512 pages; the unit that the upper 13 bits of a reference name
//   page    8 KB; slabs and large blocks are runs of pages inside one slot
//   huge    a block over 2 MB has an ArrayBuffer and a slot number of its own, whatever its size
//
// A reference is a signed 32-bit integer, slot << 19 | granule, so 32 GB can be addressed and a
// reference is never a heap number. Free runs lie in bins by length with boundary tags at both
// ends, so freeing joins neighbours at once. The store owns all buffers. Only the arena may call.

import { assert } from '../bytes/assert.ts';
import { GRANULE_BYTES, PAGE_BYTES } from './size-classes.ts';

export const SLOT_SHIFT = 19;
export const GRANULE_MASK: number = (1 << SLOT_SHIFT) - 1;
export const SLOT_BYTES: number = GRANULE_BYTES << SLOT_SHIFT;
export const PAGES_PER_SLOT: number = SLOT_BYTES / PAGE_BYTES;
export const PAGE_SHIFT = 9;
/** Granules of a page as a shift: page in slot = granule >>> GRANULES_PER_PAGE_SHIFT. */
export const GRANULES_PER_PAGE_SHIFT = 10;
const SLOTS_PER_CHUNK = 16;
const PAGES_PER_CHUNK: number = SLOTS_PER_CHUNK * PAGES_PER_SLOT;
const MAX_SLOTS = 8192;

/** Fields of a page's record in the slot's table. */
export const PAGE_FIELDS = 6;
export const STATE = 0;
export const FREE_HEAD = 1;
export const USED_COUNT = 2;
export const BUMP = 3;
export const PREVIOUS = 4;
export const NEXT = 5;

/**
 * States of a page: negative is a free run of that length; below these marks it is a slab's class.
 */
export const LARGE = 0x100000;
export const CONTINUATION = 0x200000;
export const HUGE = 0x400000;

const NO_PAGE = -1;
const CACHE_LINE_BYTES = 64;
const EMPTY_BYTES = new Uint8Array(0);
const EMPTY_WORDS = new Int32Array(0);
const EMPTY_DOUBLES = new Float64Array(0);

interface Chunk {
  readonly byteLength: number;
  readonly slots: number[];
  freePages: number;
}

/** Of huge blocks so many bytes are kept until the next trim. */
const MOST_SPARE_BYTES = 64 * 1024 * 1024;

/** Thrown when the process can give no more memory; the server's data is untouched. */
export class ArenaFullError extends Error {
  readonly code = 'DISGO_ARENA_FULL';
}

export class PageStore {
  /** Bytes of each slot; a huge block's slot holds the whole block. */
  readonly bytes: Uint8Array[] = [];
  /** The same memory as signed 32-bit words. */
  readonly words: Int32Array[] = [];
  /** The same memory as doubles: blocks start at multiples of eight. */
  readonly doubles: Float64Array[] = [];
  /** Page records of each slot. */
  readonly pages: Int32Array[] = [];
  /** Bytes obtained from the system. */
  mappedBytes = 0;
  /** Bytes of buffers that were let go of, ever: the collector gives them back to the system. */
  droppedBytes = 0;
  /** Buffers of huge blocks that were given back since the last trim, for others of their size. */
  #spares: ArrayBuffer[] = [];
  #spareBytes = 0;
  #chunkOfSlot: (Chunk | null)[] = [];
  #freeSlotNumbers: number[] = [];
  #bins = new Int32Array(PAGES_PER_SLOT + 1).fill(NO_PAGE);
  #emptyChunks = 0;
  readonly #alignment: number;

  /**
   * @param alignment bytes from a large buffer's start to the next cache line (0 to 56, a multiple
   * of 8): blocks of 64 bytes then lie in one line each, which saves a miss per lookup.
   */
  constructor(alignment: number) {
    this.#alignment = alignment;
    // Reference 0 means "nothing", so slot 0 names no memory.
    this.#newSlot(null);
  }

  /**
   * Takes a run of pages.
   * @returns the global page number (slot * 512 + page) of its first page.
   */
  takeRun(pageCount: number): number {
    let length = pageCount;
    while (length <= PAGES_PER_SLOT && this.#bins[length] === NO_PAGE) length++;
    if (length > PAGES_PER_SLOT) {
      this.#addChunk();
      length = PAGES_PER_SLOT;
    }
    const head = this.#bins[length]!;
    this.#unlinkRun(head, length);
    if (length > pageCount) this.#linkRun(head + pageCount, length - pageCount);
    this.#changeFree(head, -pageCount);
    return head;
  }

  /** Gives a run of pages back and joins it with free neighbours in the same slot. */
  giveRun(head: number, pageCount: number): void {
    const slot = head >>> PAGE_SHIFT;
    const records = this.pages[slot]!;
    let first = head & (PAGES_PER_SLOT - 1);
    let length = pageCount;
    const after = first + length;
    if (after < PAGES_PER_SLOT) {
      const state = records[after * PAGE_FIELDS + STATE]!;
      if (state < 0) {
        this.#unlinkRun((slot << PAGE_SHIFT) + after, -state);
        length -= state;
      }
    }
    if (first > 0) {
      const state = records[(first - 1) * PAGE_FIELDS + STATE]!;
      if (state < 0) {
        first += state;
        length -= state;
        this.#unlinkRun((slot << PAGE_SHIFT) + first, -state);
      }
    }
    this.#linkRun((slot << PAGE_SHIFT) + first, length);
    this.#changeFree(head, pageCount);
  }

  /**
   * Takes a block of its own buffer.
   * @param isZeroed a new buffer is taken, which the system zeroes where it is touched
   * @returns its reference (granule 0 of a new slot).
   */
  takeHuge(byteLength: number, isZeroed: boolean): number {
    const rounded = Math.ceil(byteLength / PAGE_BYTES) * PAGE_BYTES;
    const spare = isZeroed ? null : this.#takeSpare(rounded);
    const buffer = spare ?? this.#newBuffer(rounded);
    const records = new Int32Array(PAGE_FIELDS);
    records[STATE] = HUGE;
    const slot = this.#newSlot(null);
    this.bytes[slot] = new Uint8Array(buffer);
    this.words[slot] = new Int32Array(buffer);
    this.doubles[slot] = new Float64Array(buffer);
    this.pages[slot] = records;
    return slot << SLOT_SHIFT;
  }

  giveHuge(ref: number): void {
    const slot = ref >>> SLOT_SHIFT;
    const { buffer, length } = this.bytes[slot]!;
    this.#dropSlot(slot);
    if (this.#spareBytes + length > MOST_SPARE_BYTES) {
      this.#countDropped(length);
      return;
    }
    this.#spares.push(buffer as ArrayBuffer);
    this.#spareBytes += length;
    this.mappedBytes -= length;
  }

  /** A large value is often replaced by one of its size; a new buffer costs as much as its copy. */
  #takeSpare(byteLength: number): ArrayBuffer | null {
    const index = this.#spares.findIndex((buffer) => buffer.byteLength === byteLength);
    if (index < 0) return null;
    this.#spareBytes -= byteLength;
    this.mappedBytes += byteLength;
    return this.#spares.splice(index, 1)[0]!;
  }

  /** Lets go of chunks without a used page, and of spares. @returns the bytes of the chunks. */
  trim(): number {
    this.droppedBytes += this.#spareBytes;
    this.#spareBytes = 0;
    if (this.#spares.length > 0) this.#spares = [];
    if (this.#emptyChunks === 0) return 0;
    const before = this.mappedBytes;
    for (const chunk of new Set(this.#chunkOfSlot)) {
      if (chunk !== null && chunk.freePages === PAGES_PER_CHUNK) this.#dropChunk(chunk);
    }
    return before - this.mappedBytes;
  }

  #countDropped(byteLength: number): void {
    this.mappedBytes -= byteLength;
    this.droppedBytes += byteLength;
  }

  #changeFree(page: number, delta: number): void {
    const chunk = this.#chunkOfSlot[page >>> PAGE_SHIFT]!;
    if (chunk.freePages === PAGES_PER_CHUNK) this.#emptyChunks--;
    chunk.freePages += delta;
    if (chunk.freePages === PAGES_PER_CHUNK) this.#emptyChunks++;
  }

  #newBuffer(byteLength: number): ArrayBuffer {
    try {
      const buffer = new ArrayBuffer(byteLength);
      this.mappedBytes += byteLength;
      return buffer;
    } catch (cause) {
      throw new ArenaFullError(`no memory for a block of ${byteLength} bytes`, { cause });
    }
  }

  #newSlot(chunk: Chunk | null): number {
    let slot = this.#freeSlotNumbers.pop();
    if (slot === undefined) {
      slot = this.bytes.length;
      if (slot >= MAX_SLOTS) throw new ArenaFullError('the arena has reached its 32 GB');
      this.bytes.push(EMPTY_BYTES);
      this.words.push(EMPTY_WORDS);
      this.doubles.push(EMPTY_DOUBLES);
      this.pages.push(EMPTY_WORDS);
      this.#chunkOfSlot.push(chunk);
    }
    this.#chunkOfSlot[slot] = chunk;
    return slot;
  }

  #dropSlot(slot: number): void {
    this.bytes[slot] = EMPTY_BYTES;
    this.words[slot] = EMPTY_WORDS;
    this.doubles[slot] = EMPTY_DOUBLES;
    this.pages[slot] = EMPTY_WORDS;
    this.#chunkOfSlot[slot] = null;
    this.#freeSlotNumbers.push(slot);
  }

  #addChunk(): void {
    const buffer = this.#newBuffer(SLOT_BYTES * SLOTS_PER_CHUNK + CACHE_LINE_BYTES);
    const base = this.#alignment;
    const chunk: Chunk = { byteLength: buffer.byteLength, slots: [], freePages: 0 };
    for (let i = 0; i < SLOTS_PER_CHUNK; i++) {
      const slot = this.#newSlot(chunk);
      chunk.slots.push(slot);
      this.bytes[slot] = new Uint8Array(buffer, base + i * SLOT_BYTES, SLOT_BYTES);
      this.words[slot] = new Int32Array(buffer, base + i * SLOT_BYTES, SLOT_BYTES / 4);
      this.doubles[slot] = new Float64Array(buffer, base + i * SLOT_BYTES, SLOT_BYTES / 8);
      this.pages[slot] = new Int32Array(PAGES_PER_SLOT * PAGE_FIELDS);
    }
    chunk.slots.sort((a, b) => b - a);
    for (const slot of chunk.slots) this.#linkRun(slot << PAGE_SHIFT, PAGES_PER_SLOT);
    chunk.freePages = PAGES_PER_CHUNK;
    this.#emptyChunks++;
  }

  #dropChunk(chunk: Chunk): void {
    for (const slot of chunk.slots) {
      this.#unlinkRun(slot << PAGE_SHIFT, PAGES_PER_SLOT);
      this.#dropSlot(slot);
    }
    this.#emptyChunks--;
    this.#countDropped(chunk.byteLength);
  }

  #linkRun(head: number, length: number): void {
    const records = this.pages[head >>> PAGE_SHIFT]!;
    const page = head & (PAGES_PER_SLOT - 1);
    const at = page * PAGE_FIELDS;
    const next = this.#bins[length]!;
    records[at + STATE] = -length;
    records[(page + length - 1) * PAGE_FIELDS + STATE] = -length;
    records[at + PREVIOUS] = NO_PAGE;
    records[at + NEXT] = next;
    if (next !== NO_PAGE) this.#field(next, PREVIOUS, head);
    this.#bins[length] = head;
  }

  #unlinkRun(head: number, length: number): void {
    const records = this.pages[head >>> PAGE_SHIFT]!;
    const at = (head & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS;
    assert(records[at + STATE] === -length, 'a free run of pages has lost its tag');
    const previous = records[at + PREVIOUS]!;
    const next = records[at + NEXT]!;
    if (previous === NO_PAGE) this.#bins[length] = next;
    else this.#field(previous, NEXT, next);
    if (next !== NO_PAGE) this.#field(next, PREVIOUS, previous);
  }

  #field(page: number, field: number, value: number): void {
    const records = this.pages[page >>> PAGE_SHIFT]!;
    records[(page & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS + field] = value;
  }
}
