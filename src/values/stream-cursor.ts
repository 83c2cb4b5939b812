// Walks the entries of a stream in a range of IDs, in either direction: finds the node, then reads
// its listpack entry by entry.
//
//   master entry:  | count | deleted | number of fields N | field 1 | ... | field N | 0 |
//   entry:  | flags | ms | seq | value 1 | ... | value N | elements |     less ms and seq of the node
//   without SAME_FIELDS:  ... | number of fields | field 1 | value 1 | field 2 | ... | elements |
//
// `elements` counts the entry's elements before it, so that a reader can come from behind. A cursor
// is work space that its owner uses again and again. It is true until the stream's entries change;
// other changes of the arena do not harm it. Nodes in the dense form are read by DenseReader.

import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { type IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import {
  END,
  elementBytesAt,
  elementBytesBefore,
  INTEGER_64,
  integerValueAt,
  textHeaderBytes,
  textLengthAt,
  writeIntegerText,
} from '../structures/listpack-element.ts';
import { DenseReader } from './stream-dense-reader.ts';
import { isDenseNode, LISTPACK_HEADER_BYTES, StreamNodes } from './stream-nodes.ts';

const TWO_32 = 0x100000000;

/** Flags of an entry. */
export const DELETED = 1;
export const SAME_FIELDS = 2;

export class StreamCursor {
  /** The entry that `next` found. */
  readonly id: StreamId = new StreamId();
  fieldCount = 0;
  flags = 0;
  /** The node it is in. */
  node = 0;
  /** The text that readField or readValue loaded, true until the arena changes. */
  bytes: Uint8Array;
  offset = 0;
  length = 0;
  readonly #arena: Arena;
  readonly #ids: IdTree;
  readonly #place = new IdTreeCursor();
  readonly #digits = new Uint8Array(24);
  readonly #masterId = new StreamId();
  readonly #from = new StreamId();
  readonly #to = new StreamId();
  readonly #dense = new DenseReader();
  #isDense = false;
  #isReverse = false;
  #stands = false;
  #emitsDeleted = false;
  // Offsets in the array of the node's slot.
  #start = 0;
  #masterFieldCount = 0;
  #masterFields = 0;
  #firstEntry = 0;
  /** Where the entry begins; walking back, behind the last one at first. */
  #entryAt = 0;
  /** The next element of the entry that was not read; 0 before the node's first entry. */
  #at = 0;
  #elementsLeft = 0;
  #masterFieldAt = 0;
  // The halves of an integer.
  #low = 0;
  #high = 0;

  constructor(arena: Arena, ids: IdTree) {
    this.#arena = arena;
    this.#ids = ids;
    this.bytes = this.#digits;
  }

  /** Begins a walk over the IDs `from` to `to`, both included. */
  start(stream: number, from: StreamId, to: StreamId, isReverse: boolean): void {
    this.#from.copyFrom(from);
    this.#to.copyFrom(to);
    this.#isReverse = isReverse;
    this.#emitsDeleted = false;
    this.node = NULL_REF;
    const bound = isReverse ? to : from;
    this.#stands =
      this.#ids.floor(stream, bound, this.#place) ||
      (!isReverse && this.#ids.first(stream, this.#place));
  }

  /** Begins a walk over all entries; with `emitsDeleted` deleted ones too. */
  startAll(stream: number, isReverse: boolean, emitsDeleted: boolean): void {
    this.#from.setMinimum();
    this.#to.setMaximum();
    this.#isReverse = isReverse;
    this.#emitsDeleted = emitsDeleted;
    this.node = NULL_REF;
    this.#stands = isReverse
      ? this.#ids.last(stream, this.#place)
      : this.#ids.first(stream, this.#place);
  }

  /** Begins a walk back over all entries, deleted ones too, from the last of a node of the tree. */
  startAtEndOf(stream: number, node: IdTreeCursor): void {
    this.startAll(stream, true, true);
    this.#place.leaf = node.leaf;
    this.#place.index = node.index;
  }

  /** Finds the next entry of the walk. @returns false at the end. */
  next(): boolean {
    for (;;) {
      if (this.node === NULL_REF && !this.#enterNode()) return false;
      const data = this.#arena.bytes[this.node >>> SLOT_SHIFT]!;
      while (this.#step(data)) {
        const isShown = this.#emitsDeleted || (this.flags & DELETED) === 0;
        if (this.#isReverse) {
          if (this.id.compare(this.#from) < 0) return this.#finish();
          if (isShown && this.id.compare(this.#to) <= 0) return true;
        } else {
          if (this.id.compare(this.#to) > 0) return this.#finish();
          if (isShown && this.id.compare(this.#from) >= 0) return true;
        }
      }
      this.node = NULL_REF;
      this.#stands = this.#isReverse
        ? this.#ids.previous(this.#place)
        : this.#ids.next(this.#place);
    }
  }

  #finish(): boolean {
    this.node = NULL_REF;
    this.#stands = false;
    return false;
  }

  #step(data: Uint8Array): boolean {
    if (this.#isDense) return this.#stepDense(data);
    return this.#isReverse ? this.#stepBack(data) : this.#stepForward(data);
  }

  /** Passes over the entries of a dense node in front of the walk's beginning. */
  #skipDense(data: Uint8Array): void {
    const from = this.#from;
    const master = this.#masterId;
    if (from.compare(master) <= 0) return;
    const high = (from.msHigh >>> 0) - (master.msHigh >>> 0);
    const ms = high * TWO_32 + ((from.msLow >>> 0) - (master.msLow >>> 0));
    this.#dense.skipTo(data, ms, (from.seqHigh >>> 0) * TWO_32 + (from.seqLow >>> 0));
  }

  #stepDense(data: Uint8Array): boolean {
    const dense = this.#dense;
    if (!(this.#isReverse ? dense.previous(data) : dense.next(data))) return false;
    const { id } = this;
    const master = this.#masterId;
    this.flags = dense.flags;
    this.fieldCount = dense.fieldCount;
    this.#entryAt = dense.headAt;
    const { ms } = dense;
    id.msLow = (master.msLow + ms) | 0;
    id.msHigh = id.msLow >>> 0 < ms ? (master.msHigh + 1) | 0 : master.msHigh;
    id.seqHigh = 0;
    id.seqLow = dense.seq;
    return true;
  }

  #enterNode(): boolean {
    if (!this.#stands) return false;
    const node = this.#ids.valueAt(this.#place);
    this.#ids.idAt(this.#place, this.#masterId);
    this.node = node;
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const start = StreamNodes.startOf(node);
    this.#start = start;
    this.#isDense = isDenseNode(this.#arena, node);
    if (this.#isDense) {
      this.#dense.enter(data, start, this.#masterId.seqLow);
      if (!this.#isReverse) this.#skipDense(data);
      return true;
    }
    let at = start + LISTPACK_HEADER_BYTES;
    at += elementBytesAt(data, at);
    at += elementBytesAt(data, at);
    const count = integerValueAt(data, at);
    this.#masterFieldCount = count;
    at += elementBytesAt(data, at);
    this.#masterFields = at;
    for (let i = 0; i < count; i++) at += elementBytesAt(data, at);
    this.#firstEntry = at + elementBytesAt(data, at);
    this.#at = 0;
    this.#entryAt = start + this.#arena.words[node >>> SLOT_SHIFT]![start >> 2]! - 1;
    return true;
  }

  #stepForward(data: Uint8Array): boolean {
    let at = this.#at;
    if (at === 0) at = this.#firstEntry;
    else {
      for (let left = this.#elementsLeft; left > 0; left--) at += elementBytesAt(data, at);
      at += elementBytesAt(data, at);
    }
    if (data[at] === END) return false;
    this.#at = this.#readHead(data, at);
    return true;
  }

  #stepBack(data: Uint8Array): boolean {
    let at = this.#entryAt;
    if (at === this.#firstEntry) return false;
    at -= elementBytesBefore(data, at);
    for (let left = integerValueAt(data, at); left > 0; left--) at -= elementBytesBefore(data, at);
    this.#at = this.#readHead(data, at);
    return true;
  }

  /** Reads flags, ID and number of fields of an entry. @returns where its fields begin. */
  #readHead(data: Uint8Array, start: number): number {
    const { id } = this;
    const flags = data[start]!;
    this.flags = flags;
    this.#entryAt = start;
    id.copyFrom(this.#masterId);
    let at = start + 2;
    // Nearly always the differences are small and not negative.
    let difference = data[at]!;
    if (difference < 128) {
      id.msLow = (id.msLow + difference) | 0;
      if (id.msLow >>> 0 < difference) id.msHigh = (id.msHigh + 1) | 0;
    } else {
      this.#loadInteger(data, at);
      id.msLow = (id.msLow + this.#low) | 0;
      const carry = id.msLow >>> 0 < this.#low >>> 0 ? 1 : 0;
      id.msHigh = (id.msHigh + this.#high + carry) | 0;
    }
    at += elementBytesAt(data, at);
    difference = data[at]!;
    if (difference < 128) {
      id.seqLow = (id.seqLow + difference) | 0;
      if (id.seqLow >>> 0 < difference) id.seqHigh = (id.seqHigh + 1) | 0;
    } else {
      this.#loadInteger(data, at);
      id.seqLow = (id.seqLow + this.#low) | 0;
      const carry = id.seqLow >>> 0 < this.#low >>> 0 ? 1 : 0;
      id.seqHigh = (id.seqHigh + this.#high + carry) | 0;
    }
    at += elementBytesAt(data, at);
    if ((flags & SAME_FIELDS) !== 0) {
      this.fieldCount = this.#masterFieldCount;
      this.#elementsLeft = this.#masterFieldCount;
      this.#masterFieldAt = this.#masterFields;
    } else {
      this.fieldCount = integerValueAt(data, at);
      this.#elementsLeft = this.fieldCount * 2;
      at += elementBytesAt(data, at);
    }
    return at;
  }

  /** Loads the integer of an element into the halves. */
  #loadInteger(data: Uint8Array, at: number): void {
    if (data[at] === INTEGER_64) {
      this.#low = littleEndian(data, at + 1);
      this.#high = littleEndian(data, at + 5);
    } else {
      this.#low = integerValueAt(data, at) | 0;
      this.#high = this.#low >> 31;
    }
  }

  /** Position of the byte with the entry's flags, behind the node's prefix. */
  get entryPosition(): number {
    return this.#entryAt - this.#start;
  }

  /** Copies the ID of the node that the entry is in. */
  copyNodeId(id: StreamId): void {
    id.copyFrom(this.#masterId);
  }

  /** Loads the name of the entry's next field; `readValue` must follow. */
  readField(): void {
    const data = this.#arena.bytes[this.node >>> SLOT_SHIFT]!;
    if (this.#isDense) {
      this.#dense.readField(data);
      this.#takeDense();
    } else if ((this.flags & SAME_FIELDS) !== 0) {
      this.#masterFieldAt = this.#readElement(data, this.#masterFieldAt);
    } else {
      this.#at = this.#readElement(data, this.#at);
      this.#elementsLeft--;
    }
  }

  /** Loads the value of the field that was read. */
  readValue(): void {
    const data = this.#arena.bytes[this.node >>> SLOT_SHIFT]!;
    if (this.#isDense) {
      this.#dense.readValue(data);
      this.#takeDense();
      return;
    }
    this.#at = this.#readElement(data, this.#at);
    this.#elementsLeft--;
  }

  #takeDense(): void {
    const dense = this.#dense;
    this.bytes = dense.bytes;
    this.offset = dense.offset;
    this.length = dense.length;
  }

  /** Loads an element's text. @returns where the next one begins. */
  #readElement(data: Uint8Array, at: number): number {
    const first = data[at]!;
    const header = textHeaderBytes(first);
    if (header === 0) {
      this.bytes = this.#digits;
      this.offset = 0;
      this.length = writeIntegerText(this.#digits, data, at);
      return at + elementBytesAt(data, at);
    }
    const length = textLengthAt(data, at);
    this.bytes = data;
    this.offset = at + header;
    this.length = length;
    return header === 1 ? at + length + 2 : at + elementBytesAt(data, at);
  }
}

function littleEndian(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}
