// The nodes of the sorted index: blocks of 1 KB, and moving entries inside and between them. Each
// node keeps like with like in runs, so that a search reads few cache lines.
//
//   leaf   | count | next | previous | - | 84 scores, doubles         | 84 references of members |
//   inner  | count | -    | -        | - | 50 scores | 50 references  | 50 children | 50 sizes   |
//
// Score and reference number i of an inner node are those of the first entry below child i; number
// 0 is not kept up, for nothing asks for it. A size is the number of entries below the child. Only
// the sorted index calls.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';

export const NODE_BYTES = 1024;
export const LEAF_CAPACITY = 84;
export const INNER_CAPACITY = 50;

const COUNT = 0;
const NEXT = 1;
const PREVIOUS = 2;
/** First score, in doubles from the block's start; the same in both kinds of nodes. */
export const SCORES = 2;
/** First reference of a leaf, in words from the block's start. */
export const LEAF_REFS: number = 4 + 2 * LEAF_CAPACITY;
export const INNER_REFS: number = 4 + 2 * INNER_CAPACITY;
export const CHILDREN: number = INNER_REFS + INNER_CAPACITY;
export const SIZES: number = CHILDREN + INNER_CAPACITY;

/** The views of a slot and the place of a node in them, for one node at a time. */
export class NodeView {
  ref: number = NULL_REF;
  words: Int32Array = new Int32Array(0);
  doubles: Float64Array = new Float64Array(0);
  /** Index of the node's first word, and of its first double. */
  word = 0;
  double = 0;
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Looks at a node; true until the arena changes. */
  load(ref: number): void {
    const slot = ref >>> SLOT_SHIFT;
    this.ref = ref;
    this.words = this.#arena.words[slot]!;
    this.doubles = this.#arena.doubles[slot]!;
    this.double = ref & GRANULE_MASK;
    this.word = this.double << 1;
  }

  get count(): number {
    return this.words[this.word + COUNT]!;
  }

  set count(value: number) {
    this.words[this.word + COUNT] = value;
  }

  get next(): number {
    return this.words[this.word + NEXT]!;
  }

  set next(ref: number) {
    this.words[this.word + NEXT] = ref;
  }

  get previous(): number {
    return this.words[this.word + PREVIOUS]!;
  }

  set previous(ref: number) {
    this.words[this.word + PREVIOUS] = ref;
  }

  scoreAt(index: number): number {
    return this.doubles[this.double + SCORES + index]!;
  }

  leafRefAt(index: number): number {
    return this.words[this.word + LEAF_REFS + index]!;
  }

  /** Copies the references of a leaf to `out` from `at` on. @returns their number. */
  readLeafRefs(out: Int32Array, at: number): number {
    const start = this.word + LEAF_REFS;
    const { count } = this;
    out.set(this.words.subarray(start, start + count), at);
    return count;
  }

  firstRefBelow(index: number): number {
    return this.words[this.word + INNER_REFS + index]!;
  }

  childAt(index: number): number {
    return this.words[this.word + CHILDREN + index]!;
  }

  sizeAt(index: number): number {
    return this.words[this.word + SIZES + index]!;
  }

  setSize(index: number, size: number): void {
    this.words[this.word + SIZES + index] = size;
  }

  setFirst(index: number, score: number, ref: number): void {
    this.doubles[this.double + SCORES + index] = score;
    this.words[this.word + INNER_REFS + index] = ref;
  }

  /** Entries below the children before `index`. */
  sizeBefore(index: number): number {
    const { words } = this;
    const start = this.word + SIZES;
    let sum = 0;
    for (let at = start; at < start + index; at++) sum += words[at]!;
    return sum;
  }

  setLeafEntry(index: number, score: number, ref: number): void {
    this.doubles[this.double + SCORES + index] = score;
    this.words[this.word + LEAF_REFS + index] = ref;
  }

  /** Puts an entry into a leaf that has room. */
  insertLeafEntry(index: number, score: number, ref: number): void {
    const { words, doubles, count } = this;
    const scores = this.double + SCORES;
    const refs = this.word + LEAF_REFS;
    for (let i = count; i > index; i--) doubles[scores + i] = doubles[scores + i - 1]!;
    for (let i = count; i > index; i--) words[refs + i] = words[refs + i - 1]!;
    this.setLeafEntry(index, score, ref);
    this.count = count + 1;
  }

  /** Takes `taken` entries out of a leaf. */
  removeLeafEntries(index: number, taken: number): void {
    const { words, doubles } = this;
    const left = this.count - taken;
    const scores = this.double + SCORES;
    const refs = this.word + LEAF_REFS;
    for (let i = index; i < left; i++) doubles[scores + i] = doubles[scores + i + taken]!;
    for (let i = index; i < left; i++) words[refs + i] = words[refs + i + taken]!;
    this.count = left;
  }

  /** Puts a child into an inner node that has room. */
  insertChild(index: number, child: number, size: number, score: number, ref: number): void {
    const { words, doubles, count } = this;
    const scores = this.double + SCORES;
    for (let i = count; i > index; i--) doubles[scores + i] = doubles[scores + i - 1]!;
    for (let run = INNER_REFS; run <= SIZES; run += INNER_CAPACITY) {
      const start = this.word + run;
      for (let i = count; i > index; i--) words[start + i] = words[start + i - 1]!;
    }
    this.setFirst(index, score, ref);
    words[this.word + CHILDREN + index] = child;
    this.setSize(index, size);
    this.count = count + 1;
  }

  removeChild(index: number): void {
    const { words, doubles } = this;
    const left = this.count - 1;
    const scores = this.double + SCORES;
    for (let i = index; i < left; i++) doubles[scores + i] = doubles[scores + i + 1]!;
    for (let run = INNER_REFS; run <= SIZES; run += INNER_CAPACITY) {
      const start = this.word + run;
      for (let i = index; i < left; i++) words[start + i] = words[start + i + 1]!;
    }
    this.count = left;
  }

  /** Moves entries of a leaf from `from` on behind those that `target` has. */
  moveLeafEntries(from: number, target: NodeView): void {
    const count = this.count;
    for (let i = from, to = target.count; i < count; i++, to++) {
      target.setLeafEntry(to, this.scoreAt(i), this.leafRefAt(i));
    }
    target.count += count - from;
    this.count = from;
  }

  /**
   * Moves children from `from` on behind those that `target` has.
   * @param score with `ref`, the first entry below the first child that moves.
   */
  moveChildren(from: number, target: NodeView, score: number, ref: number): void {
    const count = this.count;
    for (let i = from, to = target.count; i < count; i++, to++) {
      if (i === from) target.setFirst(to, score, ref);
      else target.setFirst(to, this.scoreAt(i), this.firstRefBelow(i));
      target.words[target.word + CHILDREN + to] = this.childAt(i);
      target.setSize(to, this.sizeAt(i));
    }
    target.count += count - from;
    this.count = from;
  }
}

/** Takes a block for an empty node. */
export function createNode(arena: Arena): number {
  const ref = arena.alloc(NODE_BYTES);
  const words = arena.words[ref >>> SLOT_SHIFT]!;
  const word = (ref & GRANULE_MASK) << 1;
  words[word + COUNT] = 0;
  words[word + NEXT] = NULL_REF;
  words[word + PREVIOUS] = NULL_REF;
  return ref;
}
