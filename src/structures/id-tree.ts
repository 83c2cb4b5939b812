// IdTree: a B+ tree in the arena from stream IDs to references, in the order of the IDs. Streams
// keep their nodes in one, consumer groups and consumers their pending entries.
//
//   header, 24 bytes, inside a block of the owner's
//   | root | height | count | first leaf | last leaf | bytes of the nodes |
//   node: | count, capacity | previous leaf | next leaf | ID, 4 words | reference | ID | ... |
//
// An inner node has children in the place of references; the ID beside a child is not above any ID
// below it, and the first one of a node is not looked at. Nodes grow from one entry to 37, so a
// tree of one entry costs 32 bytes. IDs that ascend leave full nodes behind. One object serves all
// trees of an arena; it owns the nodes, and what the references name belongs to the caller. See
// docs/internals/stream.md.

import { assert } from '../bytes/assert.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { StreamId } from './id-tree-id.ts';
import {
  capacityFor,
  entryAt,
  IdTreeNodes,
  MAX_CAPACITY,
  NEXT,
  nodeBytes,
  PREVIOUS,
  VALUE,
} from './id-tree-nodes.ts';

/** Bytes of a tree's header, which starts at a multiple of 8. */
export const ID_TREE_HEADER_BYTES = 24;

const ROOT = 0;
const HEIGHT = 1;
const COUNT = 2;
const FIRST = 3;
const LAST = 4;
const NODE_BYTES = 5;

/** Nodes with fewer entries look for a neighbour to join. */
const FEW_ENTRIES = 9;
const JOINED_ENTRIES = 28;
/** A leaf that follows a full one will grow: the smallest sizes are skipped. */
const FOLLOWING_CAPACITY = 9;
const MAX_HEIGHT = 16;

/** A place in a tree, true until the tree changes. */
export class IdTreeCursor {
  /** The leaf; 0 past either end. */
  leaf = 0;
  index = 0;

  /** True when the cursor stands on an entry. */
  get isValid(): boolean {
    return this.leaf !== NULL_REF;
  }
}

export class IdTree {
  readonly #arena: Arena;
  readonly #nodes: IdTreeNodes;
  // The way from the root to the parent of the leaf that was looked for: nodes and child indexes.
  readonly #pathNodes = new Int32Array(MAX_HEIGHT);
  readonly #pathIndexes = new Int32Array(MAX_HEIGHT);
  readonly #edge = new IdTreeCursor();
  readonly #edgeId = new StreamId();
  readonly #separator = new StreamId();

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#nodes = new IdTreeNodes(arena);
  }

  /** Makes the 24 bytes at `tree` the header of an empty tree. */
  initialize(tree: number): void {
    const words = this.#arena.words[tree >>> SLOT_SHIFT]!;
    const at = (tree & GRANULE_MASK) << 1;
    words.fill(0, at, at + ID_TREE_HEADER_BYTES / 4);
  }

  /** Entries in the tree. */
  count(tree: number): number {
    return this.#headerWord(tree, COUNT);
  }

  /** Bytes of the nodes' blocks, as they were asked for. */
  usedBytes(tree: number): number {
    return this.#headerWord(tree, NODE_BYTES) >>> 0;
  }

  #headerWord(tree: number, field: number): number {
    return this.#arena.words[tree >>> SLOT_SHIFT]![((tree & GRANULE_MASK) << 1) + field]!;
  }

  #setHeaderWord(tree: number, field: number, value: number): void {
    this.#arena.words[tree >>> SLOT_SHIFT]![((tree & GRANULE_MASK) << 1) + field] = value;
  }

  // --- finding

  /** The reference at an ID, or 0. */
  find(tree: number, id: StreamId): number {
    if (this.#headerWord(tree, ROOT) === NULL_REF) return NULL_REF;
    const leaf = this.#descend(tree, id);
    const index = this.#nodes.floorIndex(leaf, id);
    return index >= 0 && this.#nodes.isAt(leaf, index, id)
      ? this.#nodes.valueOf(leaf, index)
      : NULL_REF;
  }

  /** Puts the cursor on the first entry. @returns false when there is none. */
  first(tree: number, cursor: IdTreeCursor): boolean {
    cursor.leaf = this.#headerWord(tree, FIRST);
    cursor.index = 0;
    return cursor.leaf !== NULL_REF;
  }

  /** Puts the cursor on the last entry. @returns false when there is none. */
  last(tree: number, cursor: IdTreeCursor): boolean {
    const leaf = this.#headerWord(tree, LAST);
    cursor.leaf = leaf;
    if (leaf === NULL_REF) return false;
    cursor.index = this.#nodes.countOf(leaf) - 1;
    return true;
  }

  /** Puts the cursor on the largest ID up to `id`. @returns false when there is none. */
  floor(tree: number, id: StreamId, cursor: IdTreeCursor): boolean {
    cursor.leaf = NULL_REF;
    if (this.#headerWord(tree, ROOT) === NULL_REF) return false;
    cursor.leaf = this.#descend(tree, id);
    cursor.index = this.#nodes.floorIndex(cursor.leaf, id);
    return cursor.index >= 0 || this.#toPreviousLeaf(cursor);
  }

  /** Puts the cursor on the smallest ID from `id` on. @returns false when there is none. */
  ceiling(tree: number, id: StreamId, cursor: IdTreeCursor): boolean {
    cursor.leaf = NULL_REF;
    if (this.#headerWord(tree, ROOT) === NULL_REF) return false;
    const leaf = this.#descend(tree, id);
    const index = this.#nodes.floorIndex(leaf, id);
    cursor.leaf = leaf;
    cursor.index = index;
    return (index >= 0 && this.#nodes.isAt(leaf, index, id)) || this.next(cursor);
  }

  /** Moves the cursor to the next larger ID. @returns false when there is none. */
  next(cursor: IdTreeCursor): boolean {
    cursor.index++;
    if (cursor.index < this.#nodes.countOf(cursor.leaf)) return true;
    cursor.leaf = this.#nodes.wordOf(cursor.leaf, NEXT);
    cursor.index = 0;
    return cursor.leaf !== NULL_REF;
  }

  /** Moves the cursor to the next smaller ID. @returns false when there is none. */
  previous(cursor: IdTreeCursor): boolean {
    cursor.index--;
    return cursor.index >= 0 || this.#toPreviousLeaf(cursor);
  }

  #toPreviousLeaf(cursor: IdTreeCursor): boolean {
    cursor.leaf = this.#nodes.wordOf(cursor.leaf, PREVIOUS);
    if (cursor.leaf === NULL_REF) return false;
    cursor.index = this.#nodes.countOf(cursor.leaf) - 1;
    return true;
  }

  /** The reference under the cursor. */
  valueAt(cursor: IdTreeCursor): number {
    return this.#nodes.valueOf(cursor.leaf, cursor.index);
  }

  /** Puts another reference in the place of the one under the cursor. */
  setValueAt(cursor: IdTreeCursor, value: number): void {
    const { leaf, index } = cursor;
    this.#arena.words[leaf >>> SLOT_SHIFT]![entryAt(leaf, index) + VALUE] = value;
  }

  /** Copies the ID under the cursor to `id`. */
  idAt(cursor: IdTreeCursor, id: StreamId): void {
    const { leaf, index } = cursor;
    id.load(this.#arena.words[leaf >>> SLOT_SHIFT]!, entryAt(leaf, index));
  }

  // --- changing

  /**
   * Adds an ID unless it is there.
   * @param value a reference, not 0.
   * @returns 0, or the reference that the ID had and keeps.
   */
  insert(tree: number, id: StreamId, value: number): number {
    const last = this.#headerWord(tree, LAST);
    if (last === NULL_REF) {
      this.#insertFirst(tree, id, value);
      return NULL_REF;
    }
    const count = this.#nodes.countOf(last);
    const words = this.#arena.words[last >>> SLOT_SHIFT]!;
    if (
      id.compareWords(words, entryAt(last, count - 1)) > 0 &&
      count < this.#nodes.capacityOf(last)
    ) {
      this.#nodes.put(last, count, id, value);
    } else {
      const leaf = this.#descend(tree, id);
      const index = this.#nodes.floorIndex(leaf, id);
      if (index >= 0 && this.#nodes.isAt(leaf, index, id)) return this.#nodes.valueOf(leaf, index);
      this.#insertAt(tree, leaf, this.#headerWord(tree, HEIGHT) - 1, index + 1, id, value);
    }
    this.#setHeaderWord(tree, COUNT, this.#headerWord(tree, COUNT) + 1);
    return NULL_REF;
  }

  #insertFirst(tree: number, id: StreamId, value: number): void {
    const leaf = this.#newNode(tree, 1);
    this.#nodes.put(leaf, 0, id, value);
    this.#setHeaderWord(tree, ROOT, leaf);
    this.#setHeaderWord(tree, FIRST, leaf);
    this.#setHeaderWord(tree, LAST, leaf);
    this.#setHeaderWord(tree, HEIGHT, 1);
    this.#setHeaderWord(tree, COUNT, 1);
  }

  /** Adds an entry to a node with `level` parents on the path, splitting what is full. */
  #insertAt(
    tree: number,
    node: number,
    level: number,
    index: number,
    id: StreamId,
    value: number,
  ): void {
    const count = this.#nodes.countOf(node);
    const capacity = this.#nodes.capacityOf(node);
    if (count < capacity) {
      this.#nodes.put(node, index, id, value);
      return;
    }
    if (capacity < MAX_CAPACITY) {
      const parentIndex = level > 0 ? this.#pathIndexes[level - 1]! : 0;
      const grown = this.#resize(tree, node, level, parentIndex, capacityFor(capacity + 1));
      this.#nodes.put(grown, index, id, value);
      return;
    }
    const isLeaf = level === this.#headerWord(tree, HEIGHT) - 1;
    const atEnd = index === count;
    const right = this.#newNode(tree, atEnd ? FOLLOWING_CAPACITY : MAX_CAPACITY);
    if (atEnd) this.#nodes.put(right, 0, id, value);
    else {
      const half = count >> 1;
      this.#nodes.moveEntries(node, half, right, 0, count - half);
      if (index <= half) this.#nodes.put(node, index, id, value);
      else this.#nodes.put(right, index - half, id, value);
    }
    if (isLeaf) this.#linkAfter(tree, node, right);
    this.#addToParent(tree, node, level, right);
  }

  /** Puts a new right neighbour of `node` into its parent, or makes a root over the two. */
  #addToParent(tree: number, node: number, level: number, right: number): void {
    const separator = this.#separator;
    if (level === 0) {
      const root = this.#newNode(tree, 2);
      separator.load(this.#arena.words[node >>> SLOT_SHIFT]!, entryAt(node, 0));
      this.#nodes.put(root, 0, separator, node);
      separator.load(this.#arena.words[right >>> SLOT_SHIFT]!, entryAt(right, 0));
      this.#nodes.put(root, 1, separator, right);
      this.#setHeaderWord(tree, ROOT, root);
      this.#setHeaderWord(tree, HEIGHT, this.#headerWord(tree, HEIGHT) + 1);
      return;
    }
    separator.load(this.#arena.words[right >>> SLOT_SHIFT]!, entryAt(right, 0));
    const parent = this.#pathNodes[level - 1]!;
    this.#insertAt(tree, parent, level - 1, this.#pathIndexes[level - 1]! + 1, separator, right);
  }

  /** Takes an ID out. @returns its reference, or 0 when it is not there. */
  delete(tree: number, id: StreamId): number {
    if (this.#headerWord(tree, ROOT) === NULL_REF) return NULL_REF;
    const leaf = this.#descend(tree, id);
    const index = this.#nodes.floorIndex(leaf, id);
    if (index < 0 || !this.#nodes.isAt(leaf, index, id)) return NULL_REF;
    const value = this.#nodes.valueOf(leaf, index);
    this.#setHeaderWord(tree, COUNT, this.#headerWord(tree, COUNT) - 1);
    this.#dropEntry(tree, leaf, this.#headerWord(tree, HEIGHT) - 1, index);
    return value;
  }

  /** Takes the largest ID out. @returns its reference, or 0 when the tree is empty. */
  takeLast(tree: number): number {
    if (!this.last(tree, this.#edge)) return NULL_REF;
    this.idAt(this.#edge, this.#edgeId);
    return this.delete(tree, this.#edgeId);
  }

  /** Frees all nodes; the tree is empty then, and what it named is the caller's. */
  clear(tree: number): void {
    const root = this.#headerWord(tree, ROOT);
    if (root !== NULL_REF) this.#freeBelow(root, this.#headerWord(tree, HEIGHT));
    this.initialize(tree);
  }

  #freeBelow(node: number, height: number): void {
    if (height > 1) {
      const count = this.#nodes.countOf(node);
      for (let i = 0; i < count; i++) this.#freeBelow(this.#nodes.valueOf(node, i), height - 1);
    }
    this.#arena.free(node);
  }

  /** Removes an entry of a node with `level` parents on the path and tidies what is left. */
  #dropEntry(tree: number, node: number, level: number, index: number): void {
    const count = this.#nodes.remove(node, index);
    if (count === 0) this.#dropNode(tree, node, level);
    else if (level === 0 && count === 1) this.#lowerRoot(tree);
    else if (count < FEW_ENTRIES) this.#tidy(tree, node, level, count);
  }

  /** Frees a node without entries and takes it out of its parent. */
  #dropNode(tree: number, node: number, level: number): void {
    this.#unlink(tree, node);
    this.#freeNode(tree, node);
    if (level > 0) {
      this.#dropEntry(tree, this.#pathNodes[level - 1]!, level - 1, this.#pathIndexes[level - 1]!);
      return;
    }
    this.#setHeaderWord(tree, ROOT, NULL_REF);
    this.#setHeaderWord(tree, HEIGHT, 0);
  }

  /** While the root has one child, that child becomes the root. */
  #lowerRoot(tree: number): void {
    let root = this.#headerWord(tree, ROOT);
    let height = this.#headerWord(tree, HEIGHT);
    while (height > 1 && this.#nodes.countOf(root) === 1) {
      const child = this.#nodes.valueOf(root, 0);
      this.#freeNode(tree, root);
      root = child;
      height--;
    }
    this.#setHeaderWord(tree, ROOT, root);
    this.#setHeaderWord(tree, HEIGHT, height);
  }

  /** Joins a node of few entries with a neighbour, or gives back most of its empty room. */
  #tidy(tree: number, node: number, level: number, count: number): void {
    if (level > 0) {
      const parent = this.#pathNodes[level - 1]!;
      const index = this.#pathIndexes[level - 1]!;
      if (index + 1 < this.#nodes.countOf(parent)) {
        const right = this.#nodes.valueOf(parent, index + 1);
        if (count + this.#nodes.countOf(right) <= JOINED_ENTRIES) {
          this.#join(tree, node, right, level, index);
          return;
        }
      }
      if (index > 0) {
        const left = this.#nodes.valueOf(parent, index - 1);
        if (count + this.#nodes.countOf(left) <= JOINED_ENTRIES) {
          this.#join(tree, left, node, level, index - 1);
          return;
        }
      }
    }
    if (count * 4 <= this.#nodes.capacityOf(node)) {
      const index = level > 0 ? this.#pathIndexes[level - 1]! : 0;
      this.#resize(tree, node, level, index, capacityFor(count * 2));
    }
  }

  /**
   * Moves the entries of `right`, child number `index` + 1 of its parent, behind those of `left`.
   */
  #join(tree: number, left: number, right: number, level: number, index: number): void {
    const parent = this.#pathNodes[level - 1]!;
    const leftCount = this.#nodes.countOf(left);
    const rightCount = this.#nodes.countOf(right);
    if (level < this.#headerWord(tree, HEIGHT) - 1) {
      // The ID beside the first child says nothing; the parent's is a true lower bound.
      this.#separator.load(this.#arena.words[parent >>> SLOT_SHIFT]!, entryAt(parent, index + 1));
      this.#separator.store(this.#arena.words[right >>> SLOT_SHIFT]!, entryAt(right, 0));
    }
    const target =
      leftCount + rightCount <= this.#nodes.capacityOf(left)
        ? left
        : this.#resize(tree, left, level, index, capacityFor(leftCount + rightCount));
    this.#nodes.moveEntries(right, 0, target, leftCount, rightCount);
    this.#unlink(tree, right);
    this.#freeNode(tree, right);
    this.#dropEntry(tree, parent, level - 1, index + 1);
  }

  // --- nodes

  #newNode(tree: number, capacity: number): number {
    const bytes = nodeBytes(capacity);
    const node = this.#arena.alloc(bytes);
    this.#nodes.initialize(node, capacity);
    this.#setHeaderWord(tree, NODE_BYTES, (this.#headerWord(tree, NODE_BYTES) + bytes) | 0);
    return node;
  }

  #freeNode(tree: number, node: number): void {
    const bytes = nodeBytes(this.#nodes.capacityOf(node));
    this.#setHeaderWord(tree, NODE_BYTES, (this.#headerWord(tree, NODE_BYTES) - bytes) | 0);
    this.#arena.free(node);
  }

  /** Moves a node, child `index` of its parent, to a block for `capacity` entries. */
  #resize(tree: number, node: number, level: number, index: number, capacity: number): number {
    const moved = this.#newNode(tree, capacity);
    this.#nodes.moveEntries(node, 0, moved, 0, this.#nodes.countOf(node));
    const previous = this.#nodes.wordOf(node, PREVIOUS);
    const next = this.#nodes.wordOf(node, NEXT);
    this.#nodes.setWord(moved, PREVIOUS, previous);
    this.#nodes.setWord(moved, NEXT, next);
    if (previous !== NULL_REF) this.#nodes.setWord(previous, NEXT, moved);
    else if (this.#headerWord(tree, FIRST) === node) this.#setHeaderWord(tree, FIRST, moved);
    if (next !== NULL_REF) this.#nodes.setWord(next, PREVIOUS, moved);
    else if (this.#headerWord(tree, LAST) === node) this.#setHeaderWord(tree, LAST, moved);
    if (level === 0) this.#setHeaderWord(tree, ROOT, moved);
    else {
      const parent = this.#pathNodes[level - 1]!;
      this.#arena.words[parent >>> SLOT_SHIFT]![entryAt(parent, index) + VALUE] = moved;
    }
    this.#freeNode(tree, node);
    return moved;
  }

  #linkAfter(tree: number, leaf: number, right: number): void {
    const next = this.#nodes.wordOf(leaf, NEXT);
    this.#nodes.setWord(right, PREVIOUS, leaf);
    this.#nodes.setWord(right, NEXT, next);
    this.#nodes.setWord(leaf, NEXT, right);
    if (next !== NULL_REF) this.#nodes.setWord(next, PREVIOUS, right);
    else this.#setHeaderWord(tree, LAST, right);
  }

  /** Takes a leaf out of the chain of leaves; inner nodes are in none. */
  #unlink(tree: number, node: number): void {
    const previous = this.#nodes.wordOf(node, PREVIOUS);
    const next = this.#nodes.wordOf(node, NEXT);
    if (previous !== NULL_REF) this.#nodes.setWord(previous, NEXT, next);
    else if (this.#headerWord(tree, FIRST) === node) this.#setHeaderWord(tree, FIRST, next);
    if (next !== NULL_REF) this.#nodes.setWord(next, PREVIOUS, previous);
    else if (this.#headerWord(tree, LAST) === node) this.#setHeaderWord(tree, LAST, previous);
  }

  /** The leaf that has the ID or would have it; remembers the way. */
  #descend(tree: number, id: StreamId): number {
    let node = this.#headerWord(tree, ROOT);
    const height = this.#headerWord(tree, HEIGHT);
    assert(height <= MAX_HEIGHT, 'an ID tree is too high');
    for (let level = 0; level < height - 1; level++) {
      let index = this.#nodes.floorIndex(node, id);
      if (index < 0) index = 0;
      this.#pathNodes[level] = node;
      this.#pathIndexes[level] = index;
      node = this.#nodes.valueOf(node, index);
    }
    return node;
  }
}
