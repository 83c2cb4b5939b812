// Lists: a listpack while it is small, a quicklist beyond list-max-listpack-size. Which of the two
// is told by the entry's encoding; both are read and walked with one cursor. All functions take the
// entry's reference, and keep it: only the value's root moves.
//
//   entry: | header, root | key |     root: a listpack (structures/listpack.ts)
//                                           or a quicklist (structures/quicklist.ts)
//
// A list grows into a quicklist before elements are added (`makeRoom`), and becomes a listpack
// again when elements were removed and half of the limit holds it (`shrunk`), so that it does not
// go to and fro.

import { copyBytes } from '../bytes/copy.ts';
import { type Arena, NULL_REF } from '../memory/arena.ts';
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  encodingOf,
  setTypeAndEncoding,
  setValueWord,
  TYPE_LIST,
  valueWordOf,
} from '../structures/entry.ts';
import type { Listpacks } from '../structures/listpack.ts';
import { dropShortText, pushShortText, readShortText } from '../structures/listpack-ends.ts';
import { Quicklists } from '../structures/quicklist.ts';
import { QuicklistBuilder } from '../structures/quicklist-builder.ts';
import { readListpackIntegers, readQuicklistIntegers } from '../structures/quicklist-integers.ts';
import { exceedsNodeLimit, nodeByteLimit, nodeCountLimit } from '../structures/quicklist-nodes.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import type { ValueType } from './value-type.ts';

/** The root of a quicklist is none: what walks a bare listpack. */
const NO_QUICKLIST = 0;
/** Popped elements up to this size share one buffer. */
const POPPED_BYTES = 4096;

export class Lists implements ValueType {
  /**
   * The element at hand, once `seek` has put it somewhere: read it with `get`, walk with `next`,
   * `previous` and `find`. Changes go through Lists.
   */
  readonly cursor: Quicklists;
  /** The element that `pop` took, from the beginning of the array, until the next `pop`. */
  popped: Uint8Array = new Uint8Array(POPPED_BYTES);
  poppedLength = 0;
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;
  readonly #limits: EncodingLimits;
  readonly #builder: QuicklistBuilder;

  constructor(arena: Arena, listpacks: Listpacks, limits: EncodingLimits) {
    this.#arena = arena;
    this.#listpacks = listpacks;
    this.#limits = limits;
    this.cursor = new Quicklists(arena, listpacks, limits);
    this.#builder = new QuicklistBuilder(listpacks, this.cursor);
  }

  // --- whole lists

  /** The root of an empty list, for an entry with ENCODING_LISTPACK. */
  create(): number {
    return this.#listpacks.create();
  }

  #isListpack(ref: number): boolean {
    return encodingOf(this.#arena, ref) === ENCODING_LISTPACK;
  }

  free(ref: number): void {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) this.#listpacks.free(root);
    else this.cursor.free(root);
  }

  copy(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    return this.#isListpack(ref) ? this.#listpacks.copy(root) : this.cursor.copy(root);
  }

  freeEffort(ref: number): number {
    return this.nodeCount(ref);
  }

  freeSome(encoding: number, root: number, budget: number): number {
    if (encoding !== ENCODING_LISTPACK) return this.cursor.freeSome(root, budget);
    this.#listpacks.free(root);
    return 0;
  }

  usedBytes(ref: number, samples: number): number {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) return this.#arena.capacity(root);
    return this.cursor.usedBytes(root, samples);
  }

  count(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    return this.#isListpack(ref) ? this.#listpacks.count(root) : this.cursor.count(root);
  }

  /** Nodes of the quicklist; 1 for a listpack. */
  nodeCount(ref: number): number {
    return this.#isListpack(ref) ? 1 : this.cursor.nodeCount(valueWordOf(this.#arena, ref));
  }

  /** Bytes of the listpacks alone, as DEBUG OBJECT tells them. */
  contentBytes(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) return this.#listpacks.byteLength(root);
    return this.cursor.contentBytes(root);
  }

  // --- encodings

  /**
   * Makes a quicklist of a listpack that would be too large with what is about to be added.
   * @param addedBytes bytes of the texts to add.
   * @param addedCount number of the texts to add.
   */
  makeRoom(ref: number, addedBytes: number, addedCount: number): void {
    if (!this.#isListpack(ref)) return;
    const listpack = valueWordOf(this.#arena, ref);
    const bytes = this.#listpacks.byteLength(listpack) + addedBytes;
    const fill = this.#limits.listMaxListpackSize;
    // While the size alone decides there is no need to know the number of elements.
    const count = fill < 0 ? 0 : this.#listpacks.count(listpack) + addedCount;
    if (!exceedsNodeLimit(fill, bytes, count)) return;
    const root = this.cursor.create();
    if (this.#listpacks.count(listpack) === 0) this.#listpacks.free(listpack);
    else this.cursor.appendListpack(root, listpack);
    this.#setRoot(ref, root, ENCODING_QUICKLIST);
  }

  /** Makes a listpack of a quicklist of which half the limit is not used any more. */
  shrunk(ref: number): void {
    if (!this.#isListpack(ref)) this.#tryListpack(ref, 2);
  }

  /** Gives a list that was just built the encoding that its size calls for. */
  settle(ref: number): void {
    if (this.#isListpack(ref)) this.makeRoom(ref, 0, 0);
    else this.#tryListpack(ref, 1);
  }

  #tryListpack(ref: number, divisor: number): void {
    const root = valueWordOf(this.#arena, ref);
    const bytes = this.cursor.onlyListpackBytes(root);
    if (bytes < 0) return;
    const fill = this.#limits.listMaxListpackSize;
    if (bytes > Math.floor(nodeByteLimit(fill) / divisor)) return;
    if (this.cursor.count(root) > Math.floor(nodeCountLimit(fill) / divisor)) return;
    this.#setRoot(ref, this.cursor.takeListpack(root), ENCODING_LISTPACK);
  }

  // --- whole lists in one step

  /**
   * Reads all elements as numbers.
   * @param out has room for `count` of them.
   * @returns false when one of them is no integer of 32 bits.
   */
  readIntegers(ref: number, out: Int32Array): boolean {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) return readListpackIntegers(this.#arena, root, out, 0) >= 0;
    return readQuicklistIntegers(this.#arena, this.cursor.nodes, root, out);
  }

  /** Begins to build a list, whose elements are then given to what is returned. */
  beginBuilding(): QuicklistBuilder {
    const { listMaxListpackSize, quicklistPackedBytes } = this.#limits;
    this.#builder.begin(listMaxListpackSize, quicklistPackedBytes);
    return this.#builder;
  }

  /** Gives an empty list the elements that were built, of which there is one at least. */
  takeBuilt(ref: number): void {
    const builder = this.#builder;
    builder.end(nodeByteLimit(this.#limits.listMaxListpackSize));
    this.#listpacks.free(valueWordOf(this.#arena, ref));
    if (builder.quicklist === NULL_REF) setValueWord(this.#arena, ref, builder.listpack);
    else {
      this.#setRoot(ref, builder.quicklist, ENCODING_QUICKLIST);
      this.#tryListpack(ref, 1);
    }
  }

  #setRoot(ref: number, root: number, encoding: number): void {
    setValueWord(this.#arena, ref, root);
    setTypeAndEncoding(this.#arena, ref, TYPE_LIST, encoding);
  }

  // --- elements

  /** Adds an element at one end; `makeRoom` has been called for it. */
  push(ref: number, atHead: boolean, bytes: Uint8Array, offset: number, length: number): void {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) {
      const listpacks = this.#listpacks;
      if (pushShortText(this.#arena, root, atHead, bytes, offset, length)) return;
      const changed = atHead
        ? listpacks.prepend(root, bytes, offset, length)
        : listpacks.append(root, bytes, offset, length);
      setValueWord(this.#arena, ref, changed);
    } else this.cursor.push(root, atHead, bytes, offset, length);
  }

  /**
   * Adds an element at one end of a long list in one step, where its node has room.
   * @returns the number of elements then, or 0: `makeRoom` and `push` must do it.
   */
  pushAtEnd(
    ref: number,
    atHead: boolean,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): number {
    if (this.#isListpack(ref) || length >= this.#limits.quicklistPackedBytes) return 0;
    return this.cursor.ends.push(valueWordOf(this.#arena, ref), atHead, bytes, offset, length);
  }

  /**
   * Loads the element at one end of a list that has one into the cursor's bytes.
   * @returns whether the cursor is at it, which `dropEnd` must be told.
   */
  getEnd(ref: number, atHead: boolean): boolean {
    const { cursor } = this;
    const root = valueWordOf(this.#arena, ref);
    const listpack = this.#isListpack(ref) ? root : cursor.ends.listpackAt(root, atHead);
    if (listpack !== NULL_REF && readShortText(this.#arena, listpack, atHead, cursor)) return false;
    this.seek(ref, atHead ? 0 : -1);
    cursor.get();
    return true;
  }

  /** Deletes the element at one end of a list that has one. @param isAt what `getEnd` said. */
  dropEnd(ref: number, atHead: boolean, isAt: boolean): void {
    if (isAt) {
      this.deleteAt(ref, atHead);
      return;
    }
    const root = valueWordOf(this.#arena, ref);
    const isDropped = this.#isListpack(ref)
      ? dropShortText(this.#arena, root, atHead)
      : this.cursor.ends.drop(root, atHead);
    if (isDropped) return;
    this.seek(ref, atHead ? 0 : -1);
    this.deleteAt(ref, atHead);
  }

  /** Takes the element at one end out of a list that has one, into `popped`. */
  pop(ref: number, atHead: boolean): void {
    const { cursor } = this;
    const isAt = this.getEnd(ref, atHead);
    const { length } = cursor;
    if (length > POPPED_BYTES) this.popped = new Uint8Array(length);
    else if (this.popped.length !== POPPED_BYTES) this.popped = new Uint8Array(POPPED_BYTES);
    copyBytes(this.popped, 0, cursor.bytes, cursor.offset, length);
    this.poppedLength = length;
    this.dropEnd(ref, atHead, isAt);
  }

  /**
   * Puts the cursor on element `index`, negative from the end (-1 is the last).
   * @returns false when there is none.
   */
  seek(ref: number, index: number): boolean {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) return this.cursor.seekListpack(root, index);
    return this.cursor.seek(root, index);
  }

  /** Adds an element beside the one at hand; the cursor must be put anew afterwards. */
  insertAt(ref: number, bytes: Uint8Array, offset: number, length: number, after: boolean): void {
    const root = valueWordOf(this.#arena, ref);
    if (!this.#isListpack(ref)) {
      this.cursor.insertAt(root, bytes, offset, length, after);
      return;
    }
    const { position } = this.cursor;
    const changed = after
      ? this.#listpacks.insertAfter(root, position, bytes, offset, length)
      : this.#listpacks.insertBefore(root, position, bytes, offset, length);
    setValueWord(this.#arena, ref, changed);
  }

  /** Replaces the element at hand; the cursor must be put anew afterwards. */
  replaceAt(ref: number, bytes: Uint8Array, offset: number, length: number): void {
    const root = valueWordOf(this.#arena, ref);
    if (!this.#isListpack(ref)) {
      this.cursor.replaceAt(root, bytes, offset, length);
      return;
    }
    const { position } = this.cursor;
    const changed = this.#listpacks.replace(root, position, bytes, offset, length);
    setValueWord(this.#arena, ref, changed);
  }

  /** Deletes the element at hand; the cursor goes to the following one, or to the one before. */
  deleteAt(ref: number, forward: boolean): void {
    if (this.#isListpack(ref)) {
      this.cursor.deleteAt(NO_QUICKLIST, forward);
      setValueWord(this.#arena, ref, this.cursor.listpack);
    } else this.cursor.deleteAt(valueWordOf(this.#arena, ref), forward);
  }

  /** Deletes up to `count` elements from number `index` (negative from the end) on. */
  deleteRange(ref: number, index: number, count: number): void {
    const root = valueWordOf(this.#arena, ref);
    if (this.#isListpack(ref)) {
      setValueWord(this.#arena, ref, this.#listpacks.deleteRange(root, index, count));
    } else this.cursor.deleteRange(root, index, count);
  }
}
