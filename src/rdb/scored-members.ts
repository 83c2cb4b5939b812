// The members of a large sorted set, as a dump has them: Redis writes them from the highest to the
// lowest. While they come in that order, which each shows against the one before, they are only
// found by their bytes; at the end the index is made of all of them at once. Whoever writes another
// order gets the same set, a member at a time from there on.
//
// Between `begin` and `end` members without a place in the index may exist: `end` gives them one,
// and must be called too before the set is given up, so that whoever frees it finds them.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  compareMember,
  lengthOfMember,
  offsetOfMember,
  scoreOfMember,
} from '../structures/sorted-index-entry.ts';
import { LargeSortedSet } from '../values/sorted-set-large.ts';

const FIRST_ROOM = 1024;

export class ScoredMembers {
  readonly #arena: Arena;
  readonly #set: LargeSortedSet;
  /** Members that have no place yet, from the last of the order to the first. */
  #refs = new Int32Array(FIRST_ROOM);
  #count = 0;
  #isOrdered = false;

  constructor(keyspace: Keyspace) {
    this.#arena = keyspace.arena;
    this.#set = new LargeSortedSet(keyspace.arena, keyspace.seed);
  }

  /**
   * Begins a set.
   * @param room members for which a table is made at once.
   * @returns its root.
   */
  begin(room: number): number {
    this.#count = 0;
    this.#isOrdered = true;
    return this.#set.create(room);
  }

  /** @returns false when the member is there already. */
  add(score: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const set = this.#set;
    if (set.find(bytes, offset, length) !== NULL_REF) return false;
    if (!this.#isOrdered) {
      set.insertMissing(score, bytes, offset, length);
      return true;
    }
    const ref = set.collectMissing(score, bytes, offset, length);
    if (this.#count > 0 && !this.#isBefore(ref, this.#refs[this.#count - 1]!)) {
      this.end();
      set.index.insert(ref);
      return true;
    }
    if (this.#count === this.#refs.length) this.#grow();
    this.#refs[this.#count++] = ref;
    return true;
  }

  #isBefore(ref: number, other: number): boolean {
    const arena = this.#arena;
    const score = scoreOfMember(arena, ref);
    const otherScore = scoreOfMember(arena, other);
    if (score !== otherScore) return score < otherScore;
    const bytes = arena.bytes[other >>> SLOT_SHIFT]!;
    const length = lengthOfMember(arena, other);
    return compareMember(arena, ref, bytes, offsetOfMember(other), length) < 0;
  }

  #grow(): void {
    const larger = new Int32Array(this.#refs.length * 2);
    larger.set(this.#refs);
    this.#refs = larger;
  }

  /** Gives all members their places. */
  end(): void {
    if (!this.#isOrdered) return;
    this.#isOrdered = false;
    this.#set.index.fill(this.#refs, this.#count);
    if (this.#refs.length > FIRST_ROOM) this.#refs = new Int32Array(FIRST_ROOM);
  }
}
