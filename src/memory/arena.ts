// The arena: all bytes of the data set, off the JavaScript heap, in blocks named by 32-bit
// references.
//
//   ref  = slot << 19 | granule          bytes of a block:  arena.bytes[ref >>> 19], from (ref & GRANULE_MASK) << 3
//   slab = a run of pages cut into blocks of one size class
//          | used | free -> | used | free -> 0 | never used ...        (free blocks are linked through themselves)
//
// A block has one owner, which frees it once. Sizes are rounded up to a class (size-classes.ts);
// `usedBytes` is the exact sum of what blocks occupy. In debug mode freed blocks are poisoned, a
// write to one is found when it is handed out again, a second free is refused, and `leaks` names
// what is still held. Views (`bytes`, `words`, `doubles`) must be read anew after any call that can
// allocate or free.

import { assert } from '../bytes/assert.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import {
  BUMP,
  CONTINUATION,
  FREE_HEAD,
  GRANULE_MASK,
  GRANULES_PER_PAGE_SHIFT,
  HUGE,
  LARGE,
  NEXT,
  PAGE_FIELDS,
  PAGE_SHIFT,
  PAGES_PER_SLOT,
  PageStore,
  PREVIOUS,
  SLOT_SHIFT,
  STATE,
  USED_COUNT,
} from './page-store.ts';
import {
  CLASS_BYTES,
  CLASS_COUNT,
  CLASS_OF_GRANULES,
  MAX_SMALL_BYTES,
  PAGE_BYTES,
  SLAB_BLOCKS,
  SLAB_PAGES,
} from './size-classes.ts';

export { GRANULE_MASK, SLOT_SHIFT } from './page-store.ts';

/** No block. */
export const NULL_REF = 0;

const HUGE_BYTES = 2 * 1024 * 1024;
const NO_SLAB = -1;
const POISON = 0xdb;

export interface ArenaOptions {
  /** Poison freed blocks and remember live ones, for tests. */
  readonly debug?: boolean;
  /** Bytes from a large buffer's start to the next cache line, a multiple of 8; see PageStore. */
  readonly alignment?: number;
}

export class Arena {
  readonly bytes: Uint8Array[];
  readonly words: Int32Array[];
  readonly doubles: Float64Array[];
  /** Bytes that blocks occupy, rounded up to their classes. */
  usedBytes: number = DOUBLE_ZERO;
  /** Bytes of the data set that lie in typed arrays beside the blocks; whoever has them counts. */
  heapBytes: number = DOUBLE_ZERO;
  /** Blocks in use. */
  blockCount = 0;
  readonly #store: PageStore;
  readonly #pages: Int32Array[];
  /**
   * The slab that a class allocates from now, and the head of its list of other slabs with room.
   */
  readonly #current = new Int32Array(CLASS_COUNT).fill(NO_SLAB);
  readonly #partial = new Int32Array(CLASS_COUNT).fill(NO_SLAB);
  readonly #slabCount = new Int32Array(CLASS_COUNT);
  readonly #usedBlocks = new Int32Array(CLASS_COUNT);
  readonly #live: Map<number, string> | null;

  constructor(options: ArenaOptions = {}) {
    this.#store = new PageStore(options.alignment ?? 0);
    this.#pages = this.#store.pages;
    this.bytes = this.#store.bytes;
    this.words = this.#store.words;
    this.doubles = this.#store.doubles;
    this.#live = options.debug ? new Map() : null;
  }

  /** Bytes obtained from the system, free ones included. */
  get mappedBytes(): number {
    return this.#store.mappedBytes;
  }

  /**
   * Bytes that were let go of, ever. They go back to the system when the collector comes by.
   */
  get droppedBytes(): number {
    return this.#store.droppedBytes;
  }

  /**
   * Takes a block of at least `size` bytes (1 to 2^31). Its content is undefined.
   * @throws ArenaFullError when no memory is left.
   */
  alloc(size: number): number {
    if (size > MAX_SMALL_BYTES) return this.#allocLarge(size, false);
    const sizeClass = CLASS_OF_GRANULES[(size + 7) >> 3]!;
    let slab = this.#current[sizeClass]!;
    if (slab === NO_SLAB) slab = this.#nextSlab(sizeClass);
    const slot = slab >>> PAGE_SHIFT;
    const records = this.#pages[slot]!;
    const at = (slab & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS;
    const freeHead = records[at + FREE_HEAD]!;
    let granule: number;
    if (freeHead !== 0) {
      granule = freeHead - 1;
      records[at + FREE_HEAD] = this.words[slot]![granule << 1]!;
    } else {
      const index = records[at + BUMP]!;
      records[at + BUMP] = index + 1;
      granule =
        ((slab & (PAGES_PER_SLOT - 1)) << GRANULES_PER_PAGE_SHIFT) +
        index * (CLASS_BYTES[sizeClass]! >> 3);
    }
    const used = records[at + USED_COUNT]! + 1;
    records[at + USED_COUNT] = used;
    if (used === SLAB_BLOCKS[sizeClass]) this.#current[sizeClass] = NO_SLAB;
    this.usedBytes += CLASS_BYTES[sizeClass]!;
    this.#usedBlocks[sizeClass] = this.#usedBlocks[sizeClass]! + 1;
    this.blockCount++;
    const ref = (slot << SLOT_SHIFT) | granule;
    if (this.#live !== null) this.#debugAlloc(ref, freeHead !== 0);
    return ref;
  }

  /** Takes a block whose bytes are all zero. */
  allocZeroed(size: number): number {
    if (size > HUGE_BYTES) return this.#allocLarge(size, true);
    const ref = this.alloc(size);
    const start = (ref & GRANULE_MASK) << 3;
    this.bytes[ref >>> SLOT_SHIFT]!.fill(0, start, start + size);
    return ref;
  }

  /** Gives a block back. Its owner may not use the reference again. */
  free(ref: number): void {
    if (this.#live !== null) this.#debugFree(ref);
    const slot = ref >>> SLOT_SHIFT;
    const records = this.#pages[slot]!;
    const granule = ref & GRANULE_MASK;
    let page = granule >>> GRANULES_PER_PAGE_SHIFT;
    let state = records[page * PAGE_FIELDS + STATE]!;
    if ((state & (LARGE | HUGE)) !== 0) {
      this.#freeLarge(ref, state);
      return;
    }
    if ((state & CONTINUATION) !== 0) {
      page -= state & 0xff;
      state = records[page * PAGE_FIELDS + STATE]!;
    }
    assert(state >= 0 && state < CLASS_COUNT, 'a freed reference names no block');
    const at = page * PAGE_FIELDS;
    this.words[slot]![granule << 1] = records[at + FREE_HEAD]!;
    records[at + FREE_HEAD] = granule + 1;
    const used = records[at + USED_COUNT]! - 1;
    records[at + USED_COUNT] = used;
    this.usedBytes -= CLASS_BYTES[state]!;
    this.#usedBlocks[state] = this.#usedBlocks[state]! - 1;
    this.blockCount--;
    const slab = (slot << PAGE_SHIFT) | page;
    if (slab === this.#current[state]) return;
    if (used === SLAB_BLOCKS[state]! - 1) this.#linkPartial(slab, state);
    if (used === 0) this.#dropSlab(slab, state);
  }

  /** Bytes that the block can hold. */
  capacity(ref: number): number {
    const records = this.#pages[ref >>> SLOT_SHIFT]!;
    const page = (ref & GRANULE_MASK) >>> GRANULES_PER_PAGE_SHIFT;
    const state = records[page * PAGE_FIELDS + STATE]!;
    if ((state & HUGE) !== 0) return this.bytes[ref >>> SLOT_SHIFT]!.length;
    if ((state & LARGE) !== 0) return (state & (LARGE - 1)) * PAGE_BYTES;
    if ((state & CONTINUATION) === 0) return CLASS_BYTES[state]!;
    return CLASS_BYTES[records[(page - (state & 0xff)) * PAGE_FIELDS + STATE]!]!;
  }

  /** Bytes that a block of `size` bytes would occupy. */
  static capacityFor(size: number): number {
    if (size <= MAX_SMALL_BYTES) return CLASS_BYTES[CLASS_OF_GRANULES[(size + 7) >> 3]!]!;
    return Math.ceil(size / PAGE_BYTES) * PAGE_BYTES;
  }

  /**
   * True when moving the block elsewhere would help to empty its slab: the slab is fuller of holes
   * than the average of its class. The owner may then allocate a new block, copy, and free this
   * one.
   */
  shouldMove(ref: number): boolean {
    const slot = ref >>> SLOT_SHIFT;
    const records = this.#pages[slot]!;
    let page = (ref & GRANULE_MASK) >>> GRANULES_PER_PAGE_SHIFT;
    let state = records[page * PAGE_FIELDS + STATE]!;
    if ((state & (LARGE | HUGE)) !== 0) return false;
    if ((state & CONTINUATION) !== 0) {
      page -= state & 0xff;
      state = records[page * PAGE_FIELDS + STATE]!;
    }
    const slab = (slot << PAGE_SHIFT) | page;
    if (slab === this.#current[state] || this.#slabCount[state]! < 2) return false;
    const used = records[page * PAGE_FIELDS + USED_COUNT]!;
    if (used === SLAB_BLOCKS[state]) return false;
    return used * this.#slabCount[state]! <= this.#usedBlocks[state]!;
  }

  /** Bytes of slabs that no block uses: what defragmentation could win at most. */
  get wastedBytes(): number {
    let wasted = 0;
    for (let sizeClass = 0; sizeClass < CLASS_COUNT; sizeClass++) {
      const room = this.#slabCount[sizeClass]! * SLAB_BLOCKS[sizeClass]!;
      wasted += (room - this.#usedBlocks[sizeClass]!) * CLASS_BYTES[sizeClass]!;
    }
    return wasted;
  }

  /** Lets go of memory that is wholly free. @returns its bytes. */
  trim(): number {
    for (let sizeClass = 0; sizeClass < CLASS_COUNT; sizeClass++) {
      const slab = this.#current[sizeClass]!;
      if (slab === NO_SLAB || this.#usedOf(slab) !== 0) continue;
      this.#current[sizeClass] = NO_SLAB;
      this.#slabCount[sizeClass] = this.#slabCount[sizeClass]! - 1;
      this.#store.giveRun(slab, SLAB_PAGES[sizeClass]!);
    }
    return this.#store.trim();
  }

  /**
   * Debug mode: a line for each block that is still held, with the place that took it; empty
   * otherwise.
   */
  leaks(): string[] {
    if (this.#live === null) return [];
    return [...this.#live].map(([ref, origin]) => `${ref} (${this.capacity(ref)} bytes) ${origin}`);
  }

  #usedOf(slab: number): number {
    const records = this.#pages[slab >>> PAGE_SHIFT]!;
    return records[(slab & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS + USED_COUNT]!;
  }

  #nextSlab(sizeClass: number): number {
    let slab = this.#partial[sizeClass]!;
    if (slab !== NO_SLAB) {
      this.#unlinkPartial(slab, sizeClass);
    } else {
      const pageCount = SLAB_PAGES[sizeClass]!;
      slab = this.#store.takeRun(pageCount);
      const records = this.#pages[slab >>> PAGE_SHIFT]!;
      const at = (slab & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS;
      records.fill(0, at, at + PAGE_FIELDS);
      records[at + STATE] = sizeClass;
      for (let i = 1; i < pageCount; i++) records[at + i * PAGE_FIELDS + STATE] = CONTINUATION | i;
      this.#slabCount[sizeClass] = this.#slabCount[sizeClass]! + 1;
    }
    this.#current[sizeClass] = slab;
    return slab;
  }

  #dropSlab(slab: number, sizeClass: number): void {
    this.#unlinkPartial(slab, sizeClass);
    this.#slabCount[sizeClass] = this.#slabCount[sizeClass]! - 1;
    this.#store.giveRun(slab, SLAB_PAGES[sizeClass]!);
  }

  #linkPartial(slab: number, sizeClass: number): void {
    const next = this.#partial[sizeClass]!;
    this.#setLink(slab, PREVIOUS, NO_SLAB);
    this.#setLink(slab, NEXT, next);
    if (next !== NO_SLAB) this.#setLink(next, PREVIOUS, slab);
    this.#partial[sizeClass] = slab;
  }

  #unlinkPartial(slab: number, sizeClass: number): void {
    const records = this.#pages[slab >>> PAGE_SHIFT]!;
    const at = (slab & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS;
    const previous = records[at + PREVIOUS]!;
    const next = records[at + NEXT]!;
    if (previous === NO_SLAB) this.#partial[sizeClass] = next;
    else this.#setLink(previous, NEXT, next);
    if (next !== NO_SLAB) this.#setLink(next, PREVIOUS, previous);
  }

  #setLink(slab: number, field: number, value: number): void {
    const records = this.#pages[slab >>> PAGE_SHIFT]!;
    records[(slab & (PAGES_PER_SLOT - 1)) * PAGE_FIELDS + field] = value;
  }

  #allocLarge(size: number, isZeroed: boolean): number {
    let ref: number;
    if (size > HUGE_BYTES) {
      ref = this.#store.takeHuge(size, isZeroed);
      this.usedBytes += this.bytes[ref >>> SLOT_SHIFT]!.length;
    } else {
      const pageCount = Math.ceil(size / PAGE_BYTES);
      const head = this.#store.takeRun(pageCount);
      const records = this.#pages[head >>> PAGE_SHIFT]!;
      const page = head & (PAGES_PER_SLOT - 1);
      records[(page + pageCount - 1) * PAGE_FIELDS + STATE] = CONTINUATION;
      records[page * PAGE_FIELDS + STATE] = LARGE | pageCount;
      ref = ((head >>> PAGE_SHIFT) << SLOT_SHIFT) | (page << GRANULES_PER_PAGE_SHIFT);
      this.usedBytes += pageCount * PAGE_BYTES;
    }
    this.blockCount++;
    if (this.#live !== null) this.#debugAlloc(ref, false);
    return ref;
  }

  #freeLarge(ref: number, state: number): void {
    this.blockCount--;
    if ((state & HUGE) !== 0) {
      this.usedBytes -= this.bytes[ref >>> SLOT_SHIFT]!.length;
      this.#store.giveHuge(ref);
      return;
    }
    const pageCount = state & (LARGE - 1);
    this.usedBytes -= pageCount * PAGE_BYTES;
    const page = (ref & GRANULE_MASK) >>> GRANULES_PER_PAGE_SHIFT;
    this.#store.giveRun(((ref >>> SLOT_SHIFT) << PAGE_SHIFT) | page, pageCount);
  }

  #debugAlloc(ref: number, recycled: boolean): void {
    const live = this.#live!;
    assert(!live.has(ref), 'a block was handed out twice');
    const bytes = this.bytes[ref >>> SLOT_SHIFT]!;
    const start = (ref & GRANULE_MASK) << 3;
    const end = start + this.capacity(ref);
    if (recycled) {
      // The first word of a free block is the link to the next one.
      for (let i = start + 4; i < end; i++) {
        assert(bytes[i] === POISON, 'a freed block was written to');
      }
    }
    if (end - start <= HUGE_BYTES) bytes.fill(POISON, start, end);
    live.set(ref, new Error('allocated').stack?.split('\n').slice(3, 6).join(' <') ?? '');
  }

  #debugFree(ref: number): void {
    assert(this.#live!.delete(ref), 'a block was freed that is not in use');
    const start = (ref & GRANULE_MASK) << 3;
    this.bytes[ref >>> SLOT_SHIFT]!.fill(POISON, start, start + this.capacity(ref));
  }
}
