// The order of a sorted set: members by score, then by bytes, with ranks. A B+ tree whose inner
// nodes also count what is below them, so that finding a rank, a score or a member, inserting,
// deleting and deleting a range all take logarithmic time. See docs/internals/sorted-index.md.
//
//   state (five words of a block)              inner node         leaf, linked to its neighbours
//   | root | height | count | first | last |   | - | m | t |      | a b c | <-> | m n | <-> | t u |
//                                              | 3 | 2 | 2 | sizes
//
// The index owns its nodes; the members (sorted-index-entry.ts) are the sorted set's. One object
// serves every sorted set of a keyspace: `open` names the state that the calls after it work on. A
// search leaves the cursor (`ref`, `score`, `next`, `previous`), which is true until the next
// change.

import { GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  compareMember,
  lengthOfMember,
  offsetOfMember,
  scoreOfMember,
  setScoreOfMember,
} from './sorted-index-entry.ts';
import { fillIndex } from './sorted-index-fill.ts';
import {
  createNode,
  INNER_CAPACITY,
  INNER_REFS,
  LEAF_CAPACITY,
  NODE_BYTES,
  type NodeView,
} from './sorted-index-nodes.ts';
import {
  COUNT,
  FIRST,
  HEIGHT,
  INDEX_STATE_WORDS,
  LAST,
  ROOT,
  SortedIndexSearch,
  TIES_BY_MEMBER,
} from './sorted-index-search.ts';

export { INDEX_STATE_WORDS } from './sorted-index-search.ts';

/** A node with fewer entries or children looks for a neighbour to join. */
const SPARSE_LEAF: number = LEAF_CAPACITY >> 2;
const SPARSE_INNER: number = INNER_CAPACITY >> 2;
/** Joining leaves room, so that the next insert does not split again. */
const JOINED_LEAF: number = (LEAF_CAPACITY * 3) >> 2;
const JOINED_INNER: number = (INNER_CAPACITY * 3) >> 2;

export class SortedIndex extends SortedIndexSearch {
  readonly #removed: number[] = [];

  // --- inserting

  /** Adds a member, whose block holds its score and bytes; it may not be in the index. */
  insert(ref: number): void {
    const score = scoreOfMember(this.arena, ref);
    if (this.word(COUNT) === 0) {
      this.leaf = createNode(this.arena);
      this.position = 0;
      this.setWord(ROOT, this.leaf);
      this.setWord(FIRST, this.leaf);
      this.setWord(LAST, this.leaf);
    } else {
      this.lookFor(score, ref, TIES_BY_MEMBER);
      this.descend();
    }
    this.setWord(COUNT, this.word(COUNT) + 1);
    const node = this.node;
    node.load(this.leaf);
    if (node.count < LEAF_CAPACITY) {
      node.insertLeafEntry(this.position, score, ref);
      this.#addToSizes(this.word(HEIGHT) - 1, 1);
    } else {
      this.#splitLeaf(score, ref);
    }
  }

  /** Fills the empty index with members, given from the last of the order to the first. */
  fill(refs: Int32Array, count: number): void {
    if (count === 0) return;
    const { root, height, first, last } = fillIndex(this.arena, refs, count);
    this.setWord(ROOT, root);
    this.setWord(HEIGHT, height);
    this.setWord(COUNT, count);
    this.setWord(FIRST, first);
    this.setWord(LAST, last);
  }

  /** Writes the members in their order to `out`, which has room for them all. */
  readMembers(out: Int32Array): void {
    const { node } = this;
    let at = 0;
    for (let leaf = this.word(FIRST); leaf !== NULL_REF; leaf = node.next) {
      node.load(leaf);
      at += node.readLeafRefs(out, at);
    }
  }

  #addToSizes(level: number, delta: number): void {
    const { words } = this.arena;
    for (let i = level; i >= 0; i--) {
      const ref = this.pathNodes[i]!;
      const sizes = ((ref & GRANULE_MASK) << 1) + INNER_REFS + 2 * INNER_CAPACITY;
      const nodeWords = words[ref >>> SLOT_SHIFT]!;
      const at = sizes + this.pathIndexes[i]!;
      nodeWords[at] = nodeWords[at]! + delta;
    }
  }

  /**
   * Splits the cursor's full leaf and inserts; at either end of the index the old leaf stays full.
   */
  #splitLeaf(score: number, ref: number): void {
    const rightRef = createNode(this.arena);
    const left = this.node;
    const right = this.other;
    left.load(this.leaf);
    right.load(rightRef);
    const position = this.position;
    const next = left.next;
    let kept = LEAF_CAPACITY >> 1;
    if (position === LEAF_CAPACITY && next === NULL_REF) kept = LEAF_CAPACITY;
    else if (position === 0 && left.previous === NULL_REF) kept = 0;
    left.moveLeafEntries(kept, right);
    if (position > kept || kept === LEAF_CAPACITY) {
      right.insertLeafEntry(position - kept, score, ref);
    } else {
      left.insertLeafEntry(position, score, ref);
    }
    right.previous = left.ref;
    right.next = next;
    left.next = rightRef;
    const leftCount = left.count;
    const rightCount = right.count;
    const firstScore = right.scoreAt(0);
    const firstRef = right.leafRefAt(0);
    if (next === NULL_REF) this.setWord(LAST, rightRef);
    else {
      left.load(next);
      left.previous = rightRef;
    }
    this.#addChild(rightRef, leftCount, rightCount, firstScore, firstRef);
  }

  /** Enters a new node to the right of the one at the path's end, splitting upwards where full. */
  #addChild(
    child: number,
    leftSize: number,
    rightSize: number,
    firstScore: number,
    firstRef: number,
  ): void {
    const node = this.node;
    const right = this.other;
    let rightRef = child;
    let sizeLeft = leftSize;
    let sizeRight = rightSize;
    let score = firstScore;
    let ref = firstRef;
    for (let level = this.word(HEIGHT) - 1; level >= 0; level--) {
      node.load(this.pathNodes[level]!);
      const index = this.pathIndexes[level]! + 1;
      node.setSize(index - 1, sizeLeft);
      if (node.count < INNER_CAPACITY) {
        node.insertChild(index, rightRef, sizeRight, score, ref);
        this.#addToSizes(level - 1, 1);
        return;
      }
      const splitRef = createNode(this.arena);
      node.load(this.pathNodes[level]!);
      right.load(splitRef);
      const kept = index === INNER_CAPACITY ? INNER_CAPACITY : INNER_CAPACITY >> 1;
      let splitScore = score;
      let splitFirst = ref;
      if (kept < INNER_CAPACITY) {
        splitScore = node.scoreAt(kept);
        splitFirst = node.firstRefBelow(kept);
        node.moveChildren(kept, right, splitScore, splitFirst);
      }
      if (index > kept || kept === INNER_CAPACITY) {
        right.insertChild(index - kept, rightRef, sizeRight, score, ref);
      } else node.insertChild(index, rightRef, sizeRight, score, ref);
      sizeLeft = node.sizeBefore(node.count);
      sizeRight = right.sizeBefore(right.count);
      rightRef = splitRef;
      score = splitScore;
      ref = splitFirst;
    }
    const leftRef = this.word(ROOT);
    const rootRef = createNode(this.arena);
    node.load(rootRef);
    node.insertChild(0, leftRef, sizeLeft, score, ref);
    node.insertChild(1, rightRef, sizeRight, score, ref);
    this.setWord(ROOT, rootRef);
    this.setWord(HEIGHT, this.word(HEIGHT) + 1);
  }

  // --- removing

  /** Takes a member out; its block is the caller's. */
  remove(ref: number): void {
    this.findMember(ref);
    this.#removeHere(1);
  }

  /** Takes the member of a rank out, which must be there. @returns its reference. */
  removeRank(rank: number): number {
    this.seekRank(rank);
    const { ref } = this;
    this.#removeHere(1);
    return ref;
  }

  /**
   * Takes `count` members out from rank `from` on, all of which must be there.
   * @param visit is given each member afterwards, and may free it.
   */
  removeRange(from: number, count: number, visit: (ref: number) => void): void {
    const removed = this.#removed;
    let left = count;
    while (left > 0) {
      this.seekRank(from);
      const node = this.node;
      node.load(this.leaf);
      const taken = Math.min(left, node.count - this.position);
      removed.length = 0;
      for (let i = 0; i < taken; i++) removed.push(node.leafRefAt(this.position + i));
      this.#removeHere(taken);
      for (const ref of removed) visit(ref);
      left -= taken;
    }
    removed.length = 0;
  }

  /** Takes entries out of the cursor's leaf; the path leads to it. */
  #removeHere(taken: number): void {
    const node = this.node;
    const level = this.word(HEIGHT) - 1;
    this.setWord(COUNT, this.word(COUNT) - taken);
    this.#addToSizes(level, -taken);
    node.load(this.leaf);
    node.removeLeafEntries(this.position, taken);
    const left = node.count;
    if (left === 0) {
      this.#dropLeaf(node.next, node.previous);
      this.#removeChildAt(level);
      return;
    }
    if (this.position === 0) this.#setFirstAbove(level, node.scoreAt(0), node.leafRefAt(0));
    if (left <= SPARSE_LEAF && level >= 0 && this.#joinLeaves(level)) this.#thinOut(level);
  }

  /**
   * Tells the nodes above, from `level` upwards, which entry is now the first of the path's child.
   */
  #setFirstAbove(level: number, score: number, ref: number): void {
    for (let i = level; i >= 0; i--) {
      const index = this.pathIndexes[i]!;
      if (index === 0) continue;
      this.other.load(this.pathNodes[i]!);
      this.other.setFirst(index, score, ref);
      return;
    }
  }

  /** Unlinks the cursor's leaf from its neighbours and frees it. */
  #dropLeaf(next: number, previous: number): void {
    const other = this.other;
    if (next === NULL_REF) this.setWord(LAST, previous);
    else {
      other.load(next);
      other.previous = previous;
    }
    if (previous === NULL_REF) this.setWord(FIRST, next);
    else {
      other.load(previous);
      other.next = next;
    }
    this.arena.free(this.leaf);
    this.leaf = NULL_REF;
  }

  /** Takes the path's child, which is gone, out of its parent at `level`. */
  #removeChildAt(level: number): void {
    if (level < 0) {
      this.setWord(ROOT, NULL_REF);
      this.setWord(HEIGHT, 0);
      return;
    }
    const node = this.node;
    const index = this.pathIndexes[level]!;
    node.load(this.pathNodes[level]!);
    node.removeChild(index);
    if (node.count === 0) {
      this.arena.free(node.ref);
      this.#removeChildAt(level - 1);
      return;
    }
    if (index === 0) this.#setFirstAbove(level - 1, node.scoreAt(0), node.firstRefBelow(0));
    this.#thinOut(level);
  }

  /** After a node at `level` has lost a child: joins it with a neighbour, or lowers the tree. */
  #thinOut(from: number): void {
    const node = this.node;
    for (let level = from; level > 0; level--) {
      node.load(this.pathNodes[level]!);
      if (node.count > SPARSE_INNER || !this.#joinInner(level - 1)) return;
    }
    let root = this.word(ROOT);
    for (let height = this.word(HEIGHT); height > 0; height--) {
      node.load(root);
      if (node.count > 1) return;
      const child = node.childAt(0);
      this.arena.free(root);
      root = child;
      this.setWord(ROOT, root);
      this.setWord(HEIGHT, height - 1);
    }
  }

  /**
   * Joins the path's leaf below `level` with a neighbour if both fit well. @returns whether it did.
   */
  #joinLeaves(level: number): boolean {
    const { words } = this.arena;
    const parent = this.node;
    parent.load(this.pathNodes[level]!);
    const index = this.pathIndexes[level]!;
    const size = parent.sizeAt(index);
    let left = index;
    if (index + 1 < parent.count && size + parent.sizeAt(index + 1) <= JOINED_LEAF) left = index;
    else if (index > 0 && size + parent.sizeAt(index - 1) <= JOINED_LEAF) left = index - 1;
    else return false;
    const leftRef = parent.childAt(left);
    const rightRef = parent.childAt(left + 1);
    parent.setSize(left, parent.sizeAt(left) + parent.sizeAt(left + 1));
    parent.removeChild(left + 1);
    const target = this.node;
    const source = this.other;
    target.load(leftRef);
    source.load(rightRef);
    source.moveLeafEntries(0, target);
    const next = source.next;
    target.next = next;
    this.arena.free(rightRef);
    if (next === NULL_REF) this.setWord(LAST, leftRef);
    else words[next >>> SLOT_SHIFT]![((next & GRANULE_MASK) << 1) + 2] = leftRef;
    return true;
  }

  /** The same for the path's inner node below `level`. */
  #joinInner(level: number): boolean {
    const parent = this.node;
    const node = this.other;
    parent.load(this.pathNodes[level]!);
    const index = this.pathIndexes[level]!;
    node.load(parent.childAt(index));
    const count = node.count;
    let left = -1;
    if (index + 1 < parent.count) {
      node.load(parent.childAt(index + 1));
      if (count + node.count <= JOINED_INNER) left = index;
    }
    if (left < 0 && index > 0) {
      node.load(parent.childAt(index - 1));
      if (count + node.count <= JOINED_INNER) left = index - 1;
    }
    if (left < 0) return false;
    const score = parent.scoreAt(left + 1);
    const ref = parent.firstRefBelow(left + 1);
    const leftRef = parent.childAt(left);
    const rightRef = parent.childAt(left + 1);
    parent.setSize(left, parent.sizeAt(left) + parent.sizeAt(left + 1));
    parent.removeChild(left + 1);
    parent.load(leftRef);
    node.load(rightRef);
    node.moveChildren(0, parent, score, ref);
    this.arena.free(rightRef);
    return true;
  }

  // --- changing what is there

  /** Gives a member another score, in its block and in the index. */
  changeScore(ref: number, score: number): void {
    this.findMember(ref);
    if (this.#keepsPlace(ref, score)) {
      setScoreOfMember(this.arena, ref, score);
      this.node.load(this.leaf);
      this.node.setLeafEntry(this.position, score, ref);
      if (this.position === 0) this.#setFirstAbove(this.word(HEIGHT) - 1, score, ref);
      return;
    }
    this.#removeHere(1);
    setScoreOfMember(this.arena, ref, score);
    this.insert(ref);
  }

  /** Whether the cursor's member could have `score` where it stands: asks only inside the leaf. */
  #keepsPlace(ref: number, score: number): boolean {
    const { node, position } = this;
    node.load(this.leaf);
    const last = node.count - 1;
    if (position === 0 && node.previous !== NULL_REF) return false;
    if (position === last && node.next !== NULL_REF) return false;
    if (position > 0 && !this.#isBefore(node, position - 1, ref, score)) return false;
    return position === last || !this.#isBefore(node, position + 1, ref, score);
  }

  /** Whether entry `index` of a leaf comes before member `ref` if that had `score`. */
  #isBefore(leaf: NodeView, index: number, ref: number, score: number): boolean {
    const other = leaf.scoreAt(index);
    if (other !== score) return other < score;
    const { bytes } = this.arena;
    return (
      compareMember(
        this.arena,
        leaf.leafRefAt(index),
        bytes[ref >>> SLOT_SHIFT]!,
        offsetOfMember(ref),
        lengthOfMember(this.arena, ref),
      ) < 0
    );
  }

  /** Names another block for a member, after its content was copied there; both must be alive. */
  replace(old: number, ref: number): void {
    this.findMember(old);
    this.node.load(this.leaf);
    const score = this.node.scoreAt(this.position);
    this.node.setLeafEntry(this.position, score, ref);
    if (this.position === 0) this.#setFirstAbove(this.word(HEIGHT) - 1, score, ref);
  }

  // --- giving back

  /**
   * Frees leaves from the first on, with at least `budget` members given to `visit`, which may free
   * them. The index serves nothing else from then on.
   * @returns false when all is freed.
   */
  freeSome(budget: number, visit: (ref: number) => void): boolean {
    const { arena, node } = this;
    let left = budget;
    let leaf = this.word(FIRST);
    while (leaf !== NULL_REF && left > 0) {
      node.load(leaf);
      const { count, next } = node;
      for (let i = 0; i < count; i++) visit(node.leafRefAt(i));
      left -= count;
      arena.free(leaf);
      leaf = next;
    }
    this.setWord(FIRST, leaf);
    if (leaf !== NULL_REF) return true;
    if (this.word(ROOT) !== NULL_REF) this.#freeInner(this.word(ROOT), this.word(HEIGHT));
    for (let i = 0; i < INDEX_STATE_WORDS; i++) this.setWord(i, 0);
    return false;
  }

  #freeInner(ref: number, height: number): void {
    if (height === 0) return;
    const { words } = this.arena;
    const children = ((ref & GRANULE_MASK) << 1) + INNER_REFS + INNER_CAPACITY;
    const nodeWords = words[ref >>> SLOT_SHIFT]!;
    const count = nodeWords[(ref & GRANULE_MASK) << 1]!;
    for (let i = 0; i < count; i++) this.#freeInner(nodeWords[children + i]!, height - 1);
    this.arena.free(ref);
  }

  /** Bytes of all nodes. */
  get nodeBytes(): number {
    if (this.word(COUNT) === 0) return 0;
    return this.#nodesBelow(this.word(ROOT), this.word(HEIGHT)) * NODE_BYTES;
  }

  #nodesBelow(ref: number, height: number): number {
    if (height === 0) return 1;
    const nodeWords = this.arena.words[ref >>> SLOT_SHIFT]!;
    const word = (ref & GRANULE_MASK) << 1;
    const count = nodeWords[word]!;
    if (height === 1) return count + 1;
    let sum = 1;
    for (let i = 0; i < count; i++) {
      const child = nodeWords[word + INNER_REFS + INNER_CAPACITY + i]!;
      sum += this.#nodesBelow(child, height - 1);
    }
    return sum;
  }
}
