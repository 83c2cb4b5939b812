// Hashes: fields with values, in one of three encodings.
//
//   listpack     | field | value | field | value | ...
//   listpackex   root: | listpack | ... | position | owner |, with | field | value | time | ... inside,
//                soonest first, 0 for no time and those last: a hash of which a field can expire
//   hashtable    beyond hash-max-listpack-entries or -value (field-table.ts)
//
// Functions take the reference of the key's entry, whose value word and encoding they keep true. A
// value or field is read into bytes, offset and length, true until the next read or change of the
// arena. See docs/internals/hash.md.

import type { HashSeed } from '../bytes/hash.ts';
import { type Arena, NULL_REF } from '../memory/arena.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_LISTPACK,
  ENCODING_LISTPACK_EX,
  encodingOf,
  setTypeAndEncoding,
  setValueWord,
  TYPE_HASH,
  valueWordOf,
} from '../structures/entry.ts';
import { HEAP_WORD } from '../structures/field-heap.ts';
import {
  FieldTable,
  HASH_ROOT_BYTES,
  OWNER_WORD,
  POSITION_WORD,
} from '../structures/field-table.ts';
import type { Listpacks } from '../structures/listpack.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import type { ValueType } from './value-type.ts';

/** Where a listpackex root keeps its listpack. */
const LISTPACK_WORD = 0;
const NO_POSITION = -1;
const NO_BYTES = new Uint8Array(0);
/** What expiryOf says of a field that has no time, and of one that is not there. */
export const NO_FIELD_EXPIRY = -1;
export const NO_FIELD = -2;

export class Hashes implements ValueType {
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  readonly listpacks: Listpacks;
  readonly tables: FieldTable;
  readonly #arena: Arena;
  readonly #limits: EncodingLimits;

  constructor(arena: Arena, listpacks: Listpacks, limits: EncodingLimits, seed: HashSeed) {
    this.#arena = arena;
    this.listpacks = listpacks;
    this.#limits = limits;
    this.tables = new FieldTable(arena, seed);
  }

  /** Lets go of the memory that the last hash lay in. */
  forget(): void {
    this.bytes = NO_BYTES;
    this.tables.forget();
  }

  /** The root of an empty hash, a listpack. */
  create(): number {
    return this.listpacks.create();
  }

  // --- asking

  count(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    switch (encodingOf(this.#arena, ref)) {
      case ENCODING_HASHTABLE:
        return this.tables.count(root);
      case ENCODING_LISTPACK:
        return this.listpacks.count(root) >> 1;
      default:
        return this.listpacks.count(this.tables.word(root, LISTPACK_WORD)) / 3;
    }
  }

  /** True for a hash that is not a listpack of either kind. */
  isTable(ref: number): boolean {
    return encodingOf(this.#arena, ref) === ENCODING_HASHTABLE;
  }

  /** The listpack of a hash that is not a table. */
  listpackOf(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    const isPlain = encodingOf(this.#arena, ref) === ENCODING_LISTPACK;
    return isPlain ? root : this.tables.word(root, LISTPACK_WORD);
  }

  /** Elements of the listpack for each field: 2, or 3 with times. */
  strideOf(ref: number): number {
    return encodingOf(this.#arena, ref) === ENCODING_LISTPACK ? 2 : 3;
  }

  #setListpack(ref: number, lp: number): void {
    if (encodingOf(this.#arena, ref) === ENCODING_LISTPACK) setValueWord(this.#arena, ref, lp);
    else this.tables.setWord(valueWordOf(this.#arena, ref), LISTPACK_WORD, lp);
  }

  /** Position of a field in the listpack, or 0. */
  #findInListpack(ref: number, bytes: Uint8Array, offset: number, length: number): number {
    const { listpacks } = this;
    const lp = this.listpackOf(ref);
    const first = listpacks.first(lp);
    return listpacks.find(lp, first, bytes, offset, length, this.strideOf(ref) - 1);
  }

  has(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      return this.tables.find(valueWordOf(this.#arena, ref), bytes, offset, length) !== NULL_REF;
    }
    return this.#findInListpack(ref, bytes, offset, length) !== 0;
  }

  /** Loads the value of a field. @returns false when there is none. */
  get(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      const field = this.tables.find(valueWordOf(this.#arena, ref), bytes, offset, length);
      if (field === NULL_REF) return false;
      this.tables.loadValue(field);
      this.#takeTable();
      return true;
    }
    const position = this.#findInListpack(ref, bytes, offset, length);
    if (position === 0) return false;
    const lp = this.listpackOf(ref);
    this.loadElement(lp, this.listpacks.next(lp, position));
    return true;
  }

  #takeTable(): void {
    const { tables } = this;
    this.bytes = tables.bytes;
    this.offset = tables.offset;
    this.length = tables.length;
  }

  /** Loads an element of a listpack. */
  loadElement(lp: number, position: number): void {
    const { listpacks } = this;
    listpacks.get(lp, position);
    this.bytes = listpacks.bytes;
    this.offset = listpacks.offset;
    this.length = listpacks.length;
  }

  // --- changing

  /**
   * Sizes that a hash must be a table for: called with each field and value before they are set.
   */
  fitLength(ref: number, length: number): void {
    if (length <= this.#limits.hashMaxListpackValue) return;
    if (encodingOf(this.#arena, ref) !== ENCODING_HASHTABLE) this.convertToTable(ref);
  }

  /** Makes a hash a table when so many fields are about to be added. */
  fitCount(ref: number, added: number): void {
    if (added <= this.#limits.hashMaxListpackEntries) return;
    if (encodingOf(this.#arena, ref) !== ENCODING_HASHTABLE) this.convertToTable(ref, added);
  }

  /**
   * Sets a field; a time that it had goes unless `keepsExpiry`. Lengths have been fitted before.
   * @returns true when the field is new.
   */
  set(
    ref: number,
    fieldBytes: Uint8Array,
    fieldOffset: number,
    fieldLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    keepsExpiry: boolean,
  ): boolean {
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      return this.tables.set(
        valueWordOf(this.#arena, ref),
        fieldBytes,
        fieldOffset,
        fieldLength,
        bytes,
        offset,
        length,
        keepsExpiry,
      );
    }
    const { listpacks } = this;
    const position = this.#findInListpack(ref, fieldBytes, fieldOffset, fieldLength);
    const hasTimes = this.strideOf(ref) === 3;
    if (position !== 0) {
      const lp = this.listpackOf(ref);
      const at = listpacks.next(lp, position);
      this.#setListpack(ref, listpacks.replace(lp, at, bytes, offset, length));
      if (hasTimes && !keepsExpiry) {
        this.clearExpiry(ref, fieldBytes, fieldOffset, fieldLength);
      }
    } else {
      let lp = listpacks.append(this.listpackOf(ref), fieldBytes, fieldOffset, fieldLength);
      lp = listpacks.append(lp, bytes, offset, length);
      if (hasTimes) lp = listpacks.appendInteger(lp, 0);
      this.#setListpack(ref, lp);
    }
    // The limit may have been lowered since: the next change of any field obeys it.
    if (this.count(ref) > this.#limits.hashMaxListpackEntries) this.convertToTable(ref);
    return position === 0;
  }

  /** Removes a field. @returns false when it was not there. The hash may be empty then. */
  remove(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      return this.tables.remove(valueWordOf(this.#arena, ref), bytes, offset, length);
    }
    const position = this.#findInListpack(ref, bytes, offset, length);
    if (position === 0) return false;
    const stride = this.strideOf(ref);
    this.#setListpack(ref, this.listpacks.delete(this.listpackOf(ref), position, stride));
    return true;
  }

  /** Makes a hash a table with room for `capacity` fields. */
  convertToTable(ref: number, capacity = 0): void {
    const arena = this.#arena;
    const { listpacks, tables } = this;
    const lp = this.listpackOf(ref);
    const hasTimes = this.strideOf(ref) === 3;
    const size = Math.max(capacity, this.count(ref) + 1);
    // The root of a hash with times stays where it is, because the database's heap knows it.
    const root = hasTimes ? valueWordOf(arena, ref) : tables.create(size);
    if (hasTimes) tables.begin(root, size);
    const name = new Uint8Array(Math.max(24, listpacks.byteLength(lp)));
    for (let at = listpacks.first(lp); at !== 0; ) {
      listpacks.get(lp, at);
      const nameLength = listpacks.length;
      const { bytes, offset } = listpacks;
      for (let i = 0; i < nameLength; i++) name[i] = bytes[offset + i]!;
      at = listpacks.next(lp, at);
      listpacks.get(lp, at);
      const value = listpacks;
      tables.set(root, name, 0, nameLength, value.bytes, value.offset, value.length, false);
      at = listpacks.next(lp, at);
      if (!hasTimes) continue;
      const timeMs = listpacks.integerAt(lp, at);
      if (timeMs > 0) tables.setExpiryFound(root, tables.find(root, name, 0, nameLength), timeMs);
      at = listpacks.next(lp, at);
    }
    listpacks.free(lp);
    setValueWord(arena, ref, root);
    setTypeAndEncoding(arena, ref, TYPE_HASH, ENCODING_HASHTABLE);
  }

  // --- expiry of fields

  /** True when a field of the hash can have a time. */
  canExpire(ref: number): boolean {
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_LISTPACK) return false;
    if (encoding === ENCODING_LISTPACK_EX) return true;
    return this.tables.word(valueWordOf(this.#arena, ref), HEAP_WORD) !== NULL_REF;
  }

  /** When the first field expires in ms of the Unix epoch, or NO_FIELD_EXPIRY. */
  nextExpiryMs(ref: number): number {
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_LISTPACK) return NO_FIELD_EXPIRY;
    const root = valueWordOf(this.#arena, ref);
    if (encoding === ENCODING_HASHTABLE) return this.tables.heap.firstTimeMs(root);
    const { listpacks } = this;
    const lp = this.tables.word(root, LISTPACK_WORD);
    const time = listpacks.seek(lp, 2);
    const timeMs = time === 0 ? 0 : listpacks.integerAt(lp, time);
    return timeMs > 0 ? timeMs : NO_FIELD_EXPIRY;
  }

  /** When a field expires: ms of the Unix epoch, NO_FIELD_EXPIRY or NO_FIELD. */
  expiryOf(ref: number, bytes: Uint8Array, offset: number, length: number): number {
    const root = valueWordOf(this.#arena, ref);
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      const field = this.tables.find(root, bytes, offset, length);
      return field === NULL_REF ? NO_FIELD : this.tables.expiryOf(root, field);
    }
    const position = this.#findInListpack(ref, bytes, offset, length);
    if (position === 0) return NO_FIELD;
    if (this.strideOf(ref) === 2) return NO_FIELD_EXPIRY;
    return this.#timeAt(this.listpackOf(ref), position);
  }

  /** The time behind the field at a position of a listpack with times. */
  #timeAt(lp: number, position: number): number {
    const { listpacks } = this;
    const time = listpacks.next(lp, listpacks.next(lp, position));
    const timeMs = listpacks.integerAt(lp, time);
    return timeMs > 0 ? timeMs : NO_FIELD_EXPIRY;
  }

  /** Gives a field that is there a time to expire at, in ms of the Unix epoch. */
  setExpiry(ref: number, bytes: Uint8Array, offset: number, length: number, timeMs: number): void {
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_HASHTABLE) {
      const root = valueWordOf(this.#arena, ref);
      this.tables.setExpiryFound(root, this.tables.find(root, bytes, offset, length), timeMs);
      return;
    }
    if (encoding === ENCODING_LISTPACK) this.#addTimes(ref);
    this.#moveToTime(ref, bytes, offset, length, timeMs);
  }

  /** Takes the time away from a field. @returns false when it had none. */
  clearExpiry(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.expiryOf(ref, bytes, offset, length) < 0) return false;
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      const root = valueWordOf(this.#arena, ref);
      const field = this.tables.find(root, bytes, offset, length);
      return this.tables.clearExpiryOf(root, field);
    }
    this.#moveToTime(ref, bytes, offset, length, 0);
    return true;
  }

  /** Makes a listpack one with times. */
  #addTimes(ref: number): void {
    const arena = this.#arena;
    const { listpacks, tables } = this;
    let lp = valueWordOf(arena, ref);
    for (let at = listpacks.first(lp); at !== 0; ) {
      lp = listpacks.insertIntegerBefore(lp, this.#pastPair(lp, at), 0);
      at = listpacks.next(lp, listpacks.at);
    }
    const root = arena.alloc(HASH_ROOT_BYTES);
    tables.setWord(root, LISTPACK_WORD, lp);
    tables.setWord(root, HEAP_WORD, NULL_REF);
    tables.setWord(root, POSITION_WORD, NO_POSITION);
    tables.setWord(root, OWNER_WORD, ref);
    setValueWord(arena, ref, root);
    setTypeAndEncoding(arena, ref, TYPE_HASH, ENCODING_LISTPACK_EX);
  }

  /** The position behind a field and its value, be it the listpack's end. */
  #pastPair(lp: number, position: number): number {
    const { listpacks } = this;
    const value = listpacks.next(lp, position);
    const next = listpacks.next(lp, value);
    return next === 0 ? listpacks.byteLength(lp) - 1 : next;
  }

  /** Moves a field with its value to where its time belongs: soonest first, 0 at the end. */
  #moveToTime(
    ref: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    timeMs: number,
  ): void {
    const { listpacks } = this;
    let lp = this.listpackOf(ref);
    const position = this.#findInListpack(ref, bytes, offset, length);
    listpacks.get(lp, listpacks.next(lp, position));
    const value = listpacks.bytes.slice(listpacks.offset, listpacks.offset + listpacks.length);
    const name = bytes.slice(offset, offset + length);
    lp = listpacks.delete(lp, position, 3);
    let at = timeMs === 0 ? 0 : listpacks.first(lp);
    while (at !== 0) {
      const time = listpacks.next(lp, listpacks.next(lp, at));
      const other = listpacks.integerAt(lp, time);
      if (other === 0 || other > timeMs) break;
      at = listpacks.next(lp, time);
    }
    if (at === 0) at = listpacks.byteLength(lp) - 1;
    lp = listpacks.insertBefore(lp, at, name, 0, name.length);
    lp = listpacks.insertBefore(lp, this.#behind(lp, listpacks.at), value, 0, value.length);
    lp = listpacks.insertIntegerBefore(lp, this.#behind(lp, listpacks.at), timeMs);
    this.#setListpack(ref, lp);
  }

  /** The position behind an element, be it the listpack's end. */
  #behind(lp: number, position: number): number {
    const next = this.listpacks.next(lp, position);
    return next === 0 ? this.listpacks.byteLength(lp) - 1 : next;
  }

  /** Loads the name of the field that expires first; there is one. */
  loadFirstToExpire(ref: number): void {
    const root = valueWordOf(this.#arena, ref);
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      this.tables.loadField(this.tables.heap.first(root));
      this.#takeTable();
    } else {
      const lp = this.listpackOf(ref);
      this.loadElement(lp, this.listpacks.first(lp));
    }
  }

  /** Tells the root of a hash whose fields can expire which entry it belongs to. */
  setOwner(ref: number): void {
    if (encodingOf(this.#arena, ref) === ENCODING_LISTPACK) return;
    this.tables.setWord(valueWordOf(this.#arena, ref), OWNER_WORD, ref);
  }

  /** The entry that a root belongs to. */
  ownerOf(root: number): number {
    return this.tables.word(root, OWNER_WORD);
  }

  /** Position of a hash's root in the heap of its database, or -1. */
  positionOf(ref: number): number {
    if (encodingOf(this.#arena, ref) === ENCODING_LISTPACK) return NO_POSITION;
    return this.tables.word(valueWordOf(this.#arena, ref), POSITION_WORD);
  }

  clearPosition(ref: number): void {
    this.tables.setWord(valueWordOf(this.#arena, ref), POSITION_WORD, NO_POSITION);
  }

  // --- as any value

  free(ref: number): void {
    this.freeSome(encodingOf(this.#arena, ref), valueWordOf(this.#arena, ref), Infinity);
  }

  copy(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_HASHTABLE) return this.tables.copy(root);
    const lp = this.listpacks.copy(this.listpackOf(ref));
    if (encoding === ENCODING_LISTPACK) return lp;
    const copy = this.#arena.alloc(HASH_ROOT_BYTES);
    this.tables.setWord(copy, LISTPACK_WORD, lp);
    this.tables.setWord(copy, HEAP_WORD, NULL_REF);
    this.tables.setWord(copy, POSITION_WORD, NO_POSITION);
    this.tables.setWord(copy, OWNER_WORD, NULL_REF);
    return copy;
  }

  freeEffort(ref: number): number {
    return encodingOf(this.#arena, ref) === ENCODING_HASHTABLE ? this.count(ref) : 1;
  }

  freeSome(encoding: number, root: number, budget: number): number {
    if (encoding === ENCODING_HASHTABLE) return this.tables.freeSome(root, budget);
    if (encoding === ENCODING_LISTPACK_EX) {
      this.listpacks.free(this.tables.word(root, LISTPACK_WORD));
    }
    this.#arena.free(root);
    return NULL_REF;
  }

  usedBytes(ref: number, samples: number): number {
    const root = valueWordOf(this.#arena, ref);
    if (encodingOf(this.#arena, ref) === ENCODING_HASHTABLE) {
      return this.tables.usedBytes(root, samples);
    }
    const own = this.#arena.capacity(root);
    const lp = this.listpackOf(ref);
    return lp === root ? own : own + this.#arena.capacity(lp);
  }
}
