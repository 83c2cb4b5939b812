// Quicklists: long lists as a chain of listpacks. Both ends take and give elements at once; the
// middle is reached from the nearer end, node by node.
//
//   root -> head <-> node <-> node <-> tail        node: a listpack of up to list-max-listpack-size
//
// The owner of a root frees it; nodes and listpacks belong to the root. One cursor per object
// (`node`, `position`) names the element at hand: `seek` puts it somewhere, `next` and `previous`
// move it, `get` reads there, and only insertAt, replaceAt and deleteAt may change the list while
// it is in use. It also walks a bare listpack (`seekListpack`), which is how values/list.ts treats
// both encodings alike. See docs/internals/quicklist.md.

import { equalBytes } from '../bytes/compare.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import type { Listpacks } from './listpack.ts';
import { QuicklistEnds } from './quicklist-ends.ts';
import { QuicklistNodes } from './quicklist-nodes.ts';

/** Position of the element of a plain node. */
const PLAIN_POSITION = 1;
/** Nodes at each end of a list that stay as they are; those between may be packed. */
const OPEN_ENDS = 8;

/** What of the encoding limits a quicklist asks for. */
export interface QuicklistLimits {
  /** list-max-listpack-size for quicklists that are made from now on. */
  readonly listMaxListpackSize: number;
  /** Bytes from which on an element has a node of its own. */
  readonly quicklistPackedBytes: number;
}

export class Quicklists {
  /** The array, offset and length of the element that `get` loaded. */
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  /** The node of the element at hand; 0 while the cursor walks a bare listpack. */
  node: number = NULL_REF;
  /** The listpack of the element at hand; 0 in a plain node. */
  listpack: number = NULL_REF;
  /** Place of the element at hand in its listpack; 0 when the cursor is at none. */
  position = 0;
  /** Pushes and pops as far as they are simple. */
  readonly ends: QuicklistEnds;
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;
  readonly #limits: QuicklistLimits;
  readonly #nodes: QuicklistNodes;
  /** The quicklist that the cursor walks; 0 for a bare listpack. */
  #root: number = NULL_REF;

  /** @param openEnds nodes at each end of a list that are never packed, at least 1. */
  constructor(
    arena: Arena,
    listpacks: Listpacks,
    limits: QuicklistLimits,
    openEnds: number = OPEN_ENDS,
  ) {
    this.#arena = arena;
    this.#listpacks = listpacks;
    this.#limits = limits;
    this.#nodes = new QuicklistNodes(arena, listpacks, openEnds);
    this.ends = new QuicklistEnds(arena, listpacks);
  }

  /** The nodes, for saving and loading them whole. */
  get nodes(): QuicklistNodes {
    return this.#nodes;
  }

  // --- whole lists

  create(): number {
    return this.#nodes.createRoot(this.#limits.listMaxListpackSize);
  }

  free(root: number): void {
    this.freeSome(root, Number.POSITIVE_INFINITY);
  }

  /** Frees up to `budget` nodes. @returns the root, or 0 when nothing is left. */
  freeSome(root: number, budget: number): number {
    const nodes = this.#nodes;
    for (let i = 0; i < budget; i++) {
      const head = nodes.head(root);
      if (head === NULL_REF) {
        nodes.freeRoot(root);
        return NULL_REF;
      }
      nodes.delete(root, head);
    }
    return root;
  }

  copy(root: number): number {
    const nodes = this.#nodes;
    const copy = nodes.createRoot(nodes.fill(root));
    for (let node = nodes.head(root); node !== NULL_REF; node = nodes.next(node)) {
      nodes.link(copy, nodes.tail(copy), nodes.copy(node), true);
    }
    return copy;
  }

  /** Number of elements. */
  count(root: number): number {
    return this.#nodes.count(root);
  }

  nodeCount(root: number): number {
    return this.#nodes.nodeCount(root);
  }

  /**
   * Bytes of all blocks.
   * @param samples nodes to look at, from which the rest is reckoned; 0 looks at all.
   */
  usedBytes(root: number, samples: number): number {
    return this.#arena.capacity(root) + this.#nodes.usedBytesOfAll(root, samples);
  }

  /** Bytes of all listpacks and plain elements, as DEBUG OBJECT tells them. */
  contentBytes(root: number): number {
    const nodes = this.#nodes;
    let bytes = 0;
    for (let node = nodes.head(root); node !== NULL_REF; node = nodes.next(node)) {
      bytes += nodes.contentBytes(node);
    }
    return bytes;
  }

  /** Adds a listpack as a node at the end; it belongs to the quicklist from now on. */
  appendListpack(root: number, listpack: number): void {
    this.#nodes.link(root, this.#nodes.tail(root), this.#nodes.createOf(listpack), true);
    this.#nodes.packBehind(root, false);
  }

  /** Bytes of the only node's listpack; -1 when there are more nodes, or a plain one. */
  onlyListpackBytes(root: number): number {
    const nodes = this.#nodes;
    if (nodes.nodeCount(root) !== 1) return -1;
    const head = nodes.head(root);
    return nodes.isPlain(head) ? -1 : nodes.contentBytes(head);
  }

  /** The listpack of a quicklist with one node; the quicklist around it is freed. */
  takeListpack(root: number): number {
    return this.#nodes.takeListpack(root);
  }

  // --- the ends

  /** Adds an element at one end. */
  push(root: number, atHead: boolean, bytes: Uint8Array, offset: number, length: number): void {
    const isLarge = length >= this.#limits.quicklistPackedBytes;
    if (!isLarge && this.ends.push(root, atHead, bytes, offset, length) !== 0) return;
    const nodes = this.#nodes;
    const end = atHead ? nodes.head(root) : nodes.tail(root);
    if (nodes.allowsInsert(root, end, length, isLarge)) {
      const listpack = nodes.open(root, end);
      const changed = atHead
        ? this.#listpacks.prepend(listpack, bytes, offset, length)
        : this.#listpacks.append(listpack, bytes, offset, length);
      nodes.setContent(end, changed);
      nodes.addElements(root, end, 1);
    } else {
      const room = nodes.expectedBytes(root, length);
      nodes.link(root, end, nodes.createWith(bytes, offset, length, isLarge, room), !atHead);
      nodes.packBehind(root, atHead);
    }
  }

  // --- the cursor

  /** Puts the cursor on the first element of a node (or none). @returns whether there is one. */
  enter(node: number, atHead: boolean): boolean {
    this.node = node;
    if (node === NULL_REF) {
      this.position = 0;
      return false;
    }
    if (this.#nodes.isPlain(node)) {
      this.listpack = NULL_REF;
      this.position = PLAIN_POSITION;
      return true;
    }
    const listpack = this.#nodes.openForReading(this.#root, node);
    this.listpack = listpack;
    this.position = atHead ? this.#listpacks.first(listpack) : this.#listpacks.last(listpack);
    return true;
  }

  /**
   * Puts the cursor on element `index`, negative from the end (-1 is the last).
   * @returns false when there is none.
   */
  seek(root: number, index: number): boolean {
    const nodes = this.#nodes;
    this.#root = root;
    const count = nodes.count(root);
    const forward = index < 0 ? index + count : index;
    if (forward < 0 || forward >= count) return this.enter(NULL_REF, true);
    if (forward === 0) return this.enter(nodes.head(root), true);
    if (forward === count - 1) return this.enter(nodes.tail(root), false);
    let node: number;
    let local: number;
    if (forward <= count / 2) {
      node = nodes.head(root);
      local = forward;
      for (let size = nodes.elements(node); local >= size; size = nodes.elements(node)) {
        local -= size;
        node = nodes.next(node);
      }
    } else {
      node = nodes.tail(root);
      let behind = count - 1 - forward;
      for (let size = nodes.elements(node); behind >= size; size = nodes.elements(node)) {
        behind -= size;
        node = nodes.previous(node);
      }
      local = nodes.elements(node) - 1 - behind;
    }
    this.enter(node, true);
    if (this.listpack !== NULL_REF) this.position = this.#listpacks.seek(this.listpack, local);
    return true;
  }

  /** Puts the cursor on element `index` of a bare listpack. @returns false when there is none. */
  seekListpack(listpack: number, index: number): boolean {
    this.#root = NULL_REF;
    this.node = NULL_REF;
    this.listpack = listpack;
    this.position = this.#listpacks.seek(listpack, index);
    return this.position !== 0;
  }

  /** Moves the cursor to the following element. @returns false when there is none. */
  next(): boolean {
    const { node, listpack } = this;
    if (listpack !== NULL_REF) {
      const position = this.#listpacks.next(listpack, this.position);
      this.position = position;
      if (position !== 0) return true;
    }
    return node !== NULL_REF ? this.enter(this.#nodes.next(node), true) : this.#stop();
  }

  /** Moves the cursor to the element before. @returns false when there is none. */
  previous(): boolean {
    const { node, listpack } = this;
    if (listpack !== NULL_REF) {
      const position = this.#listpacks.previous(listpack, this.position);
      this.position = position;
      if (position !== 0) return true;
    }
    return node !== NULL_REF ? this.enter(this.#nodes.previous(node), false) : this.#stop();
  }

  #stop(): boolean {
    this.position = 0;
    return false;
  }

  /**
   * Moves the cursor to the first element, from the one at hand on, whose text is the given one.
   * @returns false when there is none.
   */
  find(bytes: Uint8Array, offset: number, length: number): boolean {
    while (this.position !== 0) {
      if (this.listpack === NULL_REF) {
        if (this.equals(bytes, offset, length)) return true;
      } else {
        const { listpack, position } = this;
        this.position = this.#listpacks.find(listpack, position, bytes, offset, length, 0);
        if (this.position !== 0) return true;
      }
      if (this.node === NULL_REF) return false;
      this.enter(this.#nodes.next(this.node), true);
    }
    return false;
  }

  /** Loads the element at hand into bytes, offset and length. */
  get(): void {
    const { listpack } = this;
    if (listpack !== NULL_REF) {
      const listpacks = this.#listpacks;
      listpacks.get(listpack, this.position);
      this.bytes = listpacks.bytes;
      this.offset = listpacks.offset;
      this.length = listpacks.length;
    } else {
      const content = this.#nodes.content(this.node);
      this.bytes = this.#arena.bytes[content >>> SLOT_SHIFT]!;
      this.offset = QuicklistNodes.plainOffset(content);
      this.length = this.#nodes.contentBytes(this.node);
    }
  }

  /** True when the text of the element at hand is the given one. */
  equals(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.listpack !== NULL_REF) {
      return this.#listpacks.equals(this.listpack, this.position, bytes, offset, length);
    }
    this.get();
    return this.length === length && equalBytes(this.bytes, this.offset, bytes, offset, length);
  }

  // --- changes at the cursor; only deleteAt leaves it in use

  /** Adds an element after or before the one at hand. */
  insertAt(root: number, bytes: Uint8Array, offset: number, length: number, after: boolean): void {
    const nodes = this.#nodes;
    const { node } = this;
    const isLarge = length >= this.#limits.quicklistPackedBytes;
    nodes.open(root, node);
    if (nodes.allowsInsert(root, node, length, isLarge)) {
      this.#insertIntoNode(root, node, bytes, offset, length, after);
      return;
    }
    if (!this.#isAtEdge(after)) {
      this.#splitForInsert(root, bytes, offset, length, after, isLarge);
      return;
    }
    const neighbour = after ? nodes.next(node) : nodes.previous(node);
    if (nodes.allowsInsert(root, neighbour, length, isLarge)) {
      nodes.open(root, neighbour);
      this.enter(neighbour, after);
      this.#insertIntoNode(root, neighbour, bytes, offset, length, !after);
    } else {
      nodes.link(root, node, nodes.createWith(bytes, offset, length, isLarge), after);
    }
  }

  #insertIntoNode(
    root: number,
    node: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    after: boolean,
  ): void {
    const listpacks = this.#listpacks;
    const { listpack, position } = this;
    const changed = after
      ? listpacks.insertAfter(listpack, position, bytes, offset, length)
      : listpacks.insertBefore(listpack, position, bytes, offset, length);
    this.#nodes.setContent(node, changed);
    this.#nodes.addElements(root, node, 1);
  }

  /** True when the element at hand is the last (or first) of its node. */
  #isAtEdge(last: boolean): boolean {
    const { listpack, position } = this;
    if (listpack === NULL_REF) return true;
    const listpacks = this.#listpacks;
    return position === (last ? listpacks.last(listpack) : listpacks.first(listpack));
  }

  /** Number of the element at hand in its node. */
  #indexInNode(): number {
    const listpacks = this.#listpacks;
    let index = 0;
    let { position } = this;
    while ((position = listpacks.previous(this.listpack, position)) !== 0) index++;
    return index;
  }

  /** The node at hand is full in its middle: half of it moves into a new one beside the element. */
  #splitForInsert(
    root: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    after: boolean,
    isLarge: boolean,
  ): void {
    const nodes = this.#nodes;
    const listpacks = this.#listpacks;
    const { node } = this;
    const half = nodes.split(root, node, this.#indexInNode(), after);
    if (isLarge) {
      const plain = nodes.createWith(bytes, offset, length, true);
      nodes.link(root, node, plain, after);
      nodes.link(root, plain, half, after);
      return;
    }
    nodes.link(root, node, half, after);
    const listpack = nodes.open(root, half);
    const changed = after
      ? listpacks.prepend(listpack, bytes, offset, length)
      : listpacks.append(listpack, bytes, offset, length);
    nodes.setContent(half, changed);
    nodes.addElements(root, half, 1);
    nodes.mergeAround(root, node);
  }

  /** Puts another element in the place of the one at hand. */
  replaceAt(root: number, bytes: Uint8Array, offset: number, length: number): void {
    const nodes = this.#nodes;
    const { node, listpack } = this;
    const isLarge = length >= this.#limits.quicklistPackedBytes;
    const isPlain = listpack === NULL_REF;
    nodes.open(root, node);
    if (isPlain && isLarge) {
      const content = nodes.createPlainContent(bytes, offset, length);
      this.#arena.free(nodes.content(node));
      nodes.setContent(node, content);
    } else if (isPlain) {
      this.insertAt(root, bytes, offset, length, true);
      nodes.delete(root, node);
    } else if (isLarge || !this.#listpacks.hasRoomFor(listpack, length)) {
      this.#replaceByNode(root, bytes, offset, length, isLarge);
    } else {
      const { position } = this;
      nodes.setContent(node, this.#listpacks.replace(listpack, position, bytes, offset, length));
    }
  }

  /** The new element gets a node of its own, between the halves of the node at hand. */
  #replaceByNode(
    root: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    isLarge: boolean,
  ): void {
    const nodes = this.#nodes;
    const { node } = this;
    const rest = this.#isAtEdge(true)
      ? NULL_REF
      : nodes.split(root, node, this.#indexInNode(), true);
    const own = nodes.createWith(bytes, offset, length, isLarge);
    nodes.link(root, node, own, true);
    if (rest !== NULL_REF) nodes.link(root, own, rest, true);
    if (nodes.elements(node) === 1) {
      nodes.delete(root, node);
      return;
    }
    this.#deleteFromNode(root, node, -1, 1);
    nodes.mergeAround(root, own);
  }

  /** Deletes elements of a listpack node, not all of them. */
  #deleteFromNode(root: number, node: number, index: number, count: number): void {
    const nodes = this.#nodes;
    nodes.setContent(node, this.#listpacks.deleteRange(nodes.open(root, node), index, count));
    nodes.addElements(root, node, -count);
  }

  /**
   * Deletes the element at hand; the cursor goes to the following one, or to the one before.
   * @param root the quicklist; 0 when the cursor walks a bare listpack, whose reference is in
   *   `listpack` afterwards.
   */
  deleteAt(root: number, forward: boolean): void {
    const nodes = this.#nodes;
    const listpacks = this.#listpacks;
    const { node, listpack, position } = this;
    if (node !== NULL_REF && nodes.elements(node) === 1) {
      const beside = forward ? nodes.next(node) : nodes.previous(node);
      nodes.delete(root, node);
      this.enter(beside, forward);
      return;
    }
    if (node !== NULL_REF) nodes.open(root, node);
    const before = forward ? 0 : listpacks.previous(listpack, position);
    this.listpack = listpacks.delete(listpack, position);
    this.position = forward ? listpacks.at : before;
    if (node === NULL_REF) return;
    nodes.setContent(node, this.listpack);
    nodes.addElements(root, node, -1);
    if (this.position === 0) {
      this.enter(forward ? nodes.next(node) : nodes.previous(node), forward);
    }
  }

  /** Deletes up to `count` elements from number `index` (negative from the end) on. */
  deleteRange(root: number, index: number, count: number): void {
    if (count <= 0 || !this.seek(root, index)) return;
    const nodes = this.#nodes;
    let { node } = this;
    let local = this.listpack === NULL_REF ? 0 : this.#indexInNode();
    let left = count;
    while (left > 0 && node !== NULL_REF) {
      const next = nodes.next(node);
      const size = nodes.elements(node);
      const deleted = Math.min(left, size - local);
      if (deleted === size) nodes.delete(root, node);
      else this.#deleteFromNode(root, node, local, deleted);
      left -= deleted;
      node = next;
      local = 0;
    }
  }
}
