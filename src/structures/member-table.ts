// Tables of members: what a large set is. A Dict whose state rests in an arena block, and whose
// entries are bare members.
//
//   state    | dict state, 24 bytes |            the value's root
//   member   | next | length | bytes |
//
// One object serves all sets of a keyspace: `open` makes it work on one of them. Owns the members
// and the tables of the sets it made; `destroy` frees them.

import { copyBytes } from '../bytes/copy.ts';
import type { HashSeed } from '../bytes/hash.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { Dict } from './dict.ts';
import { copyBlock, copyTables } from './dict-copy.ts';
import { releaseSome } from './dict-release.ts';
import { visitSome } from './dict-sample.ts';
import {
  countOfState,
  DICT_STATE_BYTES,
  tableBytesOfState,
  writeEmptyState,
} from './dict-state.ts';
import { KEY_LENGTH_MASK } from './entry-layout.ts';

const LENGTH_WORD = 1;
const MEMBER_OFFSET = 8;
/** Buckets that are moved before a walk: less than a millisecond. */
const SETTLED_BUCKETS = 16384;

export class MemberTable {
  readonly dict: Dict;
  readonly #arena: Arena;
  readonly #freeMember: (member: number) => void;
  readonly #copyMember: (member: number) => number;

  constructor(arena: Arena, seed: HashSeed) {
    this.#arena = arena;
    this.dict = new Dict(arena, seed, { lengthWord: LENGTH_WORD, headerBytes: MEMBER_OFFSET });
    this.#freeMember = (member) => arena.free(member);
    this.#copyMember = (member) => copyBlock(arena, member, MEMBER_OFFSET + this.lengthOf(member));
  }

  /** An empty table with room for `capacity` members. @returns its state's block. */
  create(capacity = 0): number {
    const state = this.#arena.alloc(DICT_STATE_BYTES);
    writeEmptyState(this.#arena, state);
    if (capacity > 4) {
      this.dict.open(state);
      this.dict.reserve(capacity);
      this.dict.close(state);
    }
    return state;
  }

  /**
   * Goes on with a change of the table's size that is under way, by so many steps that a small one
   * ends: for commands that walk over all members anyway.
   */
  settle(state: number): void {
    const { dict } = this;
    dict.open(state);
    if (!dict.isRehashing) return;
    dict.rehashBuckets(SETTLED_BUCKETS);
    dict.close(state);
  }

  count(state: number): number {
    return countOfState(this.#arena, state);
  }

  has(state: number, bytes: Uint8Array, offset: number, length: number): boolean {
    this.dict.open(state);
    const wasRehashing = this.dict.isRehashing;
    const found = this.dict.find(bytes, offset, length);
    if (wasRehashing) this.dict.close(state);
    return found !== NULL_REF;
  }

  /** Looks for a member of the table that is open: for many lookups in one that does not change. */
  hasInOpen(bytes: Uint8Array, offset: number, length: number): boolean {
    return this.dict.find(bytes, offset, length) !== NULL_REF;
  }

  /** Adds a member. @returns false when it was there. */
  add(state: number, bytes: Uint8Array, offset: number, length: number): boolean {
    this.dict.open(state);
    const isNew = this.addToOpen(bytes, offset, length);
    this.dict.close(state);
    return isNew;
  }

  /** The same with the table that is open, which the caller closes. */
  addToOpen(bytes: Uint8Array, offset: number, length: number): boolean {
    const { dict } = this;
    if (dict.find(bytes, offset, length) !== NULL_REF) return false;
    const arena = this.#arena;
    const member = arena.alloc(MEMBER_OFFSET + length);
    const slot = member >>> SLOT_SHIFT;
    const granule = member & GRANULE_MASK;
    arena.words[slot]![(granule << 1) + LENGTH_WORD] = length;
    copyBytes(arena.bytes[slot]!, (granule << 3) + MEMBER_OFFSET, bytes, offset, length);
    dict.insert(member);
    return true;
  }

  /** Removes a member. @returns false when it was not there. */
  remove(state: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const { dict } = this;
    dict.open(state);
    const member = dict.find(bytes, offset, length);
    if (member !== NULL_REF) {
      dict.removeFound(member);
      this.#arena.free(member);
    }
    dict.close(state);
    return member !== NULL_REF;
  }

  lengthOf(member: number): number {
    const words = this.#arena.words[member >>> SLOT_SHIFT]!;
    return words[((member & GRANULE_MASK) << 1) + LENGTH_WORD]! & KEY_LENGTH_MASK;
  }

  /** Offset of a member's bytes in `arena.bytes[member >>> SLOT_SHIFT]`. */
  offsetOf(member: number): number {
    return ((member & GRANULE_MASK) << 3) + MEMBER_OFFSET;
  }

  /** A member chosen uniformly, or 0 when there is none. */
  random(state: number, randomBelow: (bound: number) => number): number {
    const { dict } = this;
    dict.open(state);
    if (dict.isRehashing) {
      dict.rehashBuckets(1);
      dict.close(state);
    }
    return dict.randomEntry(randomBelow);
  }

  /** Removes the member that `random` has just chosen, and nothing was done with tables since. */
  removeChosen(state: number, member: number): void {
    this.dict.removeFound(member);
    this.#arena.free(member);
    this.dict.close(state);
  }

  /** A copy of the table with its members. @returns its state's block. */
  copy(state: number): number {
    const copy = this.create();
    copyTables(this.#arena, state, copy, this.#copyMember);
    return copy;
  }

  /** Frees the table with its members. */
  destroy(state: number): void {
    this.freeSome(state, Number.POSITIVE_INFINITY);
  }

  /** Frees up to about `budget` members. @returns the state, or 0 when nothing is left. */
  freeSome(state: number, budget: number): number {
    if (releaseSome(this.dict, state, budget, this.#freeMember)) return state;
    this.#arena.free(state);
    return NULL_REF;
  }

  /** Bytes of the state, the tables, and up to `samples` members, scaled to all; 0 looks at all. */
  usedBytes(state: number, samples: number): number {
    const arena = this.#arena;
    const count = this.count(state);
    let sum = 0;
    this.dict.open(state);
    const seen = visitSome(this.dict, samples, (member) => {
      sum += arena.capacity(member);
    });
    const members = seen === 0 ? 0 : Math.round((sum / seen) * count);
    return arena.capacity(state) + tableBytesOfState(arena, state) + members;
  }
}
