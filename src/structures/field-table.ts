// Tables of fields with values: what a large hash is. A Dict whose state rests in an arena block,
// and whose entries hold a field with its value.
//
//   state    | dict state, 24 bytes | heap | position | owner | heap count |     the value's root
//   field    | next | field length, TAGGED, OUTLINE | value length or reference | tag | field | value |
//
// Values of more than INLINE_MAX_BYTES have a block of their own: | length | bytes |. The tag is
// there only with TAGGED, for a field that has or had a time to expire at: its position in the heap
// (field-heap.ts), or -1. The words position and owner belong to whoever watches over the hash's
// expiry. One object serves all hashes of a keyspace. Owns fields, tables and heaps.

import { copyBytes } from '../bytes/copy.ts';
import type { HashSeed } from '../bytes/hash.ts';
import { Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { Dict } from './dict.ts';
import { copyBlock, copyTables } from './dict-copy.ts';
import { releaseSome } from './dict-release.ts';
import { visitSome } from './dict-sample.ts';
import { countOfState, tableBytesOfState, writeEmptyState } from './dict-state.ts';
import { KEY_LENGTH_MASK, TAGGED } from './entry-layout.ts';
import { FIELD_TAG_WORD, FieldHeap, HEAP_COUNT_WORD, HEAP_WORD } from './field-heap.ts';

export const HASH_ROOT_BYTES = 40;
export const POSITION_WORD = 7;
export const OWNER_WORD = 8;
const LENGTH_WORD = 1;
const VALUE_WORD = 2;
const HEADER_BYTES = 12;
const TAG_BYTES = 4;
const OUTLINE = 0x80000000 | 0;
const INLINE_MAX_BYTES = 1024;
const BLOCK_HEADER_BYTES = 4;
const NO_POSITION = -1;
const NO_BYTES = new Uint8Array(0);

export class FieldTable {
  /** The field or value that was loaded last. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  readonly dict: Dict;
  readonly heap: FieldHeap;
  readonly #arena: Arena;
  readonly #freeField: (field: number) => void;

  constructor(arena: Arena, seed: HashSeed) {
    this.#arena = arena;
    this.dict = new Dict(arena, seed, { lengthWord: LENGTH_WORD, headerBytes: HEADER_BYTES });
    this.heap = new FieldHeap(arena);
    this.#freeField = (field) => this.#free(field);
  }

  /** Lets go of the memory that the last table lay in. */
  forget(): void {
    this.bytes = NO_BYTES;
    this.dict.forget();
    this.heap.forget();
  }

  // --- whole tables

  /** An empty table. @returns its root. */
  create(capacity = 0): number {
    const state = this.#arena.alloc(HASH_ROOT_BYTES);
    this.setWord(state, POSITION_WORD, NO_POSITION);
    this.setWord(state, OWNER_WORD, NULL_REF);
    this.begin(state, capacity);
    return state;
  }

  /** Makes a root's block that of an empty table; position and owner stay. */
  begin(state: number, capacity: number): void {
    writeEmptyState(this.#arena, state);
    this.setWord(state, HEAP_WORD, NULL_REF);
    this.setWord(state, HEAP_COUNT_WORD, 0);
    if (capacity <= 4) return;
    this.dict.open(state);
    this.dict.reserve(capacity);
    this.dict.close(state);
  }

  word(ref: number, word: number): number {
    return this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + word]!;
  }

  setWord(ref: number, word: number, value: number): void {
    this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + word] = value;
  }

  count(state: number): number {
    return countOfState(this.#arena, state);
  }

  // --- reading

  /** Looks a field up. @returns it, or 0. The table stays open for what follows at once. */
  find(state: number, bytes: Uint8Array, offset: number, length: number): number {
    const { dict } = this;
    dict.open(state);
    const wasRehashing = dict.isRehashing;
    const field = dict.find(bytes, offset, length);
    if (wasRehashing) dict.close(state);
    return field;
  }

  #bytesBeforeField(lengthWord: number): number {
    return HEADER_BYTES + ((lengthWord & TAGGED) !== 0 ? TAG_BYTES : 0);
  }

  /** Loads the name of a field. */
  loadField(field: number): void {
    const lengthWord = this.word(field, LENGTH_WORD);
    this.bytes = this.#arena.bytes[field >>> SLOT_SHIFT]!;
    this.offset = ((field & GRANULE_MASK) << 3) + this.#bytesBeforeField(lengthWord);
    this.length = lengthWord & KEY_LENGTH_MASK;
  }

  /** Loads the value of a field. */
  loadValue(field: number): void {
    const slot = field >>> SLOT_SHIFT;
    const words = this.#arena.words[slot]!;
    const granule = field & GRANULE_MASK;
    const lengthWord = words[(granule << 1) + LENGTH_WORD]!;
    const value = words[(granule << 1) + VALUE_WORD]!;
    if (lengthWord >= 0) {
      this.bytes = this.#arena.bytes[slot]!;
      const before = this.#bytesBeforeField(lengthWord);
      this.offset = (granule << 3) + before + (lengthWord & KEY_LENGTH_MASK);
      this.length = value;
    } else {
      this.bytes = this.#arena.bytes[value >>> SLOT_SHIFT]!;
      this.offset = ((value & GRANULE_MASK) << 3) + BLOCK_HEADER_BYTES;
      this.length = this.word(value, 0);
    }
  }

  /** A field chosen uniformly, or 0. */
  random(state: number, randomBelow: (bound: number) => number): number {
    const { dict } = this;
    dict.open(state);
    if (dict.isRehashing) {
      dict.rehashBuckets(1);
      dict.close(state);
    }
    return dict.randomEntry(randomBelow);
  }

  /** When a field expires in ms of the Unix epoch, or -1. */
  expiryOf(state: number, field: number): number {
    return this.#isInHeap(field) ? this.heap.timeOf(state, field) : NO_POSITION;
  }

  #isInHeap(field: number): boolean {
    return (this.word(field, LENGTH_WORD) & TAGGED) !== 0 && this.word(field, FIELD_TAG_WORD) >= 0;
  }

  // --- changing

  /**
   * Sets a field, whose bytes and value's bytes may not lie in this table.
   * @param keepsExpiry whether a time that the field has stays.
   * @returns true when the field is new.
   */
  set(
    state: number,
    fieldBytes: Uint8Array,
    fieldOffset: number,
    fieldLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    keepsExpiry: boolean,
  ): boolean {
    const { dict } = this;
    dict.open(state);
    const found = dict.find(fieldBytes, fieldOffset, fieldLength);
    if (found === NULL_REF) {
      const field = this.#make(fieldBytes, fieldOffset, fieldLength, bytes, offset, length, false);
      dict.insert(field);
      dict.close(state);
      return true;
    }
    if (!keepsExpiry) this.#clearExpiry(state, found);
    if (!this.#overwrite(found, bytes, offset, length)) {
      const tagged = (this.word(found, LENGTH_WORD) & TAGGED) !== 0;
      const field = this.#make(fieldBytes, fieldOffset, fieldLength, bytes, offset, length, tagged);
      this.#replace(state, found, field);
    }
    dict.close(state);
    return false;
  }

  /**
   * Adds a field to the table that is open, which the caller closes.
   * @returns false when it was there, and stays as it is.
   */
  addToOpen(
    fieldBytes: Uint8Array,
    fieldOffset: number,
    fieldLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    if (this.dict.find(fieldBytes, fieldOffset, fieldLength) !== NULL_REF) return false;
    const field = this.#make(fieldBytes, fieldOffset, fieldLength, bytes, offset, length, false);
    this.dict.insert(field);
    return true;
  }

  /** Puts a field in the place of the one that was found last, which is freed. */
  #replace(state: number, found: number, field: number): void {
    this.dict.replaceFound(found, field);
    if (this.#isInHeap(found)) {
      this.setWord(field, FIELD_TAG_WORD, this.word(found, FIELD_TAG_WORD));
      this.heap.moved(state, field);
    }
    this.#free(found);
  }

  #make(
    fieldBytes: Uint8Array,
    fieldOffset: number,
    fieldLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    tagged: boolean,
  ): number {
    const arena = this.#arena;
    const isInline = length <= INLINE_MAX_BYTES;
    const before = HEADER_BYTES + (tagged ? TAG_BYTES : 0) + fieldLength;
    const field = arena.alloc(before + (isInline ? length : 0));
    const slot = field >>> SLOT_SHIFT;
    const granule = field & GRANULE_MASK;
    const words = arena.words[slot]!;
    const at = granule << 1;
    words[at + LENGTH_WORD] = fieldLength | (tagged ? TAGGED : 0) | (isInline ? 0 : OUTLINE);
    if (tagged) words[at + FIELD_TAG_WORD] = NO_POSITION;
    const start = (granule << 3) + before;
    copyBytes(arena.bytes[slot]!, start - fieldLength, fieldBytes, fieldOffset, fieldLength);
    if (isInline) {
      words[at + VALUE_WORD] = length;
      copyBytes(arena.bytes[slot]!, start, bytes, offset, length);
    } else {
      const block = arena.alloc(BLOCK_HEADER_BYTES + length);
      this.setWord(block, 0, length);
      const target = ((block & GRANULE_MASK) << 3) + BLOCK_HEADER_BYTES;
      copyBytes(arena.bytes[block >>> SLOT_SHIFT]!, target, bytes, offset, length);
      this.setWord(field, VALUE_WORD, block);
    }
    return field;
  }

  /** Writes a value into its field's block when that has the right size for it. */
  #overwrite(field: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const lengthWord = this.word(field, LENGTH_WORD);
    if (lengthWord < 0 || length > INLINE_MAX_BYTES) return false;
    const before = this.#bytesBeforeField(lengthWord) + (lengthWord & KEY_LENGTH_MASK);
    const old = this.word(field, VALUE_WORD);
    if (Arena.capacityFor(before + length) !== Arena.capacityFor(before + old)) return false;
    this.setWord(field, VALUE_WORD, length);
    const start = ((field & GRANULE_MASK) << 3) + before;
    copyBytes(this.#arena.bytes[field >>> SLOT_SHIFT]!, start, bytes, offset, length);
    return true;
  }

  /** Removes a field. @returns false when it was not there. */
  remove(state: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const { dict } = this;
    dict.open(state);
    const field = dict.find(bytes, offset, length);
    if (field !== NULL_REF) {
      if (this.#isInHeap(field)) this.heap.remove(state, field);
      dict.removeFound(field);
      this.#free(field);
    }
    dict.close(state);
    return field !== NULL_REF;
  }

  /** Gives the field that `find` has just found a time to expire at. */
  setExpiryFound(state: number, field: number, timeMs: number): void {
    if (this.#isInHeap(field)) {
      this.heap.update(state, field, timeMs);
      return;
    }
    let target = field;
    if ((this.word(field, LENGTH_WORD) & TAGGED) === 0) {
      this.loadField(field);
      const { bytes: nameBytes, offset: nameOffset, length: nameLength } = this;
      this.loadValue(field);
      const { bytes, offset, length } = this;
      target = this.#make(nameBytes, nameOffset, nameLength, bytes, offset, length, true);
      this.dict.replaceFound(field, target);
      this.dict.close(state);
      this.#free(field);
    }
    this.heap.add(state, target, timeMs);
  }

  /** Takes the time away from a field. @returns false when it had none. */
  clearExpiryOf(state: number, field: number): boolean {
    return this.#clearExpiry(state, field);
  }

  #clearExpiry(state: number, field: number): boolean {
    if (!this.#isInHeap(field)) return false;
    this.heap.remove(state, field);
    this.setWord(field, FIELD_TAG_WORD, NO_POSITION);
    return true;
  }

  // --- freeing, copying, measuring

  #free(field: number): void {
    if (this.word(field, LENGTH_WORD) < 0) this.#arena.free(this.word(field, VALUE_WORD));
    this.#arena.free(field);
  }

  destroy(state: number): void {
    this.freeSome(state, Number.POSITIVE_INFINITY);
  }

  /** Frees up to about `budget` fields. @returns the root, or 0 when nothing is left. */
  freeSome(state: number, budget: number): number {
    if (this.word(state, HEAP_WORD) !== NULL_REF) this.heap.destroy(state);
    if (releaseSome(this.dict, state, budget, this.#freeField)) return state;
    this.#arena.free(state);
    return NULL_REF;
  }

  /** A copy of the table with its fields and their times. @returns its root. */
  copy(state: number): number {
    const copy = this.create();
    const times = this.word(state, HEAP_WORD) === NULL_REF ? null : new Map<number, number>();
    copyTables(this.#arena, state, copy, (field) => {
      const target = this.#copyField(field);
      const timeMs = times === null ? NO_POSITION : this.expiryOf(state, field);
      if (timeMs >= 0) times?.set(target, timeMs);
      return target;
    });
    if (times !== null) for (const [field, timeMs] of times) this.heap.add(copy, field, timeMs);
    return copy;
  }

  /** A field's block with that of its value. A time that it has is not told to a heap. */
  #copyField(field: number): number {
    const arena = this.#arena;
    const lengthWord = this.word(field, LENGTH_WORD);
    const value = this.word(field, VALUE_WORD);
    const isInline = lengthWord >= 0;
    const before = this.#bytesBeforeField(lengthWord) + (lengthWord & KEY_LENGTH_MASK);
    const copy = copyBlock(arena, field, isInline ? before + value : before);
    if ((lengthWord & TAGGED) !== 0) this.setWord(copy, FIELD_TAG_WORD, NO_POSITION);
    if (!isInline) {
      const block = copyBlock(arena, value, BLOCK_HEADER_BYTES + this.word(value, 0));
      this.setWord(copy, VALUE_WORD, block);
    }
    return copy;
  }

  /** Bytes of root, tables, heap and up to `samples` fields, scaled to all; 0 looks at all. */
  usedBytes(state: number, samples: number): number {
    const arena = this.#arena;
    let sum = 0;
    this.dict.open(state);
    const seen = visitSome(this.dict, samples, (field) => {
      sum += arena.capacity(field);
      if (this.word(field, LENGTH_WORD) < 0) sum += arena.capacity(this.word(field, VALUE_WORD));
    });
    const fields = seen === 0 ? 0 : Math.round((sum / seen) * this.count(state));
    const heap = this.word(state, HEAP_WORD);
    const heapBytes = heap === NULL_REF ? 0 : arena.capacity(heap);
    return arena.capacity(state) + tableBytesOfState(arena, state) + heapBytes + fields;
  }
}
