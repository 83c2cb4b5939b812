// The reading half of the sorted index: its state, the searches from the root to a leaf, and the
// cursor that a search leaves. sorted-index.ts changes the index and explains it; nobody else uses
// this class.

import { assert } from '../bytes/assert.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  compareMember,
  lengthOfMember,
  offsetOfMember,
  scoreOfMember,
} from './sorted-index-entry.ts';
import { INNER_CAPACITY, INNER_REFS, LEAF_REFS, NodeView, SCORES } from './sorted-index-nodes.ts';

/** Words of the state: the owner's block has room for them. */
export const INDEX_STATE_WORDS = 5;
export const ROOT = 0;
export const HEIGHT = 1;
export const COUNT = 2;
export const FIRST = 3;
export const LAST = 4;

const MAX_HEIGHT = 16;
// What a search does with entries of the score it looks for.
const TIES_AFTER = 0;
const TIES_BEFORE = 1;
export const TIES_BY_MEMBER = 2;
const TIES_BY_MEMBER_OR_EQUAL = 3;

const NO_BYTES = new Uint8Array(0);

export class SortedIndexSearch {
  protected readonly arena: Arena;
  readonly #stateWord: number;
  #words: Int32Array = new Int32Array(0);
  #state = 0;
  // What is looked for.
  #score = 0;
  #ties = TIES_AFTER;
  #ignoresScores = false;
  #bytes: Uint8Array = NO_BYTES;
  #offset = 0;
  #length = 0;
  // The way from the root to the leaf of the last search.
  protected readonly pathNodes: Int32Array = new Int32Array(MAX_HEIGHT);
  protected readonly pathIndexes: Int32Array = new Int32Array(MAX_HEIGHT);
  // The cursor.
  protected leaf: number = NULL_REF;
  protected position = 0;
  /** Entries of the cursor's leaf. */
  #leafCount = 0;
  protected readonly node: NodeView;
  protected readonly other: NodeView;

  /** @param stateWord index of the state's first word in the blocks that `open` is given. */
  constructor(arena: Arena, stateWord: number) {
    this.arena = arena;
    this.#stateWord = stateWord;
    this.node = new NodeView(arena);
    this.other = new NodeView(arena);
  }

  /** Makes the state in `block` that of an empty index, and opens it. */
  create(block: number): void {
    this.open(block);
    for (let i = 0; i < INDEX_STATE_WORDS; i++) this.setWord(i, 0);
  }

  /** Names the index that the next calls are about. */
  open(block: number): void {
    this.#words = this.arena.words[block >>> SLOT_SHIFT]!;
    this.#state = ((block & GRANULE_MASK) << 1) + this.#stateWord;
  }

  /** Lets go of the memory that the last index lay in: to be opened before the next use. */
  forget(): void {
    this.open(NULL_REF);
    this.#bytes = NO_BYTES;
    this.node.load(NULL_REF);
    this.other.load(NULL_REF);
  }

  protected word(word: number): number {
    return this.#words[this.#state + word]!;
  }

  protected setWord(word: number, value: number): void {
    this.#words[this.#state + word] = value;
  }

  get count(): number {
    return this.word(COUNT);
  }

  // --- the cursor

  /** The member at the cursor, or 0 when the cursor is past either end. */
  get ref(): number {
    const leaf = this.leaf;
    if (leaf === NULL_REF) return NULL_REF;
    const words = this.arena.words[leaf >>> SLOT_SHIFT]!;
    return words[((leaf & GRANULE_MASK) << 1) + LEAF_REFS + this.position]!;
  }

  /** The score of the member at the cursor, which must be at one. */
  get score(): number {
    const leaf = this.leaf;
    return this.arena.doubles[leaf >>> SLOT_SHIFT]![
      (leaf & GRANULE_MASK) + SCORES + this.position
    ]!;
  }

  /** Moves the cursor to the next member. @returns false at the end. */
  next(): boolean {
    return ++this.position < this.#leafCount || this.#settle();
  }

  /** Moves the cursor to the member before. @returns false at the beginning. */
  previous(): boolean {
    if (--this.position >= 0) return true;
    const { node } = this;
    node.load(this.leaf);
    this.leaf = node.previous;
    if (this.leaf === NULL_REF) return false;
    node.load(this.leaf);
    this.#leafCount = node.count;
    this.position = this.#leafCount - 1;
    return true;
  }

  /** Goes on to the next leaf when the position is behind this one. */
  #settle(): boolean {
    const { node } = this;
    node.load(this.leaf);
    this.#leafCount = node.count;
    if (this.position < this.#leafCount) return true;
    this.leaf = node.next;
    this.position = 0;
    if (this.leaf === NULL_REF) return false;
    node.load(this.leaf);
    this.#leafCount = node.count;
    return true;
  }

  // --- searching

  /**
   * Sets the cursor to the member with `rank` members before it. @returns false when there is none.
   */
  seekRank(rank: number): boolean {
    let total = this.word(COUNT);
    this.leaf = NULL_REF;
    if (rank < 0 || rank >= total) return false;
    const { node } = this;
    let before = rank;
    let ref = this.word(ROOT);
    const height = this.word(HEIGHT);
    for (let level = 0; level < height; level++) {
      node.load(ref);
      let index = 0;
      if (before * 2 < total) {
        for (let size = node.sizeAt(0); before >= size; size = node.sizeAt(index)) {
          before -= size;
          index++;
        }
      } else {
        // From the end: `start` is the number of entries before the child.
        let start = total;
        index = node.count;
        while (before < start) start -= node.sizeAt(--index);
        before -= start;
      }
      this.pathNodes[level] = ref;
      this.pathIndexes[level] = index;
      total = node.sizeAt(index);
      ref = node.childAt(index);
    }
    this.leaf = ref;
    this.position = before;
    this.#leafCount = total;
    return true;
  }

  /**
   * Sets the cursor to the first member whose score is at least `score`, or above it.
   * @returns the number of members before it.
   */
  seekScore(score: number, above: boolean): number {
    this.#score = score;
    this.#ties = above ? TIES_BEFORE : TIES_AFTER;
    this.#ignoresScores = false;
    return this.#seek();
  }

  /**
   * Sets the cursor to the first member whose bytes are at least the given ones, or above them,
   * taking all scores for equal.
   * @returns the number of members before it.
   */
  seekMember(bytes: Uint8Array, offset: number, length: number, above: boolean): number {
    this.#ties = above ? TIES_BY_MEMBER_OR_EQUAL : TIES_BY_MEMBER;
    this.#ignoresScores = true;
    this.#bytes = bytes;
    this.#offset = offset;
    this.#length = length;
    return this.#seek();
  }

  #seek(): number {
    if (this.word(COUNT) === 0) {
      this.leaf = NULL_REF;
      return 0;
    }
    this.descend();
    const rank = this.#rankOfPath() + this.position;
    this.#settle();
    return rank;
  }

  /** The number of members before `ref`, which is in the index. */
  rankOf(ref: number): number {
    this.findMember(ref);
    return this.#rankOfPath() + this.position;
  }

  /** Sets path and cursor to a member that is in the index. */
  protected findMember(ref: number): void {
    const score = scoreOfMember(this.arena, ref);
    this.lookFor(score, ref, TIES_BY_MEMBER_OR_EQUAL);
    const leaf = this.#leafOfPath();
    const words = this.arena.words[leaf >>> SLOT_SHIFT]!;
    const doubles = this.arena.doubles[leaf >>> SLOT_SHIFT]!;
    const double = leaf & GRANULE_MASK;
    const word = double << 1;
    const count = words[word]!;
    const scores = double + SCORES;
    let from = 0;
    let to = count;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (doubles[scores + middle]! < score) from = middle + 1;
      else to = middle;
    }
    // Of members with one score it is told by its reference: their bytes lie anywhere.
    const refs = word + LEAF_REFS;
    while (from < count && words[refs + from] !== ref) from++;
    assert(from < count, 'a member is not at its place in the index');
    this.leaf = leaf;
    this.position = from;
  }

  protected lookFor(score: number, ref: number, ties: number): void {
    this.#score = score;
    this.#ties = ties;
    this.#ignoresScores = false;
    this.#bytes = this.arena.bytes[ref >>> SLOT_SHIFT]!;
    this.#offset = offsetOfMember(ref);
    this.#length = lengthOfMember(this.arena, ref);
  }

  #rankOfPath(): number {
    const node = this.node;
    const height = this.word(HEIGHT);
    let rank = 0;
    for (let level = 0; level < height; level++) {
      node.load(this.pathNodes[level]!);
      rank += node.sizeBefore(this.pathIndexes[level]!);
    }
    return rank;
  }

  /**
   * Goes from the root to the leaf and position of the first entry not before what is looked for.
   */
  protected descend(): void {
    const ref = this.#leafOfPath();
    const slot = ref >>> SLOT_SHIFT;
    const leafWords = this.arena.words[slot]!;
    const double = ref & GRANULE_MASK;
    const word = double << 1;
    this.leaf = ref;
    this.position = this.#search(
      leafWords,
      word + LEAF_REFS,
      this.arena.doubles[slot]!,
      double + SCORES,
      0,
      leafWords[word]!,
    );
  }

  /** Goes from the root down, and leaves the path. @returns the leaf. */
  #leafOfPath(): number {
    const { words, doubles } = this.arena;
    const height = this.word(HEIGHT);
    let ref = this.word(ROOT);
    for (let level = 0; level < height; level++) {
      const slot = ref >>> SLOT_SHIFT;
      const nodeWords = words[slot]!;
      const double = ref & GRANULE_MASK;
      const word = double << 1;
      const count = nodeWords[word]!;
      const index =
        this.#search(nodeWords, word + INNER_REFS, doubles[slot]!, double + SCORES, 1, count) - 1;
      this.pathNodes[level] = ref;
      this.pathIndexes[level] = index;
      ref = nodeWords[word + INNER_REFS + INNER_CAPACITY + index]!;
    }
    return ref;
  }

  /**
   * Index from `low` to `high` of the first entry of a node that is not before the wanted place.
   */
  #search(
    words: Int32Array,
    refs: number,
    doubles: Float64Array,
    scores: number,
    low: number,
    high: number,
  ): number {
    const wanted = this.#score;
    const ignoresScores = this.#ignoresScores;
    let from = low;
    let to = high;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const score = doubles[scores + middle]!;
      let isBefore: boolean;
      if (ignoresScores || score === wanted) isBefore = this.#isTieBefore(words[refs + middle]!);
      else isBefore = score < wanted;
      if (isBefore) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #isTieBefore(ref: number): boolean {
    const ties = this.#ties;
    if (ties < TIES_BY_MEMBER) return ties === TIES_BEFORE;
    const order = compareMember(this.arena, ref, this.#bytes, this.#offset, this.#length);
    return ties === TIES_BY_MEMBER ? order < 0 : order <= 0;
  }
}
