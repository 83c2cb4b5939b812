// The times at which entries expire, soonest first: a four-ary heap in typed arrays, so the keys
// that are due are found exactly and without sampling, at 16 bytes a volatile key.
//
//   position   0 | 1 2 3 4 | 5 ... 20 | ...      children of i: 4i+1 .. 4i+4
//   times      Float64, ms of the Unix epoch     in blocks of 8192, so growth never copies
//   refs       Int32, the entry                  the entry's tag word holds its position in the heap
//
// The heap keeps the tag word of each entry true; the dict's layout leaves room for it (TAGGED in
// dict.ts).

import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';

const BLOCK_SHIFT = 13;
const BLOCK_SIZE = 1 << BLOCK_SHIFT;
const BLOCK_MASK = BLOCK_SIZE - 1;
const BYTES_PER_POSITION = 12;

export class ExpiryHeap {
  /** Entries in the heap. */
  count = 0;
  readonly #arena: Arena;
  /** Word of an entry that holds its position. */
  readonly #tagWord: number;
  readonly #times: Float64Array[] = [];
  readonly #refs: Int32Array[] = [];

  constructor(arena: Arena, tagWord: number) {
    this.#arena = arena;
    this.#tagWord = tagWord;
  }

  /** Bytes of the positions in use. */
  get usedBytes(): number {
    return this.count * BYTES_PER_POSITION;
  }

  /** Bytes of the arrays, which are taken and given back in blocks. */
  get blockBytes(): number {
    return this.#times.length * BLOCK_SIZE * BYTES_PER_POSITION;
  }

  timeAt(position: number): number {
    return this.#times[position >> BLOCK_SHIFT]![position & BLOCK_MASK]!;
  }

  refAt(position: number): number {
    return this.#refs[position >> BLOCK_SHIFT]![position & BLOCK_MASK]!;
  }

  /** Time of an entry of this heap, in ms of the Unix epoch. */
  timeOf(ref: number): number {
    return this.timeAt(this.#positionOf(ref));
  }

  /** Adds an entry. */
  add(ref: number, timeMs: number): void {
    const position = this.count++;
    this.#arena.heapBytes += BYTES_PER_POSITION;
    if (position >> BLOCK_SHIFT === this.#times.length) {
      this.#times.push(new Float64Array(BLOCK_SIZE));
      this.#refs.push(new Int32Array(BLOCK_SIZE));
    }
    this.#siftUp(position, ref, timeMs);
  }

  /** Changes the time of an entry of this heap. */
  update(ref: number, timeMs: number): void {
    this.#place(this.#positionOf(ref), ref, timeMs);
  }

  /** The entry was copied to another block: its position is unchanged. */
  moved(oldRef: number, ref: number): void {
    const position = this.#positionOf(oldRef);
    this.#put(position, ref, this.timeAt(position));
  }

  /** Takes an entry out. */
  remove(ref: number): void {
    const position = this.#positionOf(ref);
    const last = --this.count;
    this.#arena.heapBytes -= BYTES_PER_POSITION;
    if (position !== last) this.#place(position, this.refAt(last), this.timeAt(last));
    const spareBlocks = this.#times.length - (this.count >> BLOCK_SHIFT) - 1;
    if (spareBlocks > 1) {
      this.#times.pop();
      this.#refs.pop();
    }
  }

  /** Forgets all entries. */
  clear(): void {
    this.#arena.heapBytes -= this.usedBytes;
    this.count = 0;
    this.#times.length = 0;
    this.#refs.length = 0;
  }

  #positionOf(ref: number): number {
    return this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + this.#tagWord]!;
  }

  #put(position: number, ref: number, timeMs: number): void {
    this.#times[position >> BLOCK_SHIFT]![position & BLOCK_MASK] = timeMs;
    this.#refs[position >> BLOCK_SHIFT]![position & BLOCK_MASK] = ref;
    this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + this.#tagWord] = position;
  }

  #place(position: number, ref: number, timeMs: number): void {
    if (position > 0 && this.timeAt((position - 1) >> 2) > timeMs) {
      this.#siftUp(position, ref, timeMs);
    } else {
      this.#siftDown(position, ref, timeMs);
    }
  }

  #siftUp(start: number, ref: number, timeMs: number): void {
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      const parentTime = this.timeAt(parent);
      if (parentTime <= timeMs) break;
      this.#put(position, this.refAt(parent), parentTime);
      position = parent;
    }
    this.#put(position, ref, timeMs);
  }

  #siftDown(start: number, ref: number, timeMs: number): void {
    let position = start;
    for (;;) {
      const firstChild = position * 4 + 1;
      if (firstChild >= this.count) break;
      let child = firstChild;
      let childTime = this.timeAt(firstChild);
      const end = Math.min(firstChild + 4, this.count);
      for (let other = firstChild + 1; other < end; other++) {
        const otherTime = this.timeAt(other);
        if (otherTime < childTime) {
          child = other;
          childTime = otherTime;
        }
      }
      if (childTime >= timeMs) break;
      this.#put(position, this.refAt(child), childTime);
      position = child;
    }
    this.#put(position, ref, timeMs);
  }
}
