// Reads the fields of one hash one after the other, while nothing changes that hash.

import { type Arena, NULL_REF } from '../memory/arena.ts';
import { DictWalk } from '../structures/dict-walk.ts';
import { ENCODING_HASHTABLE, encodingOf, valueWordOf } from '../structures/entry.ts';
import type { Hashes } from './hash.ts';

const NO_BYTES = new Uint8Array(0);

export class HashCursor {
  /** What was loaded last. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  /** Names the current field as long as the hash is not changed: position or reference. */
  handle = 0;
  readonly #arena: Arena;
  readonly #hashes: Hashes;
  #isTable = false;
  #root = NULL_REF;
  #stride = 2;
  /** Position of what comes next. */
  #next = 0;
  readonly #walk: DictWalk;

  constructor(arena: Arena, hashes: Hashes) {
    this.#arena = arena;
    this.#hashes = hashes;
    this.#walk = new DictWalk(arena);
  }

  /** Begins with the hash at an entry. */
  begin(ref: number): void {
    this.#isTable = encodingOf(this.#arena, ref) === ENCODING_HASHTABLE;
    if (this.#isTable) {
      this.#root = valueWordOf(this.#arena, ref);
      this.#walk.begin(this.#root);
    } else {
      this.#root = this.#hashes.listpackOf(ref);
      this.#stride = this.#hashes.strideOf(ref);
      this.#next = this.#hashes.listpacks.first(this.#root);
    }
  }

  /** Goes to the next field. @returns false at the end. */
  next(): boolean {
    if (this.#isTable) return this.#nextOfTable();
    if (this.#next === 0) return false;
    const { listpacks } = this.#hashes;
    this.handle = this.#next;
    let at = this.#next;
    for (let i = 0; i < this.#stride; i++) at = listpacks.next(this.#root, at);
    this.#next = at;
    return true;
  }

  #nextOfTable(): boolean {
    this.handle = this.#walk.next();
    return this.handle !== NULL_REF;
  }

  /** Loads the name of the current field. */
  loadField(): void {
    if (this.#isTable) {
      this.#hashes.tables.loadField(this.handle);
      this.#take(this.#hashes.tables);
    } else {
      this.#hashes.loadElement(this.#root, this.handle);
      this.#take(this.#hashes);
    }
  }

  /** Loads the value of the current field. */
  loadValue(): void {
    if (this.#isTable) {
      this.#hashes.tables.loadValue(this.handle);
      this.#take(this.#hashes.tables);
    } else {
      const position = this.#hashes.listpacks.next(this.#root, this.handle);
      this.#hashes.loadElement(this.#root, position);
      this.#take(this.#hashes);
    }
  }

  #take(loaded: { bytes: Uint8Array; offset: number; length: number }): void {
    this.bytes = loaded.bytes;
    this.offset = loaded.offset;
    this.length = loaded.length;
  }

  /** Goes to the field with a random number. */
  goToRandom(ref: number, randomBelow: (bound: number) => number): void {
    const hashes = this.#hashes;
    this.begin(ref);
    if (this.#isTable) this.handle = hashes.tables.random(this.#root, randomBelow);
    else {
      const index = randomBelow(hashes.count(ref)) * this.#stride;
      this.handle = hashes.listpacks.seek(this.#root, index);
    }
  }
}
