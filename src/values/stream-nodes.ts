// The nodes of a stream: listpacks in Redis's own layout (stream-cursor.ts), each behind eight
// bytes of ours. The last node of a stream grows in a block of its own. A full node is moved to a
// segment, a large block that full nodes of one stream share without gaps, once the stream is long
// enough: blocks of size classes would waste an eighth.
//
//   node:     | distance to the segment's start in granules, 0: own block | room | listpack |
//   dense:    | distance | - bytes of its listpack | what stream-dense.ts draws |
//   segment:  | nodes in use, 16 bits, nodes ever, 16 bits | granules used | node | node | ... |
//
// A full node is kept in the dense form where that is smaller, until entries are added to it again.
// `room` is what the listpack may grow to, 0 in a segment. A node's reference names its first byte;
// its listpack's reference is the next granule. The stream owns its nodes and segments; a segment
// is freed with its last node.

import { copyBytes } from '../bytes/copy.ts';
import { Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import type { IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import type { StreamId } from '../structures/id-tree-id.ts';
import {
  END,
  elementBytesAt,
  integerValueAt,
  ListpackElement,
} from '../structures/listpack-element.ts';
import { StreamDensePacker } from './stream-dense-packer.ts';
import { StreamDenseUnpacker } from './stream-dense-unpacker.ts';
import { SEGMENT, setWord, wordOf } from './stream-root.ts';

/** Bytes before a node's listpack. */
export const NODE_PREFIX_BYTES = 8;
/** Bytes of a listpack's header: its length and its number of elements. */
export const LISTPACK_HEADER_BYTES = 6;

/** Words of a node: the room, and the length that the listpack begins with. */
const ROOM = 1;
const LENGTH = 2;
/** Word of a dense node with the number of deleted entries in its lower half. */
const DELETED_WORD = 3;
/** Where a listpack's count of entries stands. */
const COUNT_POSITION = LISTPACK_HEADER_BYTES;
/** An entry count below this is one byte and stays so when it grows by one. */
const SMALL_COUNT = 127;
const SEGMENT_BYTES = 65536;
/** The end of a segment, where no node fits any more, is a smaller share of a large one. */
const LARGE_SEGMENT_BYTES = 262144;
const LARGE_FROM_NODES = 1024;
const SEGMENT_HEADER_GRANULES = 1;
/** Streams with fewer nodes keep them in blocks of their own. */
const PACK_FROM_NODES = 128;
/** Larger nodes lie in blocks of their own. */
const MAX_PACKED_BYTES = 8192;
/** Small nodes grow to what they need; larger ones get a quarter more, so that they move rarely. */
const ROOMY_FROM_BYTES = 256;
const COUNT_UNKNOWN = 65535;
const NO_BYTES = new Uint8Array(0);

/** True for a node in the dense form. */
export function isDenseNode(arena: Arena, node: number): boolean {
  return arena.words[node >>> SLOT_SHIFT]![((node & GRANULE_MASK) << 1) + ROOM]! < 0;
}

/** The listpack of a node. */
export function listpackOf(node: number): number {
  return node + 1;
}

export class StreamNodes {
  readonly #arena: Arena;
  readonly #ids: IdTree;
  readonly #element = new ListpackElement();
  readonly #packer = new StreamDensePacker();
  readonly #unpacker = new StreamDenseUnpacker();
  /** How far from its segment's start `#place` has put a node. */
  #distance = 0;

  constructor(arena: Arena, ids: IdTree) {
    this.#arena = arena;
    this.#ids = ids;
  }

  /** Offset of the node's listpack in `arena.bytes` of its slot. */
  static startOf(node: number): number {
    return ((node & GRANULE_MASK) << 3) + NODE_PREFIX_BYTES;
  }

  /** A node with an empty listpack and room for `capacityBytes` of listpack. */
  create(capacityBytes: number): number {
    const node = this.#arena.alloc(NODE_PREFIX_BYTES + capacityBytes);
    const words = this.#arena.words[node >>> SLOT_SHIFT]!;
    const at = (node & GRANULE_MASK) << 1;
    words[at] = 0;
    words[at + ROOM] = this.#arena.capacity(node) - NODE_PREFIX_BYTES;
    words[at + LENGTH] = LISTPACK_HEADER_BYTES + 1;
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const start = StreamNodes.startOf(node);
    data[start + 4] = 0;
    data[start + 5] = 0;
    data[start + LISTPACK_HEADER_BYTES] = END;
    return node;
  }

  /** Makes a block a node whose listpack is there already, behind the prefix. */
  initialize(node: number): void {
    setWord(this.#arena, node, 0, 0);
    setWord(this.#arena, node, ROOM, this.#arena.capacity(node) - NODE_PREFIX_BYTES);
  }

  /** Bytes of the node's listpack, whatever form it is kept in. */
  byteLength(node: number): number {
    const room = wordOf(this.#arena, node, ROOM);
    return room < 0 ? -room : wordOf(this.#arena, node, LENGTH);
  }

  isDense(node: number): boolean {
    return isDenseNode(this.#arena, node);
  }

  /** Bytes of the node in use, its prefix included. */
  #storedBytes(node: number): number {
    const length = wordOf(this.#arena, node, LENGTH);
    return NODE_PREFIX_BYTES + (isDenseNode(this.#arena, node) ? length & 0xffff : length);
  }

  /** Writes the listpack's length after elements were written at its end. */
  setEnd(node: number, end: number, addedElements: number): void {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const start = StreamNodes.startOf(node);
    data[end] = END;
    setWord(this.#arena, node, LENGTH, end + 1 - start);
    const count = (data[start + 4]! | (data[start + 5]! << 8)) + addedElements;
    const kept = count < COUNT_UNKNOWN ? count : COUNT_UNKNOWN;
    data[start + 4] = kept;
    data[start + 5] = kept >> 8;
  }

  isPacked(node: number): boolean {
    return wordOf(this.#arena, node, 0) !== 0;
  }

  /**
   * Makes room for `extraBytes` more of listpack.
   * @returns the node, which may be another one; then the old is gone.
   */
  reserve(stream: number, node: number, extraBytes: number): number {
    const words = this.#arena.words[node >>> SLOT_SHIFT]!;
    const at = (node & GRANULE_MASK) << 1;
    const length = words[at + LENGTH]! + extraBytes;
    if (length <= words[at + ROOM]!) return node;
    const needed = NODE_PREFIX_BYTES + length;
    return this.#move(stream, node, needed < ROOMY_FROM_BYTES ? needed : needed + (needed >> 2));
  }

  /** Moves a node to a block of its own. */
  #move(stream: number, node: number, blockBytes: number): number {
    const moved = this.#copyTo(this.#arena.alloc(blockBytes), 0, node);
    this.free(stream, node);
    return moved;
  }

  /** Copies a node to where there is room, in a block of its own if `distance` is 0. */
  #copyTo(target: number, distance: number, node: number): number {
    const arena = this.#arena;
    copyBytes(
      arena.bytes[target >>> SLOT_SHIFT]!,
      (target & GRANULE_MASK) << 3,
      arena.bytes[node >>> SLOT_SHIFT]!,
      (node & GRANULE_MASK) << 3,
      this.#storedBytes(node),
    );
    setWord(arena, target, 0, distance);
    if (!isDenseNode(arena, node)) {
      const room = distance === 0 ? arena.capacity(target) - NODE_PREFIX_BYTES : 0;
      setWord(arena, target, ROOM, room);
    }
    return target;
  }

  /** A copy of a node, for another stream. */
  copy(stream: number, node: number): number {
    const bytes = this.#storedBytes(node);
    if (!isDenseNode(this.#arena, node)) return this.#copyTo(this.#arena.alloc(bytes), 0, node);
    return this.#copyTo(this.#place(stream, bytes), this.#distance, node);
  }

  /** Frees a node that the tree no longer names. */
  free(stream: number, node: number): void {
    const distance = wordOf(this.#arena, node, 0);
    if (distance === 0) {
      this.#arena.free(node);
      return;
    }
    const segment = node - distance;
    const counts = wordOf(this.#arena, segment, 0) - 1;
    setWord(this.#arena, segment, 0, counts);
    if ((counts & 0xffff) !== 0) return;
    if (wordOf(this.#arena, stream, SEGMENT) === segment) {
      setWord(this.#arena, stream, SEGMENT, NULL_REF);
    }
    this.#arena.free(segment);
  }

  /**
   * Makes a full node, the last one of the stream until now, as small as it gets.
   * @param id the node's ID.
   * @returns the node, which may be another one; then the old is gone.
   */
  seal(stream: number, node: number, id: StreamId): number {
    if (this.isPacked(node) || isDenseNode(this.#arena, node)) return node;
    const arena = this.#arena;
    const bytes = this.#storedBytes(node);
    const start = StreamNodes.startOf(node);
    const { bytes: packed } = this.#packer;
    const data = arena.bytes[node >>> SLOT_SHIFT]!;
    const denseBytes = this.#packer.pack(data, start, bytes - NODE_PREFIX_BYTES, id);
    if (denseBytes > 0 && denseBytes < bytes - NODE_PREFIX_BYTES) {
      const target = this.#place(stream, NODE_PREFIX_BYTES + denseBytes);
      setWord(arena, target, 0, this.#distance);
      setWord(arena, target, ROOM, NODE_PREFIX_BYTES - bytes);
      const to = arena.bytes[target >>> SLOT_SHIFT]!;
      copyBytes(to, StreamNodes.startOf(target), packed, 0, denseBytes);
      this.free(stream, node);
      return target;
    }
    if (this.#isForSegment(stream, bytes)) {
      const target = this.#copyTo(this.#place(stream, bytes), this.#distance, node);
      this.free(stream, node);
      return target;
    }
    return Arena.capacityFor(bytes) < arena.capacity(node) ? this.#move(stream, node, bytes) : node;
  }

  #isForSegment(stream: number, bytes: number): boolean {
    return this.#ids.count(stream) >= PACK_FROM_NODES && bytes <= MAX_PACKED_BYTES;
  }

  /**
   * Room for a full node, in the stream's segment or in a block of its own. `#distance` is the
   * node's distance from the segment's start then, or 0.
   */
  #place(stream: number, bytes: number): number {
    const arena = this.#arena;
    if (!this.#isForSegment(stream, bytes)) {
      this.#distance = 0;
      return arena.alloc(bytes);
    }
    const granules = (bytes + 7) >> 3;
    let segment = wordOf(arena, stream, SEGMENT);
    if (
      segment === NULL_REF ||
      wordOf(arena, segment, 1) + granules > arena.capacity(segment) >> 3
    ) {
      const isLarge = this.#ids.count(stream) >= LARGE_FROM_NODES;
      segment = arena.alloc(isLarge ? LARGE_SEGMENT_BYTES : SEGMENT_BYTES);
      setWord(arena, segment, 0, 0);
      setWord(arena, segment, 1, SEGMENT_HEADER_GRANULES);
      setWord(arena, stream, SEGMENT, segment);
    }
    const distance = wordOf(arena, segment, 1);
    setWord(arena, segment, 0, wordOf(arena, segment, 0) + 0x10001);
    setWord(arena, segment, 1, distance + granules);
    this.#distance = distance;
    return segment + distance;
  }

  /** Makes a dense node a listpack again, in a block of its own. @returns the node. */
  unpack(stream: number, node: number, id: StreamId): number {
    const length = this.loadListpack(node, id);
    const unpacked = this.#arena.alloc(NODE_PREFIX_BYTES + length);
    this.initialize(unpacked);
    const target = this.#arena.bytes[unpacked >>> SLOT_SHIFT]!;
    copyBytes(target, StreamNodes.startOf(unpacked), this.listpack, 0, length);
    this.free(stream, node);
    return unpacked;
  }

  /** Loads the listpack of a dense node into `listpack`. @returns its bytes. */
  loadListpack(node: number, id: StreamId): number {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    return this.#unpacker.unpack(data, StreamNodes.startOf(node), id);
  }

  /** What `loadListpack` has loaded last, from the beginning. */
  get listpack(): Uint8Array {
    return this.#unpacker.bytes;
  }

  /**
   * After a node was deleted: moves what is left in its segment out when that is little, so that a
   * few entries that stay do not hold a whole segment. The neighbours of a node in the tree are
   * those in its segment. `cursor` stands where the node was; it does not change.
   */
  rescue(stream: number, segment: number, cursor: IdTreeCursor): void {
    const counts = wordOf(this.#arena, segment, 0);
    if ((counts & 0xffff) * 4 > counts >>> 16) return;
    if (wordOf(this.#arena, stream, SEGMENT) === segment) return;
    const { leaf, index } = cursor;
    const ids = this.#ids;
    let left = counts & 0xffff;
    let stands = cursor.isValid;
    while (stands && left > 0 && this.#moveOutOf(stream, segment, cursor)) {
      left--;
      stands = ids.next(cursor);
    }
    cursor.leaf = leaf;
    cursor.index = index;
    stands = leaf === NULL_REF ? ids.last(stream, cursor) : ids.previous(cursor);
    while (stands && left > 0 && this.#moveOutOf(stream, segment, cursor)) {
      left--;
      stands = ids.previous(cursor);
    }
    cursor.leaf = leaf;
    cursor.index = index;
  }

  #moveOutOf(stream: number, segment: number, cursor: IdTreeCursor): boolean {
    const node = this.#ids.valueAt(cursor);
    const distance = wordOf(this.#arena, node, 0);
    if (distance === 0 || node - distance !== segment) return false;
    this.#ids.setValueAt(cursor, this.#move(stream, node, this.#storedBytes(node)));
    return true;
  }

  /** True when one node is left in a segment. */
  isAlone(segment: number): boolean {
    return (wordOf(this.#arena, segment, 0) & 0xffff) === 1;
  }

  /** The segment that a node is packed in, or 0. */
  segmentOf(node: number): number {
    const distance = wordOf(this.#arena, node, 0);
    return distance === 0 ? NULL_REF : node - distance;
  }

  /** Entries that are not deleted. */
  entryCount(node: number): number {
    const word = wordOf(this.#arena, node, LENGTH);
    return isDenseNode(this.#arena, node) ? word >>> 16 : this.#integerAt(node, COUNT_POSITION);
  }

  /** Entries that are marked as deleted. */
  deletedCount(node: number): number {
    if (isDenseNode(this.#arena, node)) return wordOf(this.#arena, node, DELETED_WORD) & 0xffff;
    return this.#integerAt(node, this.#deletedPosition(node));
  }

  #deletedPosition(node: number): number {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    return COUNT_POSITION + elementBytesAt(data, StreamNodes.startOf(node) + COUNT_POSITION);
  }

  /** The integer of the element at `position` of the listpack, where it is known to be small. */
  #integerAt(node: number, position: number): number {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    return integerValueAt(data, StreamNodes.startOf(node) + position);
  }

  /**
   * Moves `deleted` from the node's count of entries to that of deleted ones.
   * @returns the node, which may be another one; then the old is gone.
   */
  countDeleted(stream: number, node: number, deleted: number): number {
    const arena = this.#arena;
    if (isDenseNode(arena, node)) {
      setWord(arena, node, LENGTH, (wordOf(arena, node, LENGTH) - (deleted << 16)) | 0);
      setWord(arena, node, DELETED_WORD, (wordOf(arena, node, DELETED_WORD) + deleted) | 0);
      return node;
    }
    const count = this.entryCount(node) - deleted;
    const out = this.#replaceInteger(stream, node, COUNT_POSITION, count);
    const position = this.#deletedPosition(out);
    return this.#replaceInteger(stream, out, position, this.#integerAt(out, position) + deleted);
  }

  /** Counts one entry more; there is room for a byte. @returns the node. */
  addEntry(stream: number, node: number): number {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const at = StreamNodes.startOf(node) + LISTPACK_HEADER_BYTES;
    const count = data[at]!;
    if (count < SMALL_COUNT) {
      data[at] = count + 1;
      return node;
    }
    const next = this.entryCount(node) + 1;
    return this.#replaceInteger(stream, node, COUNT_POSITION, next);
  }

  /**
   * Puts an exact integer in the place of the element at `position` of the listpack.
   * @returns the node, which may be another one; then the old is gone.
   */
  #replaceInteger(stream: number, node: number, position: number, value: number): number {
    const element = this.#element;
    element.setInteger(value);
    let data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    let at = StreamNodes.startOf(node) + position;
    const growth = element.size - elementBytesAt(data, at);
    if (growth === 0) {
      element.write(data, at, NO_BYTES, 0, 0);
      return node;
    }
    const out = growth > 0 ? this.reserve(stream, node, growth) : node;
    data = this.#arena.bytes[out >>> SLOT_SHIFT]!;
    at = StreamNodes.startOf(out) + position;
    const length = this.byteLength(out);
    const tail = at + element.size - growth;
    data.copyWithin(at + element.size, tail, StreamNodes.startOf(out) + length);
    element.write(data, at, NO_BYTES, 0, 0);
    setWord(this.#arena, out, LENGTH, length + growth);
    return out;
  }

  /** Bytes of all nodes' blocks of a stream; `samples` of them looked at, 0: all. */
  usedBytes(stream: number, cursor: IdTreeCursor, samples: number): number {
    const ids = this.#ids;
    const count = ids.count(stream);
    const looks = samples === 0 || samples > count ? count : samples;
    let bytes = 0;
    let stands = ids.first(stream, cursor);
    for (let i = 0; i < looks && stands; i++) {
      const node = ids.valueAt(cursor);
      const own = (this.#storedBytes(node) + 7) & ~7;
      bytes += this.isPacked(node) ? own : this.#arena.capacity(node);
      stands = ids.next(cursor);
    }
    return looks === 0 ? 0 : Math.round((bytes / looks) * count);
  }
}
