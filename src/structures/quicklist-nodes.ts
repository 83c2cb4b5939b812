// The nodes of quicklists: their blocks, how they hang together, what one may hold, how one is
// split and how neighbours are joined. Quicklists (quicklist.ts) decides when; nobody else calls
// this. quicklist-ends.ts reads the same words for pushes and pops.
//
//   root   | head | tail | nodes | elements, 8 bytes | fill | node that is read | its listpack |
//   node   | previous | next | content | elements, bit 31: plain, bit 30: packed |
//   content: a listpack, or of a plain node | length, 4 bytes | the one element's bytes |
//            or of a packed node what quicklist-packing.ts made of its listpack
//
// Nodes far from both ends of a long list are packed. `open` unpacks a node that is to be changed;
// `openForReading` lends its listpack until another node of the list is read, so a walk over a long
// list does not unpack it all.

import { copyBytes } from '../bytes/copy.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { MAX_SMALL_BYTES } from '../memory/size-classes.ts';
import { EMPTY_LISTPACK_BYTES, type Listpacks } from './listpack.ts';
import { QuicklistPacker } from './quicklist-packing.ts';

export const HEAD = 0;
export const TAIL = 1;
const NODES = 2;
export const COUNT_LOW = 3;
export const COUNT_HIGH = 4;
export const FILL = 5;
/** The packed node whose listpack is lent for reading, 0: none. */
const READ_NODE = 6;
const READ_LISTPACK = 7;
const ROOT_BYTES = 32;

const PREVIOUS = 0;
const NEXT = 1;
export const CONTENT = 2;
export const COUNT = 3;
const NODE_BYTES = 16;
/** Flag of a node's COUNT: its content is one element without a listpack around. */
export const PLAIN: number = 0x80000000 | 0;
/** Flag of a node's COUNT: its listpack is packed. */
export const PACKED = 0x40000000;
const COUNT_MASK = 0x3fffffff;
const PLAIN_HEADER_BYTES = 4;

const TWO_32 = 0x100000000;
export const MAX_INT_32 = 0x7fffffff;
const MAX_FILL = 32767;
/** Node sizes in bytes by list-max-listpack-size: -1, -2 ... -5. */
const SIZE_LIMITS = [4096, 8192, 16384, 32768, 65536];
/** A node whose elements are limited in number still holds no more bytes than this. */
export const SAFE_BYTES = 8192;
/** What an element is taken to need beside its own bytes, before it is encoded. */
export const ELEMENT_OVERHEAD_BYTES = 8;

/** Bytes that a node may have by list-max-listpack-size; without end where it limits elements. */
export function nodeByteLimit(fill: number): number {
  return fill < 0 ? SIZE_LIMITS[Math.min(-fill, 5) - 1]! : Number.POSITIVE_INFINITY;
}

/** Elements that a node may have by list-max-listpack-size; without end where it limits bytes. */
export function nodeCountLimit(fill: number): number {
  return fill < 0 ? Number.POSITIVE_INFINITY : Math.max(fill, 1);
}

/** True when a node, or a list that is one listpack, would be too large. */
export function exceedsNodeLimit(fill: number, bytes: number, count: number): boolean {
  if (fill < 0) return bytes > nodeByteLimit(fill);
  return bytes > SAFE_BYTES || count > nodeCountLimit(fill);
}

export class QuicklistNodes {
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;
  readonly #packer: QuicklistPacker;
  readonly #openEnds: number;

  /** @param openEnds nodes at each end that are not packed, at least 1. */
  constructor(arena: Arena, listpacks: Listpacks, openEnds: number) {
    this.#arena = arena;
    this.#listpacks = listpacks;
    this.#packer = new QuicklistPacker(arena, listpacks);
    this.#openEnds = openEnds;
  }

  #word(ref: number, index: number): number {
    return this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + index]!;
  }

  #setWord(ref: number, index: number, value: number): void {
    this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + index] = value;
  }

  // --- the root

  createRoot(fill: number): number {
    const root = this.#arena.alloc(ROOT_BYTES);
    this.#setWord(root, HEAD, NULL_REF);
    this.#setWord(root, TAIL, NULL_REF);
    this.#setWord(root, NODES, 0);
    this.#setWord(root, COUNT_LOW, 0);
    this.#setWord(root, COUNT_HIGH, 0);
    this.#setWord(root, FILL, Math.min(Math.max(fill, -5), MAX_FILL));
    this.#setWord(root, READ_NODE, NULL_REF);
    return root;
  }

  freeRoot(root: number): void {
    this.#arena.free(root);
  }

  head(root: number): number {
    return this.#word(root, HEAD);
  }

  tail(root: number): number {
    return this.#word(root, TAIL);
  }

  /** list-max-listpack-size as it was when the quicklist was made. */
  fill(root: number): number {
    return this.#word(root, FILL);
  }

  nodeCount(root: number): number {
    return this.#word(root, NODES);
  }

  count(root: number): number {
    const high = this.#word(root, COUNT_HIGH);
    const low = this.#word(root, COUNT_LOW);
    // Nearly always a small integer.
    return high === 0 && low >= 0 ? low : high * TWO_32 + (low >>> 0);
  }

  #addCount(root: number, added: number): void {
    const count = this.count(root) + added;
    if (count >= 0 && count <= MAX_INT_32 && this.#word(root, COUNT_HIGH) === 0) {
      this.#setWord(root, COUNT_LOW, count);
      return;
    }
    this.#setWord(root, COUNT_LOW, count | 0);
    this.#setWord(root, COUNT_HIGH, Math.floor(count / TWO_32));
  }

  // --- a node

  previous(node: number): number {
    return this.#word(node, PREVIOUS);
  }

  next(node: number): number {
    return this.#word(node, NEXT);
  }

  /** The node's listpack (see `open`), or the block of a plain or packed node. */
  content(node: number): number {
    return this.#word(node, CONTENT);
  }

  setContent(node: number, content: number): void {
    this.#setWord(node, CONTENT, content);
  }

  isPlain(node: number): boolean {
    return this.#word(node, COUNT) < 0;
  }

  /** Elements of a node. */
  elements(node: number): number {
    return this.#word(node, COUNT) & COUNT_MASK;
  }

  addElements(root: number, node: number, added: number): void {
    this.#setWord(node, COUNT, this.#word(node, COUNT) + added);
    this.#addCount(root, added);
  }

  /** Bytes of a node's listpack, even if it is packed, or of its one element. */
  contentBytes(node: number): number {
    return this.#word(this.#word(node, CONTENT), 0);
  }

  /** Offset of a plain node's element in the bytes of its slot. */
  static plainOffset(content: number): number {
    return ((content & GRANULE_MASK) << 3) + PLAIN_HEADER_BYTES;
  }

  createPlainContent(bytes: Uint8Array, offset: number, length: number): number {
    const content = this.#arena.alloc(length + PLAIN_HEADER_BYTES);
    this.#setWord(content, 0, length);
    const target = this.#arena.bytes[content >>> SLOT_SHIFT]!;
    copyBytes(target, QuicklistNodes.plainOffset(content), bytes, offset, length);
    return content;
  }

  /** Makes a node that hangs nowhere yet. */
  #create(content: number, countWord: number): number {
    const node = this.#arena.alloc(NODE_BYTES);
    this.#setWord(node, PREVIOUS, NULL_REF);
    this.#setWord(node, NEXT, NULL_REF);
    this.#setWord(node, CONTENT, content);
    this.#setWord(node, COUNT, countWord);
    return node;
  }

  /**
   * Makes a node of one element.
   * @param roomBytes bytes that the listpack is expected to reach.
   */
  createWith(
    bytes: Uint8Array,
    offset: number,
    length: number,
    plain: boolean,
    roomBytes = 0,
  ): number {
    if (plain) return this.#create(this.createPlainContent(bytes, offset, length), PLAIN | 1);
    const listpacks = this.#listpacks;
    const needed = EMPTY_LISTPACK_BYTES + length + ELEMENT_OVERHEAD_BYTES;
    const empty = listpacks.create(needed > roomBytes ? needed : roomBytes);
    return this.#create(listpacks.append(empty, bytes, offset, length), 1);
  }

  /**
   * Bytes that a new end node for elements of `length` bytes will reach; 0 where that is not sure.
   * In a list of some nodes room for one whole node is little, and saves moving it at each size.
   */
  expectedBytes(root: number, length: number): number {
    const fill = this.fill(root);
    if (fill >= 0 || this.nodeCount(root) < this.#openEnds) return 0;
    const limit = nodeByteLimit(fill);
    return limit <= MAX_SMALL_BYTES && length * 8 <= limit ? limit : 0;
  }

  /** Makes a node of a listpack, which is the node's from now on. */
  createOf(listpack: number): number {
    return this.#create(listpack, this.#listpacks.count(listpack));
  }

  /** True when the node's listpack is packed. */
  isPacked(node: number): boolean {
    return (this.#word(node, COUNT) & PACKED) !== 0;
  }

  /** The listpack of a node that is to be changed, unpacked if need be. */
  open(root: number, node: number): number {
    const content = this.content(node);
    if (!this.isPacked(node)) return content;
    let listpack: number;
    if (this.#word(root, READ_NODE) === node) {
      listpack = this.#word(root, READ_LISTPACK);
      this.#setWord(root, READ_NODE, NULL_REF);
    } else listpack = this.#packer.unpack(content, this.elements(node));
    this.#arena.free(content);
    this.setContent(node, listpack);
    this.#setWord(node, COUNT, this.#word(node, COUNT) & ~PACKED);
    return listpack;
  }

  /**
   * The listpack of a node that is to be read: true until another node of the list is read, or this
   * one changed. What has come near an end is unpacked for good.
   */
  openForReading(root: number, node: number): number {
    if (!this.isPacked(node)) return this.content(node);
    if (this.#word(root, READ_NODE) === node) return this.#word(root, READ_LISTPACK);
    if (this.#isNearEnd(node)) return this.open(root, node);
    this.#endReading(root);
    const listpack = this.#packer.unpack(this.content(node), this.elements(node));
    this.#setWord(root, READ_NODE, node);
    this.#setWord(root, READ_LISTPACK, listpack);
    return listpack;
  }

  #endReading(root: number): void {
    if (this.#word(root, READ_NODE) === NULL_REF) return;
    this.#arena.free(this.#word(root, READ_LISTPACK));
    this.#setWord(root, READ_NODE, NULL_REF);
  }

  #isNearEnd(node: number): boolean {
    let left = node;
    let right = node;
    for (let i = 0; i < this.#openEnds; i++) {
      left = this.previous(left);
      right = this.next(right);
      if (left === NULL_REF || right === NULL_REF) return true;
    }
    return false;
  }

  #pack(node: number): void {
    if ((this.#word(node, COUNT) & (PLAIN | PACKED)) !== 0) return;
    const listpack = this.content(node);
    const packed = this.#packer.pack(listpack);
    if (packed === 0) return;
    this.#arena.free(listpack);
    this.setContent(node, packed);
    this.#setWord(node, COUNT, this.#word(node, COUNT) | PACKED);
  }

  /** A node was added at an end: packs the one that is now too far from it to be in use soon. */
  packBehind(root: number, atHead: boolean): void {
    if (this.nodeCount(root) <= this.#openEnds * 2) return;
    let node = atHead ? this.head(root) : this.tail(root);
    for (let i = 0; i < this.#openEnds; i++) node = atHead ? this.next(node) : this.previous(node);
    this.#pack(node);
  }

  /** Makes a node with the same content. */
  copy(node: number): number {
    if (this.isPacked(node)) return this.#copyPacked(node);
    if (!this.isPlain(node)) return this.createOf(this.#listpacks.copy(this.content(node)));
    const content = this.content(node);
    const bytes = this.#arena.bytes[content >>> SLOT_SHIFT]!;
    const offset = QuicklistNodes.plainOffset(content);
    return this.createWith(bytes, offset, this.contentBytes(node), true);
  }

  #copyPacked(node: number): number {
    const arena = this.#arena;
    const content = this.content(node);
    const bytes = arena.capacity(content);
    const copy = arena.alloc(bytes);
    const source = arena.bytes[content >>> SLOT_SHIFT]!;
    const target = arena.bytes[copy >>> SLOT_SHIFT]!;
    const start = (content & GRANULE_MASK) << 3;
    copyBytes(target, (copy & GRANULE_MASK) << 3, source, start, bytes);
    return this.#create(copy, this.#word(node, COUNT));
  }

  /** Bytes of the node's blocks. */
  usedBytes(node: number): number {
    return this.#arena.capacity(node) + this.#arena.capacity(this.content(node));
  }

  /**
   * Bytes of all nodes, and what is lent; beyond the ends reckoned from `samples` of them, 0 looks
   * at all.
   */
  usedBytesOfAll(root: number, samples: number): number {
    const total = this.nodeCount(root);
    const ends = this.#openEnds;
    const inner = total - 2 * ends;
    const looked = samples === 0 || samples >= inner ? Math.max(inner, 0) : samples;
    const isRead = this.#word(root, READ_NODE) !== NULL_REF;
    let endBytes = isRead ? this.#arena.capacity(this.#word(root, READ_LISTPACK)) : 0;
    let innerBytes = 0;
    let node = this.head(root);
    for (let i = 0; i < ends + looked && node !== NULL_REF; i++) {
      if (i < ends) endBytes += this.usedBytes(node);
      else innerBytes += this.usedBytes(node);
      node = this.next(node);
    }
    node = this.tail(root);
    for (let i = 0; i < Math.min(ends, total - ends); i++) {
      endBytes += this.usedBytes(node);
      node = this.previous(node);
    }
    return endBytes + (looked === 0 ? 0 : Math.round((innerBytes / looked) * inner));
  }

  /** Puts a node before or after another; `beside` is 0 in an empty list only. */
  link(root: number, beside: number, node: number, after: boolean): void {
    let previous = NULL_REF;
    let next = NULL_REF;
    if (beside !== NULL_REF) {
      previous = after ? beside : this.previous(beside);
      next = after ? this.next(beside) : beside;
    }
    this.#setWord(node, PREVIOUS, previous);
    this.#setWord(node, NEXT, next);
    if (previous === NULL_REF) this.#setWord(root, HEAD, node);
    else this.#setWord(previous, NEXT, node);
    if (next === NULL_REF) this.#setWord(root, TAIL, node);
    else this.#setWord(next, PREVIOUS, node);
    this.#setWord(root, NODES, this.nodeCount(root) + 1);
    this.#addCount(root, this.elements(node));
  }

  #unlink(root: number, node: number): void {
    if (this.#word(root, READ_NODE) === node) this.#endReading(root);
    const previous = this.previous(node);
    const next = this.next(node);
    if (previous === NULL_REF) this.#setWord(root, HEAD, next);
    else this.#setWord(previous, NEXT, next);
    if (next === NULL_REF) this.#setWord(root, TAIL, previous);
    else this.#setWord(next, PREVIOUS, previous);
    this.#setWord(root, NODES, this.nodeCount(root) - 1);
    this.#addCount(root, -this.elements(node));
  }

  /** Takes a node out of the list and frees it with its content. */
  delete(root: number, node: number): void {
    const content = this.content(node);
    this.#unlink(root, node);
    this.#arena.free(content);
    this.#arena.free(node);
  }

  /** Takes the only node's listpack out and frees the quicklist around it. */
  takeListpack(root: number): number {
    const node = this.head(root);
    const listpack = this.open(root, node);
    this.#arena.free(node);
    this.#arena.free(root);
    return listpack;
  }

  // --- what a node may hold

  /** True when an element of `length` bytes may be added to the node; 0 is no node. */
  allowsInsert(root: number, node: number, length: number, large: boolean): boolean {
    if (node === NULL_REF || large) return false;
    const count = this.#word(node, COUNT);
    if (count < 0) return false;
    const bytes = this.contentBytes(node) + length + ELEMENT_OVERHEAD_BYTES;
    return !exceedsNodeLimit(this.fill(root), bytes, count + 1);
  }

  #allowsMerge(root: number, a: number, b: number): boolean {
    if (a === NULL_REF || b === NULL_REF || this.isPlain(a) || this.isPlain(b)) return false;
    const bytes = this.contentBytes(a) + this.contentBytes(b) - EMPTY_LISTPACK_BYTES;
    return !exceedsNodeLimit(this.fill(root), bytes, this.elements(a) + this.elements(b));
  }

  /**
   * Cuts a node in two at element `index`, counted from its head.
   * @param after the new node gets what follows the element; otherwise what stands before it.
   * @returns the new node, which hangs nowhere yet.
   */
  split(root: number, node: number, index: number, after: boolean): number {
    const listpacks = this.#listpacks;
    const listpack = this.open(root, node);
    const total = this.elements(node);
    const cut = after ? index + 1 : index;
    let taken = listpacks.copy(listpack);
    if (after) {
      this.setContent(node, listpacks.deleteRange(listpack, cut, total - cut));
      taken = listpacks.deleteRange(taken, 0, cut);
    } else {
      this.setContent(node, listpacks.deleteRange(listpack, 0, cut));
      taken = listpacks.deleteRange(taken, cut, total - cut);
    }
    this.addElements(root, node, after ? cut - total : -cut);
    return this.#create(taken, after ? total - cut : cut);
  }

  /** Joins `right` into `left`, its neighbour. */
  #merge(root: number, left: number, right: number): void {
    const joined = this.#listpacks.merge(this.open(root, left), this.open(root, right));
    const added = this.elements(right);
    this.#unlink(root, right);
    this.#arena.free(right);
    this.setContent(left, joined);
    this.addElements(root, left, added);
  }

  /** Joins nodes around `center` where their limit allows: at most three joints. */
  mergeAround(root: number, center: number): void {
    const previous = this.previous(center);
    const next = this.next(center);
    const beforePrevious = previous === NULL_REF ? NULL_REF : this.previous(previous);
    const afterNext = next === NULL_REF ? NULL_REF : this.next(next);
    if (this.#allowsMerge(root, beforePrevious, previous)) {
      this.#merge(root, beforePrevious, previous);
    }
    if (this.#allowsMerge(root, next, afterNext)) this.#merge(root, next, afterNext);
    let target = center;
    const left = this.previous(center);
    if (this.#allowsMerge(root, left, center)) {
      this.#merge(root, left, center);
      target = left;
    }
    const right = this.next(target);
    if (this.#allowsMerge(root, target, right)) this.#merge(root, target, right);
  }
}
