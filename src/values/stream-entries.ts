// Adds entries to the end of a stream, in Redis's layout of its nodes (drawn in stream-cursor.ts),
// and marks entries as deleted. All of an entry is written in one go, into room that was made
// before.

import { latin1Bytes } from '../bytes/ascii.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { type IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import type { Listpacks } from '../structures/listpack.ts';
import { elementBytesAt, integerValueAt, ListpackElement } from '../structures/listpack-element.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import { DELETED, SAME_FIELDS } from './stream-cursor.ts';
import { LISTPACK_HEADER_BYTES, listpackOf, StreamNodes } from './stream-nodes.ts';

/** No node becomes larger, whatever the limits say; nor does an entry. */
export const MAX_NODE_BYTES: number = 1024 * 1024 * 1024;
/** Integers of a master entry: count, deleted, number of fields, the zero. */
const MASTER_INTEGERS = 4;
/** Integers around the fields of an entry: flags, ms, seq, elements. */
const ENTRY_INTEGERS = 4;
/** From so many nodes on, a new one gets the room of the one before at once. */
const ROOMY_FROM_NODES = 4;
const MAX_FIRST_ROOM = 8192;
const HIGH_LIMIT = 0x1fffff;
const TWO_32 = 0x100000000;
const NO_BYTES = new Uint8Array(0);

export class StreamEntries {
  readonly #arena: Arena;
  readonly #ids: IdTree;
  readonly #nodes: StreamNodes;
  readonly #listpacks: Listpacks;
  readonly #limits: EncodingLimits;
  readonly #element = new ListpackElement();
  readonly #place = new IdTreeCursor();
  readonly #masterId = new StreamId();

  constructor(
    arena: Arena,
    ids: IdTree,
    nodes: StreamNodes,
    listpacks: Listpacks,
    limits: EncodingLimits,
  ) {
    this.#arena = arena;
    this.#ids = ids;
    this.#nodes = nodes;
    this.#listpacks = listpacks;
    this.#limits = limits;
  }

  /**
   * Adds an entry whose ID is above all in the stream. Its fields and values alternate in `bytes`,
   * at `offsets` and `lengths` from index `first` on.
   * @param textBytes what they add up to.
   */
  append(
    stream: number,
    id: StreamId,
    bytes: Uint8Array,
    offsets: Int32Array,
    lengths: Int32Array,
    first: number,
    fieldCount: number,
    textBytes: number,
  ): void {
    const place = this.#place;
    let node = this.#ids.last(stream, place) ? this.#ids.valueAt(place) : NULL_REF;
    let roomBytes = 0;
    if (node !== NULL_REF) {
      this.#ids.idAt(place, this.#masterId);
      if (this.#isFull(node, textBytes)) {
        roomBytes = this.#roomAfter(stream, node);
        this.#ids.setValueAt(place, this.#nodes.seal(stream, node, this.#masterId));
        node = NULL_REF;
      }
    }
    if (node === NULL_REF) {
      this.#masterId.copyFrom(id);
      const entryBytes = this.#entryBytes(id, SAME_FIELDS, lengths, first, fieldCount);
      const room = entryBytes < roomBytes ? roomBytes : entryBytes;
      node = this.#newNode(bytes, offsets, lengths, first, fieldCount, room);
      this.#ids.insert(stream, id, node);
      this.#write(node, id, SAME_FIELDS, bytes, offsets, lengths, first, fieldCount);
      return;
    }
    if (this.#nodes.isDense(node)) {
      node = this.#nodes.unpack(stream, node, this.#masterId);
      this.#ids.setValueAt(place, node);
    }
    const isSame = this.#hasMasterFields(node, bytes, offsets, lengths, first, fieldCount);
    const flags = isSame ? SAME_FIELDS : 0;
    const room = this.#entryBytes(id, flags, lengths, first, fieldCount);
    // One byte more for a count that gets longer.
    const target = this.#nodes.addEntry(stream, this.#nodes.reserve(stream, node, room + 1));
    if (target !== node) this.#ids.setValueAt(place, target);
    this.#write(target, id, flags, bytes, offsets, lengths, first, fieldCount);
  }

  /** True when an entry with `textBytes` more must go to a new node. */
  #isFull(node: number, textBytes: number): boolean {
    const { streamNodeMaxBytes, streamNodeMaxEntries } = this.#limits;
    const maxBytes =
      streamNodeMaxBytes === 0 || streamNodeMaxBytes > MAX_NODE_BYTES
        ? MAX_NODE_BYTES
        : streamNodeMaxBytes;
    if (this.#nodes.byteLength(node) + textBytes >= maxBytes) return true;
    if (streamNodeMaxEntries === 0) return false;
    return this.#nodes.entryCount(node) + this.#nodes.deletedCount(node) >= streamNodeMaxEntries;
  }

  /** Room for the node after a full one: in a stream of some length as much as that came to. */
  #roomAfter(stream: number, node: number): number {
    if (this.#ids.count(stream) < ROOMY_FROM_NODES) return 0;
    const bytes = this.#nodes.byteLength(node);
    return bytes < MAX_FIRST_ROOM ? bytes : MAX_FIRST_ROOM;
  }

  /** A node with a master entry that counts one entry, and `room` bytes more. */
  #newNode(
    bytes: Uint8Array,
    offsets: Int32Array,
    lengths: Int32Array,
    first: number,
    fieldCount: number,
    room: number,
  ): number {
    let masterBytes = LISTPACK_HEADER_BYTES + 1 + 6 + integerBytes(0, fieldCount);
    for (let i = 0; i < fieldCount; i++) masterBytes += textBound(lengths[first + i * 2]!);
    const node = this.#nodes.create(masterBytes + room);
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    let at = StreamNodes.startOf(node) + LISTPACK_HEADER_BYTES;
    at = this.#putInteger(data, at, 1);
    at = this.#putInteger(data, at, 0);
    at = this.#putInteger(data, at, fieldCount);
    for (let i = 0; i < fieldCount; i++) {
      const field = first + i * 2;
      at = this.#putText(data, at, bytes, offsets[field]!, lengths[field]!);
    }
    at = this.#putInteger(data, at, 0);
    this.#nodes.setEnd(node, at, fieldCount + MASTER_INTEGERS);
    return node;
  }

  /** True when the entry has the fields of the node's master entry, in the same order. */
  #hasMasterFields(
    node: number,
    bytes: Uint8Array,
    offsets: Int32Array,
    lengths: Int32Array,
    first: number,
    fieldCount: number,
  ): boolean {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const start = StreamNodes.startOf(node);
    let at = start + LISTPACK_HEADER_BYTES;
    at += elementBytesAt(data, at);
    at += elementBytesAt(data, at);
    if (integerValueAt(data, at) !== fieldCount) return false;
    at += elementBytesAt(data, at);
    const listpack = listpackOf(node);
    for (let i = 0; i < fieldCount; i++) {
      const field = first + i * 2;
      const length = lengths[field]!;
      if (!this.#listpacks.equals(listpack, at - start, bytes, offsets[field]!, length)) {
        return false;
      }
      at += elementBytesAt(data, at);
    }
    return true;
  }

  /** At least the bytes that an entry takes, and hardly more. */
  #entryBytes(
    id: StreamId,
    flags: number,
    lengths: Int32Array,
    first: number,
    fieldCount: number,
  ): number {
    const isSame = flags === SAME_FIELDS;
    let total = 2 + integerBytes(0, fieldCount * 2 + ENTRY_INTEGERS);
    if (!isSame) total += integerBytes(0, fieldCount);
    const master = this.#masterId;
    total += integerBytes(
      highDifference(id.msHigh, id.msLow, master.msHigh, master.msLow),
      (id.msLow - master.msLow) | 0,
    );
    total += integerBytes(
      highDifference(id.seqHigh, id.seqLow, master.seqHigh, master.seqLow),
      (id.seqLow - master.seqLow) | 0,
    );
    const end = first + fieldCount * 2;
    for (let i = isSame ? first + 1 : first; i < end; i += isSame ? 2 : 1) {
      total += textBound(lengths[i]!);
    }
    return total;
  }

  /** Writes an entry at the node's end, where there is room. */
  #write(
    node: number,
    id: StreamId,
    flags: number,
    bytes: Uint8Array,
    offsets: Int32Array,
    lengths: Int32Array,
    first: number,
    fieldCount: number,
  ): void {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const isSame = flags === SAME_FIELDS;
    const master = this.#masterId;
    let at = StreamNodes.startOf(node) + this.#nodes.byteLength(node) - 1;
    at = this.#putInteger(data, at, flags);
    at = this.#putDifference(data, at, id.msHigh, id.msLow, master.msHigh, master.msLow);
    at = this.#putDifference(data, at, id.seqHigh, id.seqLow, master.seqHigh, master.seqLow);
    if (!isSame) at = this.#putInteger(data, at, fieldCount);
    const end = first + fieldCount * 2;
    for (let i = isSame ? first + 1 : first; i < end; i += isSame ? 2 : 1) {
      at = this.#putText(data, at, bytes, offsets[i]!, lengths[i]!);
    }
    const elements = isSame ? fieldCount + 3 : fieldCount * 2 + 4;
    at = this.#putInteger(data, at, elements);
    this.#nodes.setEnd(node, at, elements + 1);
  }

  #putText(
    data: Uint8Array,
    at: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): number {
    const element = this.#element;
    element.setText(bytes, offset, length);
    element.write(data, at, bytes, offset, length);
    return at + element.size;
  }

  #putInteger(data: Uint8Array, at: number, value: number): number {
    if (value >= 0 && value < 128) {
      data[at] = value;
      data[at + 1] = 1;
      return at + 2;
    }
    const element = this.#element;
    element.setInteger(value);
    element.write(data, at, NO_BYTES, 0, 0);
    return at + element.size;
  }

  /** Writes the difference of two 64-bit numbers, taken as signed. */
  #putDifference(
    data: Uint8Array,
    at: number,
    high: number,
    low: number,
    masterHigh: number,
    masterLow: number,
  ): number {
    const difference = (low - masterLow) | 0;
    const upper = highDifference(high, low, masterHigh, masterLow);
    if (upper === difference >> 31) return this.#putInteger(data, at, difference);
    if (upper <= HIGH_LIMIT && upper >= ~HIGH_LIMIT) {
      return this.#putInteger(data, at, upper * TWO_32 + (difference >>> 0));
    }
    const value = (BigInt(upper) << 32n) | BigInt(difference >>> 0);
    const digits = latin1Bytes(String(value));
    return this.#putText(data, at, digits, 0, digits.length);
  }

  /**
   * Marks an entry as deleted and counts it so; a node without any other is freed.
   * @param nodeId the ID of its node.
   * @param entryPosition where the byte with the entry's flags stands, as the cursor tells it.
   */
  delete(stream: number, nodeId: StreamId, node: number, entryPosition: number): void {
    if (this.#nodes.entryCount(node) === 1) {
      this.dropNode(stream, nodeId);
      return;
    }
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const at = StreamNodes.startOf(node) + entryPosition;
    data[at] = data[at]! | DELETED;
    const changed = this.#nodes.countDeleted(stream, node, 1);
    if (changed === node) return;
    this.#ids.floor(stream, nodeId, this.#place);
    this.#ids.setValueAt(this.#place, changed);
  }

  /** Frees a node, whatever it holds. */
  dropNode(stream: number, nodeId: StreamId): void {
    const node = this.#ids.delete(stream, nodeId);
    const segment = this.#nodes.segmentOf(node);
    const isLastOfSegment = segment !== NULL_REF && this.#nodes.isAlone(segment);
    this.#nodes.free(stream, node);
    if (segment === NULL_REF || isLastOfSegment) return;
    // What goes from the front takes its segment along soon; only a hole is worth the work.
    const place = this.#place;
    if (!this.#ids.floor(stream, nodeId, place)) return;
    this.#ids.ceiling(stream, nodeId, place);
    this.#nodes.rescue(stream, segment, place);
  }
}

/** Bytes that a text takes as an element at most: a short integer is never longer. */
function textBound(length: number): number {
  return length + (length < 64 ? 2 : length < 4096 ? 4 : 10);
}

/** Bytes that an integer of two halves takes as an element. */
function integerBytes(high: number, low: number): number {
  if (high !== low >> 31) return 10;
  if (low >= 0 && low < 128) return 2;
  if (low >= -4096 && low < 4096) return 3;
  return low >= -32768 && low < 32768 ? 4 : 6;
}

function highDifference(aHigh: number, aLow: number, bHigh: number, bLow: number): number {
  const borrow = aLow >>> 0 < bLow >>> 0 ? 1 : 0;
  return (aHigh - bHigh - borrow) | 0;
}
