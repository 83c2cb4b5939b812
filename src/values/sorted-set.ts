// One sorted set at a time, whichever way it is kept: small ones as a listpack of members and
// scores (sorted-set-listpack.ts), others as members in blocks of their own with a dict and a
// sorted index (sorted-set-large.ts). Redis's names for the two are `listpack` and `skiplist`.
//
// `open` names an entry's value, `create` begins a new one that no entry has yet; what follows is
// about that one, and keeps the entry's words right when the value moves or changes its encoding. A
// search or step leaves a current member: `score`, and after `loadMember` bytes, offset and length,
// true until the arena changes. SortedSets (sorted-sets.ts) owns the objects of this class.

import { copyBytes } from '../bytes/copy.ts';
import type { HashSeed } from '../bytes/hash.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  encodingOf,
  setTypeAndEncoding,
  setValueWord,
  TYPE_ZSET,
  valueWordOf,
} from '../structures/entry.ts';
import type { Listpacks } from '../structures/listpack.ts';
import { lengthOfMember, offsetOfMember } from '../structures/sorted-index-entry.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import { LargeSortedSet } from './sorted-set-large.ts';
import { ScorePairs } from './sorted-set-listpack.ts';
import type { LexBound, LexRange, ScoreRange } from './sorted-set-ranges.ts';

// What `add` is told, as bits.
export const ADD_NX = 1;
export const ADD_XX = 2;
export const ADD_GT = 4;
export const ADD_LT = 8;
/** The score is added to the one that is there. */
export const ADD_INCREMENT = 16;

// What `add` has done.
export const NOTHING_ADDED = 0;
export const MEMBER_ADDED = 1;
export const SCORE_CHANGED = 2;
export const SCORE_KEPT = 3;
export const SCORE_IS_NAN = 4;
const NO_BYTES = new Uint8Array(0);

export class SortedSet {
  /** The bytes of the current member, after `loadMember`. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  /** The score of the member that `add` has added or found, as it is now. */
  newScore = 0;
  /** The ranks that `selectScores` and `selectMembers` have found: from `from` to before `to`. */
  from = 0;
  to = 0;
  encoding: number = ENCODING_LISTPACK;
  /** The value's block. */
  root: number = NULL_REF;
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;
  readonly #limits: EncodingLimits;
  readonly #pairs: ScorePairs;
  readonly #large: LargeSortedSet;
  readonly #digits = new Uint8Array(24);
  /** The entry whose value this is, or 0. */
  #entry = NULL_REF;
  /** The current member: its block, or its position in the listpack. */
  #current = 0;

  constructor(arena: Arena, listpacks: Listpacks, limits: EncodingLimits, seed: HashSeed) {
    this.#arena = arena;
    this.#listpacks = listpacks;
    this.#limits = limits;
    this.#pairs = new ScorePairs(listpacks);
    this.#large = new LargeSortedSet(arena, seed);
  }

  /** Lets go of the memory that the last sorted set lay in: to be opened before the next use. */
  forget(): void {
    this.bytes = NO_BYTES;
    this.#large.forget();
  }

  // --- which one

  /** Works on the value of an entry from now on. */
  open(entry: number): void {
    this.openRoot(encodingOf(this.#arena, entry), valueWordOf(this.#arena, entry));
    this.#entry = entry;
  }

  /** Works on a value that no entry has. */
  openRoot(encoding: number, root: number): void {
    this.#entry = NULL_REF;
    this.encoding = encoding;
    this.root = root;
    this.#current = 0;
    if (encoding === ENCODING_SKIPLIST) this.#large.open(root);
  }

  /**
   * Begins an empty value that no entry has yet; someone must take its root, or `free` it.
   * @param count how many members it is about to get, of which the longest known has `memberBytes`.
   * @param room for so many members a table is made at once.
   */
  create(count: number, memberBytes: number, room = 0): void {
    const limits = this.#limits;
    const isSmall =
      count <= limits.zsetMaxListpackEntries && memberBytes <= limits.zsetMaxListpackValue;
    if (isSmall) this.openRoot(ENCODING_LISTPACK, this.#listpacks.create());
    else this.createLarge(room);
  }

  /** The same, as a dict and an index whatever its size. */
  createLarge(room = 0): void {
    this.openRoot(ENCODING_SKIPLIST, this.#large.create(room));
  }

  /** Begins a copy of a large set. */
  createCopy(source: SortedSet): void {
    this.openRoot(ENCODING_SKIPLIST, this.#large.createCopy(source.#large));
  }

  #moveTo(root: number): void {
    if (root === this.root) return;
    this.root = root;
    if (this.#entry !== NULL_REF) setValueWord(this.#arena, this.#entry, root);
  }

  #changeEncoding(encoding: number): void {
    this.encoding = encoding;
    if (this.#entry === NULL_REF) return;
    setTypeAndEncoding(this.#arena, this.#entry, TYPE_ZSET, encoding);
    setValueWord(this.#arena, this.#entry, this.root);
  }

  get count(): number {
    if (this.encoding === ENCODING_LISTPACK) return this.#pairs.count(this.root);
    return this.#large.count;
  }

  // --- the current member

  /** Its score. */
  get score(): number {
    if (this.encoding === ENCODING_LISTPACK) return this.#pairs.scoreAt(this.root, this.#current);
    return this.#large.scoreOf(this.#current);
  }

  /** Loads its bytes. */
  loadMember(): void {
    if (this.encoding === ENCODING_LISTPACK) {
      const listpacks = this.#listpacks;
      listpacks.get(this.root, this.#current);
      this.bytes = listpacks.bytes;
      this.offset = listpacks.offset;
      this.length = listpacks.length;
      if (listpacks.isInteger(this.root, this.#current)) this.#keepDigits();
      return;
    }
    const ref = this.#current;
    this.bytes = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    this.offset = offsetOfMember(ref);
    this.length = lengthOfMember(this.#arena, ref);
  }

  /** Loads the text of the score that a listpack keeps; the member's is lost. */
  loadScoreText(): void {
    const listpacks = this.#listpacks;
    listpacks.get(this.root, listpacks.next(this.root, this.#current));
    this.bytes = listpacks.bytes;
    this.offset = listpacks.offset;
    this.length = listpacks.length;
  }

  /** An integer's text lies where the listpacks write the next one, which may be the score's. */
  #keepDigits(): void {
    copyBytes(this.#digits, 0, this.bytes, this.offset, this.length);
    this.bytes = this.#digits;
    this.offset = 0;
  }

  /**
   * Makes the member with `rank` members before it the current one. @returns false when there is
   * none.
   */
  seekRank(rank: number): boolean {
    if (this.encoding === ENCODING_LISTPACK) {
      this.#current = rank < 0 ? 0 : this.#pairs.seek(this.root, rank);
      return this.#current !== 0;
    }
    if (!this.#large.index.seekRank(rank)) return false;
    this.#current = this.#large.index.ref;
    return true;
  }

  /**
   * Makes the first member with a score of at least `score` the current one. @returns false when
   * there is none.
   */
  seekScore(score: number): boolean {
    if (this.encoding === ENCODING_LISTPACK) {
      return this.seekRank(this.#pairs.rankOfScore(this.root, score, false));
    }
    this.#large.index.seekScore(score, false);
    this.#current = this.#large.index.ref;
    return this.#current !== NULL_REF;
  }

  /**
   * The score of the member that a seek or step has led to. It is read where the order is kept, so
   * the member itself is not touched.
   */
  get stepScore(): number {
    return this.encoding === ENCODING_LISTPACK ? this.score : this.#large.index.score;
  }

  /** Names the current member for `setCurrent`, as long as the set is not changed. */
  get handle(): number {
    return this.#current;
  }

  /** Goes to the next member from where `seekRank` or a step has led. @returns false at the end. */
  next(): boolean {
    if (this.encoding === ENCODING_LISTPACK) {
      this.#current = this.#pairs.next(this.root, this.#current);
      return this.#current !== 0;
    }
    if (!this.#large.index.next()) return false;
    this.#current = this.#large.index.ref;
    return true;
  }

  /** The same towards the beginning. */
  previous(): boolean {
    if (this.encoding === ENCODING_LISTPACK) {
      this.#current = this.#pairs.previous(this.root, this.#current);
      return this.#current !== 0;
    }
    if (!this.#large.index.previous()) return false;
    this.#current = this.#large.index.ref;
    return true;
  }

  /**
   * Makes a member the current one, by its bytes; no step may follow. @returns false when it is not
   * there.
   */
  find(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.encoding === ENCODING_LISTPACK) {
      this.#current = this.#pairs.find(this.root, bytes, offset, length);
    } else this.#current = this.#large.find(bytes, offset, length);
    return this.#current !== 0;
  }

  /** The number of members before the current one, which `find` has found. */
  get rank(): number {
    if (this.encoding === ENCODING_LISTPACK) return this.#pairs.rankAt(this.root, this.#current);
    return this.#large.index.rankOf(this.#current);
  }

  // --- ranges

  /** The number of members with a score below `score`, or up to it. */
  #rankOfScore(score: number, above: boolean): number {
    if (this.encoding === ENCODING_LISTPACK) {
      return this.#pairs.rankOfScore(this.root, score, above);
    }
    return this.#large.index.seekScore(score, above);
  }

  /** Finds the ranks of a range of scores. @returns the number of members in it. */
  selectScores(range: ScoreRange): number {
    this.from = this.#rankOfScore(range.min, range.minExclusive);
    this.to = this.#rankOfScore(range.max, !range.maxExclusive);
    if (this.to < this.from) this.to = this.from;
    return this.to - this.from;
  }

  /**
   * Finds the ranks of a range of members. The scores should be equal; where they are not, a
   * listpack answers as Redis does, who walks it from one end until a member is out of the range.
   * @param fromEnd whether it begins at the end.
   * @returns the number of members in the range.
   */
  selectMembers(range: LexRange, fromEnd: boolean): number {
    if (this.encoding === ENCODING_LISTPACK) {
      this.#pairs.selectMembers(this.root, range, fromEnd);
      this.from = this.#pairs.from;
      this.to = this.#pairs.to;
    } else {
      this.from = this.#rankOfBound(range.min, range.min.exclusive);
      this.to = this.#rankOfBound(range.max, !range.max.exclusive);
    }
    if (this.to < this.from) this.to = this.from;
    return this.to - this.from;
  }

  #rankOfBound(bound: LexBound, above: boolean): number {
    if (bound.side !== 0) return bound.side < 0 ? 0 : this.count;
    return this.#large.index.seekMember(bound.bytes, bound.offset, bound.length, above);
  }

  // --- changing

  /**
   * Before `count` members are added: those that will be too many for a listpack convert it at
   * once.
   */
  expect(count: number): void {
    if (this.encoding === ENCODING_LISTPACK && count > this.#limits.zsetMaxListpackEntries) {
      this.enlarge();
    }
  }

  /**
   * Adds a member or gives one another score, as the flags ADD_* say.
   * @returns what it has done; unless that is nothing, `newScore` is the member's score.
   */
  add(score: number, bytes: Uint8Array, offset: number, length: number, flags: number): number {
    if (!this.find(bytes, offset, length)) {
      if ((flags & ADD_XX) !== 0) return NOTHING_ADDED;
      this.#insert(score, bytes, offset, length);
      this.newScore = score;
      return MEMBER_ADDED;
    }
    if ((flags & ADD_NX) !== 0) return NOTHING_ADDED;
    const old = this.score;
    const wanted = (flags & ADD_INCREMENT) !== 0 ? old + score : score;
    if (Number.isNaN(wanted)) return SCORE_IS_NAN;
    if ((flags & ADD_LT) !== 0 && wanted >= old) return NOTHING_ADDED;
    if ((flags & ADD_GT) !== 0 && wanted <= old) return NOTHING_ADDED;
    this.newScore = wanted;
    if (wanted === old) return SCORE_KEPT;
    if (this.encoding === ENCODING_LISTPACK) {
      const { root } = this;
      this.#moveTo(this.#pairs.changeScore(root, this.#current, wanted, bytes, offset, length));
    } else this.#large.index.changeScore(this.#current, wanted);
    return SCORE_CHANGED;
  }

  /** Adds a member that `find` has just not found. */
  #insert(score: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.encoding === ENCODING_LISTPACK) {
      const limits = this.#limits;
      const { root } = this;
      if (
        this.#pairs.count(root) < limits.zsetMaxListpackEntries &&
        length <= limits.zsetMaxListpackValue &&
        this.#listpacks.hasRoomFor(root, length)
      ) {
        this.#moveTo(this.#pairs.insert(root, score, bytes, offset, length));
        return;
      }
      this.enlarge();
      this.#large.find(bytes, offset, length);
    }
    this.#current = this.#large.insertMissing(score, bytes, offset, length);
  }

  /** Adds a member that is known not to be there. */
  addNew(score: number, bytes: Uint8Array, offset: number, length: number): void {
    if (this.encoding === ENCODING_SKIPLIST) this.#large.find(bytes, offset, length);
    this.#insert(score, bytes, offset, length);
  }

  /** Takes a member out. @returns false when it is not there. */
  remove(bytes: Uint8Array, offset: number, length: number): boolean {
    if (!this.find(bytes, offset, length)) return false;
    if (this.encoding === ENCODING_LISTPACK) {
      this.#moveTo(this.#pairs.delete(this.root, this.#current, 1));
      return true;
    }
    this.#large.removeFound(this.#current);
    return true;
  }

  /** Takes `count` members out from rank `from` on, all of which are there. */
  removeRange(from: number, count: number): void {
    if (count <= 0) return;
    if (this.encoding === ENCODING_LISTPACK) {
      const position = this.#pairs.seek(this.root, from);
      this.#moveTo(this.#pairs.delete(this.root, position, count));
      return;
    }
    this.#large.removeRange(from, count);
  }

  // --- collecting scores before there is an order: for unions

  /**
   * Adds a member to a value that `createLarge` has begun, without a place in the order yet; when
   * all are there, `arrange` gives them one.
   * @returns false when it is there already, and the current one.
   */
  collect(score: number, bytes: Uint8Array, offset: number, length: number): boolean {
    this.#current = this.#large.collect(score, bytes, offset, length);
    return this.#current === NULL_REF;
  }

  /** Gives the collected member that is the current one another score. */
  setCollectedScore(score: number): void {
    this.#large.setCollectedScore(this.#current, score);
  }

  /** Puts the collected members in order. */
  arrange(): void {
    this.#large.arrange();
  }

  // --- walking without order

  /**
   * One step of ZSCAN over a large set: appends the blocks of members. @returns the next cursor.
   */
  scan(cursor: number, out: number[]): number {
    return this.#large.scan(cursor, out);
  }

  /** Makes a member from `scan` or `handle` the current one; no step may follow. */
  setCurrent(handle: number): void {
    this.#current = handle;
  }

  // --- encodings and freeing

  /** Turns a listpack into a dict and an index. */
  enlarge(): void {
    if (this.encoding === ENCODING_LISTPACK) this.#enlarge(this.root, this.#entry);
  }

  #enlarge(lp: number, entry: number): void {
    const listpacks = this.#listpacks;
    const pairs = this.#pairs;
    this.createLarge();
    for (let at = listpacks.first(lp); at !== 0; at = pairs.next(lp, at)) {
      const score = pairs.scoreAt(lp, at);
      listpacks.get(lp, at);
      // A listpack from a corrupt dump may have a member twice.
      this.add(score, listpacks.bytes, listpacks.offset, listpacks.length, ADD_NX);
    }
    listpacks.free(lp);
    this.#entry = entry;
    this.#changeEncoding(ENCODING_SKIPLIST);
  }

  /** Turns a large set that has become complete into a listpack, where the limits allow it. */
  compact(): void {
    const { count } = this;
    const limits = this.#limits;
    if (this.encoding === ENCODING_LISTPACK || count > limits.zsetMaxListpackEntries) return;
    let lp = this.#listpacks.create();
    let fits = true;
    for (let more = this.seekRank(0); more && fits; more = this.next()) {
      this.loadMember();
      const { bytes, offset, length } = this;
      fits = length <= limits.zsetMaxListpackValue && this.#listpacks.hasRoomFor(lp, length);
      if (fits) lp = this.#pairs.append(lp, this.score, bytes, offset, length);
    }
    if (!fits) {
      this.#listpacks.free(lp);
      return;
    }
    this.#large.free();
    this.root = lp;
    this.#changeEncoding(ENCODING_LISTPACK);
  }

  /** Frees the value with all that it holds. */
  free(): void {
    if (this.encoding === ENCODING_LISTPACK) this.#listpacks.free(this.root);
    else this.#large.free();
  }

  /**
   * Frees about `budget` members of a large set that is given up. @returns false when none is left.
   */
  freeMembers(budget: number): boolean {
    return this.#large.freeMembers(budget);
  }

  /** Bytes of a large set's tables and nodes, its members left out. */
  get frameBytes(): number {
    return this.#large.frameBytes;
  }

  /** Bytes of the current member's block. */
  get memberBytes(): number {
    return this.#arena.capacity(this.#current);
  }
}
