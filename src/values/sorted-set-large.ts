// Large sorted sets: members in blocks of their own, which a dict finds by their bytes and a sorted
// index by their order. Used by SortedSet; `open` names the root block that the calls work on.
//
//   root block   | state of the dict, 6 words | state of the index, 5 words |
//
// It owns the root, the tables, the nodes and the members. What `find` has found or missed is where
// `insertMissing` and `removeFound` go on; nothing may change the set in between.

import type { HashSeed } from '../bytes/hash.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { Dict } from '../structures/dict.ts';
import { writeEmptyState } from '../structures/dict-state.ts';
import { INDEX_STATE_WORDS, SortedIndex } from '../structures/sorted-index.ts';
import {
  copyMember,
  createMember,
  lengthOfMember,
  MEMBER_LAYOUT,
  offsetOfMember,
  scoreOfMember,
  setScoreOfMember,
} from '../structures/sorted-index-entry.ts';

const DICT_STATE_WORDS = 6;
const ROOT_BYTES: number = (DICT_STATE_WORDS + INDEX_STATE_WORDS) * 4;

export class LargeSortedSet {
  readonly index: SortedIndex;
  readonly #arena: Arena;
  readonly #table: Dict;
  #root = NULL_REF;
  #isTableOpen = false;
  readonly #dropMember: (ref: number) => void;
  readonly #freeMember: (ref: number) => void;
  readonly #insertIntoIndex: (ref: number) => void;

  constructor(arena: Arena, seed: HashSeed) {
    this.#arena = arena;
    this.#table = new Dict(arena, seed, MEMBER_LAYOUT);
    this.index = new SortedIndex(arena, DICT_STATE_WORDS);
    // Made once: the hot path makes no closures.
    this.#dropMember = (ref) => {
      const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
      this.#table.find(bytes, offsetOfMember(ref), lengthOfMember(arena, ref));
      this.#table.removeFound(ref);
      arena.free(ref);
    };
    this.#freeMember = (ref) => arena.free(ref);
    this.#insertIntoIndex = (ref) => this.index.insert(ref);
  }

  /**
   * Makes the root of an empty set, and opens it.
   * @param room members for which a table is made at once.
   * @returns its reference.
   */
  create(room = 0): number {
    const root = this.#arena.alloc(ROOT_BYTES);
    writeEmptyState(this.#arena, root);
    if (room > 0) {
      this.#table.open(root);
      this.#table.reserve(room);
      this.#table.close(root);
    }
    this.index.create(root);
    this.open(root);
    return root;
  }

  /** Makes a copy of another set and opens it. @returns its root. */
  createCopy(source: LargeSortedSet): number {
    const arena = this.#arena;
    const { count } = source;
    const members = new Int32Array(count);
    source.index.readMembers(members);
    const root = this.create(count);
    this.#openTable();
    // What it has been made with has no entries: nothing is left to move.
    this.#table.rehashBuckets(count);
    for (let i = 0; i < count; i++) {
      const copy = copyMember(arena, members[i]!);
      this.#table.insertNew(copy);
      members[i] = copy;
    }
    this.#table.close(root);
    this.index.fill(members.reverse(), count);
    return root;
  }

  /** Works on the set of a root block from now on. */
  open(root: number): void {
    this.#root = root;
    this.#isTableOpen = false;
    this.index.open(root);
  }

  /** Lets go of the memory that the last set lay in. */
  forget(): void {
    this.#isTableOpen = false;
    this.#table.forget();
    this.index.forget();
  }

  #openTable(): void {
    if (this.#isTableOpen) return;
    this.#table.open(this.#root);
    this.#isTableOpen = true;
  }

  get count(): number {
    return this.index.count;
  }

  /** The block of a member, or 0. */
  find(bytes: Uint8Array, offset: number, length: number): number {
    this.#openTable();
    // A search moves a bucket while the table changes its size.
    const moves = this.#table.isRehashing;
    const ref = this.#table.find(bytes, offset, length);
    if (moves) this.#table.close(this.#root);
    return ref;
  }

  scoreOf(ref: number): number {
    return scoreOfMember(this.#arena, ref);
  }

  /** Adds a member that `find` has just missed. @returns its block. */
  insertMissing(score: number, bytes: Uint8Array, offset: number, length: number): number {
    const ref = createMember(this.#arena, score, bytes, offset, length);
    this.#table.insert(ref);
    this.#table.close(this.#root);
    this.index.insert(ref);
    return ref;
  }

  /** Takes out the member that `find` has just found. */
  removeFound(ref: number): void {
    this.index.remove(ref);
    this.#table.removeFound(ref);
    this.#table.close(this.#root);
    this.#arena.free(ref);
  }

  /** Takes `count` members out from rank `from` on, all of which are there. */
  removeRange(from: number, count: number): void {
    this.#openTable();
    if (count === 1) this.#dropMember(this.index.removeRank(from));
    else this.index.removeRange(from, count, this.#dropMember);
    this.#table.close(this.#root);
  }

  /**
   * Adds a member without a place in the order, or finds it: for unions. `arrange` must follow.
   * @returns the block of a member that was there already, or 0.
   */
  collect(score: number, bytes: Uint8Array, offset: number, length: number): number {
    const found = this.find(bytes, offset, length);
    if (found !== NULL_REF) return found;
    this.#table.insert(createMember(this.#arena, score, bytes, offset, length));
    this.#table.close(this.#root);
    return NULL_REF;
  }

  /** The same of a member that `find` has just missed. @returns its block. */
  collectMissing(score: number, bytes: Uint8Array, offset: number, length: number): number {
    const ref = createMember(this.#arena, score, bytes, offset, length);
    this.#table.insert(ref);
    this.#table.close(this.#root);
    return ref;
  }

  /** Gives a collected member another score. */
  setCollectedScore(ref: number, score: number): void {
    setScoreOfMember(this.#arena, ref, score);
  }

  /** Puts all collected members in order. */
  arrange(): void {
    this.#openTable();
    this.#table.visitBuckets(0, Number.POSITIVE_INFINITY, this.#insertIntoIndex);
  }

  /** One step of ZSCAN: appends blocks of members. @returns the next cursor. */
  scan(cursor: number, out: number[]): number {
    this.#openTable();
    return this.#table.scan(cursor, out);
  }

  /** Frees about `budget` members of a set that is given up. @returns false when none is left. */
  freeMembers(budget: number): boolean {
    return this.index.freeSome(budget, this.#freeMember);
  }

  /** Frees everything, the root block too. */
  free(): void {
    while (this.freeMembers(Number.POSITIVE_INFINITY));
    this.#openTable();
    this.#table.destroy();
    this.#isTableOpen = false;
    this.#arena.free(this.#root);
  }

  /** Bytes of root, tables and nodes. */
  get frameBytes(): number {
    this.#openTable();
    return this.#arena.capacity(this.#root) + this.#table.tableBytes + this.index.nodeBytes;
  }
}
