// Which keys clients have read, and who: an entry of the arena for each key, so that millions of
// them cost no JavaScript object, and `used_memory` counts them by itself. Databases are not told
// apart, as in Redis. The table owns its entries.
//
//   entry    | next | key length | holders | number, or ref of | key ...
//   holders  | number | number | ...  (two or more, ascending; room for what the block holds)
//
// Numbers stand for clients (ClientTracking.number). Those of clients that have gone stay until the
// key changes.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { ArenaFullError } from '../memory/page-store.ts';
import { Dict } from '../structures/dict.ts';

const LENGTH_WORD = 1;
const COUNT_WORD = 2;
const HOLDER_WORD = 3;
const HEADER_BYTES = 16;
const FIRST_BLOCK_BYTES = 8;
/** Entries that are freed, and buckets that are moved, between two looks at the clock. */
const SLICE_ENTRIES = 256;

interface Dying {
  readonly dict: Dict;
  bucket: number;
}

export class KeyTable {
  /** Holders of all keys. */
  itemCount = 0;
  readonly #arena: Arena;
  readonly #keyspace: Keyspace;
  #dict: Dict;
  /** Tables that were cleared and wait to be freed. */
  #dying: Dying[] = [];
  readonly #taken: number[] = [];
  readonly #free = (ref: number): void => this.#freeEntry(ref);

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#dict = this.#newDict();
  }

  /** Keys that somebody has read. */
  get keyCount(): number {
    return this.#dict.count;
  }

  /** Whether cleared tables wait to be freed. */
  get isFreeing(): boolean {
    return this.#dying.length > 0;
  }

  #newDict(): Dict {
    const layout = { lengthWord: LENGTH_WORD, headerBytes: HEADER_BYTES };
    return new Dict(this.#arena, this.#keyspace.seed, layout);
  }

  /**
   * Remembers that a client has read a key.
   * @returns false when there is no memory for it; then nothing has changed.
   */
  remember(number: number, key: Uint8Array, offset: number, length: number): boolean {
    try {
      const ref = this.#dict.find(key, offset, length);
      if (ref === NULL_REF) this.#insert(number, key, offset, length);
      else if (!this.#addHolder(ref, number)) return true;
    } catch (error) {
      if (error instanceof ArenaFullError) return false;
      throw error;
    }
    this.itemCount++;
    return true;
  }

  #insert(number: number, key: Uint8Array, offset: number, length: number): void {
    const arena = this.#arena;
    // The dict reads keys by whole words.
    const ref = arena.alloc(HEADER_BYTES + ((length + 3) & ~3));
    const slot = ref >>> SLOT_SHIFT;
    const granule = ref & GRANULE_MASK;
    const words = arena.words[slot]!;
    words[(granule << 1) + LENGTH_WORD] = length;
    words[(granule << 1) + COUNT_WORD] = 1;
    words[(granule << 1) + HOLDER_WORD] = number;
    const bytes = arena.bytes[slot]!;
    const start = (granule << 3) + HEADER_BYTES;
    for (let i = 0; i < length; i++) bytes[start + i] = key[offset + i]!;
    try {
      this.#dict.insert(ref);
    } catch (error) {
      arena.free(ref);
      throw error;
    }
  }

  /** @returns false when the client was one already. */
  #addHolder(ref: number, number: number): boolean {
    const arena = this.#arena;
    const at = (ref & GRANULE_MASK) << 1;
    const slot = ref >>> SLOT_SHIFT;
    const count = arena.words[slot]![at + COUNT_WORD]!;
    const holder = arena.words[slot]![at + HOLDER_WORD]!;
    if (count === 1) {
      if (holder === number) return false;
      const block = arena.alloc(FIRST_BLOCK_BYTES);
      const numbers = arena.words[block >>> SLOT_SHIFT]!;
      const first = (block & GRANULE_MASK) << 1;
      numbers[first] = Math.min(holder, number);
      numbers[first + 1] = Math.max(holder, number);
      arena.words[slot]![at + HOLDER_WORD] = block;
      arena.words[slot]![at + COUNT_WORD] = 2;
      return true;
    }
    const index = this.#placeOf(holder, count, number);
    if (index < 0) return false;
    const block = this.#withRoom(holder, count);
    const numbers = arena.words[block >>> SLOT_SHIFT]!;
    const first = (block & GRANULE_MASK) << 1;
    numbers.copyWithin(first + index + 1, first + index, first + count);
    numbers[first + index] = number;
    arena.words[slot]![at + HOLDER_WORD] = block;
    arena.words[slot]![at + COUNT_WORD] = count + 1;
    return true;
  }

  /** Where a number belongs among `count` in a block, or -1 when it is there. */
  #placeOf(block: number, count: number, number: number): number {
    const numbers = this.#arena.words[block >>> SLOT_SHIFT]!;
    const first = (block & GRANULE_MASK) << 1;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const found = numbers[first + middle]!;
      if (found === number) return -1;
      if (found < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The block, or one twice its size in its place, with room for one number more. */
  #withRoom(block: number, count: number): number {
    const arena = this.#arena;
    if (count < arena.capacity(block) >>> 2) return block;
    const larger = arena.alloc(count * 8);
    const from = arena.words[block >>> SLOT_SHIFT]!;
    const first = (block & GRANULE_MASK) << 1;
    const to = arena.words[larger >>> SLOT_SHIFT]!;
    to.set(from.subarray(first, first + count), (larger & GRANULE_MASK) << 1);
    arena.free(block);
    return larger;
  }

  /**
   * Forgets a key. Nothing is allocated, because this runs in the middle of commands.
   * @returns who had read it, true until the next call; or null when nobody had.
   */
  take(key: Uint8Array, offset: number, length: number): readonly number[] | null {
    const dict = this.#dict;
    if (dict.count === 0) return null;
    dict.pauseRehash();
    const ref = dict.find(key, offset, length);
    if (ref !== NULL_REF) dict.removeFound(ref);
    dict.resumeRehash();
    if (ref === NULL_REF) return null;
    const taken = this.#taken;
    const arena = this.#arena;
    const words = arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    const count = words[at + COUNT_WORD]!;
    const holder = words[at + HOLDER_WORD]!;
    taken.length = count;
    if (count === 1) taken[0] = holder;
    else {
      const numbers = arena.words[holder >>> SLOT_SHIFT]!;
      const first = (holder & GRANULE_MASK) << 1;
      for (let i = 0; i < count; i++) taken[i] = numbers[first + i]!;
    }
    this.itemCount -= count;
    this.#freeEntry(ref);
    return taken;
  }

  #freeEntry(ref: number): void {
    const arena = this.#arena;
    const words = arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    if (words[at + COUNT_WORD]! > 1) arena.free(words[at + HOLDER_WORD]!);
    arena.free(ref);
  }

  /** A copy of some key of the table, each as likely as the others; null when there is none. */
  randomKey(): Uint8Array | null {
    const ref = this.#dict.randomEntry(this.#keyspace.randomBelow);
    if (ref === NULL_REF) return null;
    const arena = this.#arena;
    const slot = ref >>> SLOT_SHIFT;
    const granule = ref & GRANULE_MASK;
    const length = arena.words[slot]![(granule << 1) + LENGTH_WORD]!;
    const start = (granule << 3) + HEADER_BYTES;
    return arena.bytes[slot]!.slice(start, start + length);
  }

  /** Forgets all keys; their memory is given back by `step`. */
  clear(): void {
    if (this.#dict.count === 0) return;
    this.#dying.push({ dict: this.#dict, bucket: 0 });
    this.#dict = this.#newDict();
    this.itemCount = 0;
  }

  /** Frees what was cleared, and moves buckets. @returns true when there is more. */
  step(mayContinue: () => boolean): boolean {
    this.#dict.shrinkIfEmpty();
    while (this.#stepOnce()) if (!mayContinue()) return true;
    return false;
  }

  #stepOnce(): boolean {
    const [dying] = this.#dying;
    if (dying === undefined) return this.#dict.rehashBuckets(SLICE_ENTRIES);
    dying.bucket = dying.dict.visitBuckets(dying.bucket, SLICE_ENTRIES, this.#free);
    if (dying.bucket < 0) {
      dying.dict.destroy();
      this.#dying.shift();
    }
    return true;
  }

  /** Gives everything back. */
  destroy(): void {
    this.clear();
    this.step(() => true);
    this.#dict.destroy();
  }
}
