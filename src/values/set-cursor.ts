// Reads the members of one set one after the other, while nothing changes that set. What it has
// read lies in the set or in the cursor, so other sets may be asked and changed meanwhile.

import { copyBytes } from '../bytes/copy.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { DictWalk } from '../structures/dict-walk.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  encodingOf,
  valueWordOf,
} from '../structures/entry.ts';
import type { Sets } from './set.ts';

const NO_BYTES = new Uint8Array(0);

export class SetCursor {
  /** The member that was read last. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  /** Names that member as long as the set is not changed: index, position or reference. */
  handle = 0;
  readonly #sets: Sets;
  readonly #arena: Arena;
  #encoding = 0;
  #root = NULL_REF;
  /** Index or position of what comes next. */
  #next = 0;
  readonly #walk: DictWalk;
  readonly #digits = new Uint8Array(20);

  constructor(arena: Arena, sets: Sets) {
    this.#arena = arena;
    this.#sets = sets;
    this.#walk = new DictWalk(arena);
  }

  /** Begins with the first member of the set at an entry. */
  begin(ref: number): void {
    this.#encoding = encodingOf(this.#arena, ref);
    this.#root = valueWordOf(this.#arena, ref);
    if (this.#encoding === ENCODING_HASHTABLE) this.#walk.begin(this.#root);
    this.#next = this.#encoding === ENCODING_LISTPACK ? this.#sets.listpacks.first(this.#root) : 0;
  }

  /** Loads the next member into bytes, offset and length. @returns false at the end. */
  next(): boolean {
    const sets = this.#sets;
    if (this.#encoding === ENCODING_HASHTABLE) return this.#nextOfTable();
    if (this.#encoding === ENCODING_INTSET) {
      if (this.#next >= sets.intsets.count(this.#root)) return false;
      this.handle = this.#next++;
      this.load(this.handle);
      return true;
    }
    if (this.#next === 0) return false;
    this.handle = this.#next;
    this.load(this.handle);
    this.#next = sets.listpacks.next(this.#root, this.#next);
    return true;
  }

  /** Loads a member of a table that was found by other means; `next` does not go on from it. */
  take(member: number): void {
    this.handle = member;
    this.#loadMember(member);
  }

  /** Loads the member with a handle once more. */
  load(handle: number): void {
    const sets = this.#sets;
    if (this.#encoding === ENCODING_HASHTABLE) this.#loadMember(handle);
    else if (this.#encoding === ENCODING_INTSET) {
      sets.loadInteger(this.#root, handle);
      this.#take(true);
    } else {
      sets.loadElement(this.#root, handle);
      this.#take(sets.listpacks.isInteger(this.#root, handle));
    }
  }

  /** Lets go of the memory that the last set lay in. */
  forget(): void {
    this.bytes = NO_BYTES;
    this.#walk.forget();
  }

  #loadMember(member: number): void {
    const { tables } = this.#sets;
    this.bytes = this.#arena.bytes[member >>> SLOT_SHIFT]!;
    this.offset = tables.offsetOf(member);
    this.length = tables.lengthOf(member);
  }

  /** Takes over what `sets` has loaded; digits lie in a buffer that the next read overwrites. */
  #take(isInteger: boolean): void {
    const sets = this.#sets;
    this.length = sets.length;
    this.bytes = isInteger ? this.#digits : sets.bytes;
    this.offset = isInteger ? 0 : sets.offset;
    if (isInteger) copyBytes(this.#digits, 0, sets.bytes, sets.offset, sets.length);
  }

  #nextOfTable(): boolean {
    const member = this.#walk.next();
    if (member === NULL_REF) return false;
    this.handle = member;
    this.#loadMember(member);
    return true;
  }
}
