// Builds a long list from elements that come one behind the other: each node is put together in a
// buffer and becomes a block when it is full, so that an element costs its bytes alone. Nodes come
// out as pushes one by one would make them. For lists that one command makes (SORT ... STORE).
//
//   begin -> addIntegers, addText -> end: a listpack, or a quicklist
//
// What it has built belongs to it until `end` gives it away.

import { integerLength } from '../bytes/integer.ts';
import { NULL_REF } from '../memory/arena.ts';
import { EMPTY_LISTPACK_BYTES, LISTPACK_HEADER_BYTES, type Listpacks } from './listpack.ts';
import { END, ListpackElement } from './listpack-element.ts';
import type { Quicklists } from './quicklist.ts';
import {
  ELEMENT_OVERHEAD_BYTES,
  nodeByteLimit,
  nodeCountLimit,
  SAFE_BYTES,
} from './quicklist-nodes.ts';

/** Header and back length of a text that is as long as a node may be, and the end. */
const SPARE_BYTES: number = EMPTY_LISTPACK_BYTES + 16;

export class QuicklistBuilder {
  /** What `end` gives away: the root of a quicklist, or 0; and otherwise a listpack. */
  quicklist: number = NULL_REF;
  listpack: number = NULL_REF;
  readonly #listpacks: Listpacks;
  readonly #quicklists: Quicklists;
  readonly #element = new ListpackElement();
  #plainBytes = 0;
  /** Bytes and elements that a node may have. */
  #byteLimit = 0;
  #countLimit = 0;
  /** The node that is being built: its bytes so far, without the end, and its elements. */
  #node: Uint8Array = new Uint8Array(0);
  #length = LISTPACK_HEADER_BYTES;
  #count = 0;

  constructor(listpacks: Listpacks, quicklists: Quicklists) {
    this.#listpacks = listpacks;
    this.#quicklists = quicklists;
  }

  /**
   * Begins a list.
   * @param fill list-max-listpack-size.
   * @param plainBytes bytes from which on an element has a node of its own.
   */
  begin(fill: number, plainBytes: number): void {
    this.#plainBytes = plainBytes;
    this.#byteLimit = fill < 0 ? nodeByteLimit(fill) : SAFE_BYTES;
    this.#countLimit = nodeCountLimit(fill);
    this.quicklist = NULL_REF;
    this.listpack = NULL_REF;
    if (this.#node.length !== this.#byteLimit + SPARE_BYTES) {
      this.#node = new Uint8Array(this.#byteLimit + SPARE_BYTES);
    }
    this.#empty();
  }

  #empty(): void {
    this.#length = LISTPACK_HEADER_BYTES;
    this.#count = 0;
  }

  /** Adds integers of 32 bits, from index `start` to before `end` of an array. */
  addIntegers(values: Int32Array, start: number, end: number): void {
    if (integerLength(-0x7fffffff) >= this.#plainBytes) {
      this.#addAsTexts(values, start, end);
      return;
    }
    let i = start;
    while (i < end) {
      const done = this.#fillNode(values, i, end);
      if (done < end) this.#flush();
      i = done;
    }
  }

  /** Where even a number can be as long as an element with a node of its own. */
  #addAsTexts(values: Int32Array, start: number, end: number): void {
    for (let i = start; i < end; i++) {
      const text = Buffer.from(String(values[i]), 'latin1');
      this.addText(text, 0, text.length);
    }
  }

  /** Adds integers as long as the node takes them. @returns the index behind the last one. */
  #fillNode(values: Int32Array, start: number, end: number): number {
    const node = this.#node;
    // A node takes an element when its bytes, the end among them, stay in the limit with more.
    const lengthLimit = this.#byteLimit - ELEMENT_OVERHEAD_BYTES - 1;
    const most = Math.min(end, start + this.#countLimit - this.#count);
    let at = this.#length;
    let i = start;
    for (; i < most; i++) {
      const value = values[i]!;
      if (at + integerLength(value) > lengthLimit && at > LISTPACK_HEADER_BYTES) break;
      let body: number;
      if (value >= 0 && value < 128) {
        node[at] = value;
        body = 1;
      } else if (value >= -4096 && value < 4096) {
        node[at] = 0xc0 | ((value >> 8) & 31);
        node[at + 1] = value;
        body = 2;
      } else {
        body = value === (value << 16) >> 16 ? 3 : value === (value << 8) >> 8 ? 4 : 5;
        node[at] = 0xee + body;
        node[at + 1] = value;
        node[at + 2] = value >> 8;
        if (body > 3) node[at + 3] = value >> 16;
        if (body > 4) node[at + 4] = value >> 24;
      }
      node[at + body] = body;
      at += body + 1;
    }
    this.#count += i - start;
    this.#length = at;
    return i;
  }

  /** Adds a text. */
  addText(bytes: Uint8Array, offset: number, length: number): void {
    const isPlain = length >= this.#plainBytes;
    const then = this.#length + 1 + length + ELEMENT_OVERHEAD_BYTES;
    if (isPlain || then > this.#byteLimit || this.#count >= this.#countLimit) this.#flush();
    // Such an element's node takes no other, so that it need not be built here.
    if (isPlain || length > this.#byteLimit) {
      const nodes = this.#quicklists.nodes;
      this.#link(nodes.createWith(bytes, offset, length, isPlain));
      return;
    }
    const element = this.#element;
    element.setText(bytes, offset, length);
    element.write(this.#node, this.#length, bytes, offset, length);
    this.#length += element.size;
    this.#count++;
  }

  /** Makes a listpack of the node that is being built. */
  #take(): number {
    const node = this.#node;
    const total = this.#length + 1;
    node[this.#length] = END;
    for (let i = 0; i < 4; i++) node[i] = total >> (i * 8);
    // A node has at most half as many elements as its 64 KB have bytes, so that they are countable.
    node[4] = this.#count;
    node[5] = this.#count >> 8;
    this.#empty();
    return this.#listpacks.fromBytes(node, 0, total);
  }

  #flush(): void {
    if (this.#count === 0) return;
    this.#link(this.#quicklists.nodes.createOf(this.#take()));
  }

  #link(node: number): void {
    if (this.quicklist === NULL_REF) this.quicklist = this.#quicklists.create();
    const { quicklist } = this;
    const nodes = this.#quicklists.nodes;
    nodes.link(quicklist, nodes.tail(quicklist), node, true);
    nodes.packBehind(quicklist, false);
  }

  /**
   * Ends the list, which has an element at least: one node is a listpack, if its size allows.
   * @param mostBytes bytes that a listpack may have.
   */
  end(mostBytes: number): void {
    if (this.quicklist === NULL_REF && this.#length < mostBytes) this.listpack = this.#take();
    else this.#flush();
  }
}
