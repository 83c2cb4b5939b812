// Streams: entries of fields and values under IDs that only grow, and consumer groups. A root block
// (stream-root.ts) holds the counters and a tree of nodes, keyed by the IDs of their first entries;
// each is a listpack in Redis's own layout (stream-cursor.ts draws it), or, once it is full, its
// dense form (stream-dense.ts).
//
//   entry of the key -> root -> tree (structures/id-tree.ts) -> nodes (stream-nodes.ts)
//                            -> groups -> consumers, pending entries (stream-groups.ts)
//
// One object serves all streams of a keyspace. Functions take the root's reference as `stream`,
// which stays the same for the stream's life; those of ValueType take the entry's.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { valueWordOf } from '../structures/entry.ts';
import { ID_TREE_HEADER_BYTES, IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import type { Listpacks } from '../structures/listpack.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import { Counter64 } from './stream-counter.ts';
import { StreamCursor } from './stream-cursor.ts';
import { StreamEntries } from './stream-entries.ts';
import { StreamGroups } from './stream-groups.ts';
import type { StreamNames } from './stream-names.ts';
import { StreamNodes } from './stream-nodes.ts';
import { StreamProgress } from './stream-progress.ts';
import {
  ENTRIES_ADDED,
  FIRST_ID,
  GROUPS,
  LAST_ID,
  LENGTH,
  loadCounter,
  loadId,
  MAX_DELETED_ID,
  STREAM_COUNTER_WORDS,
  STREAM_ROOT_BYTES,
  setWord,
  storeCounter,
  storeId,
  wordOf,
} from './stream-root.ts';
import { type StreamTrim, StreamTrimmer } from './stream-trim.ts';
import { StreamWorkspace } from './stream-workspace.ts';
import type { ValueType } from './value-type.ts';

/** Bytes of a pending entry's block. */
const PENDING_BLOCK_BYTES = 24;

export class Streams implements ValueType {
  readonly ids: IdTree;
  readonly nodes: StreamNodes;
  readonly groups: StreamGroups;
  readonly progress: StreamProgress;
  readonly work: StreamWorkspace;
  readonly #arena: Arena;
  readonly #entries: StreamEntries;
  readonly #trimmer: StreamTrimmer;
  readonly #cursor: StreamCursor;
  readonly #place = new IdTreeCursor();
  readonly #id = new StreamId();
  readonly #sealedId = new StreamId();
  readonly #counter = new Counter64();

  constructor(arena: Arena, listpacks: Listpacks, limits: EncodingLimits) {
    this.#arena = arena;
    this.ids = new IdTree(arena);
    this.nodes = new StreamNodes(arena, this.ids);
    this.groups = new StreamGroups(arena, this.ids);
    this.progress = new StreamProgress(arena, this.groups);
    this.work = new StreamWorkspace(arena, this.ids);
    this.#entries = new StreamEntries(arena, this.ids, this.nodes, listpacks, limits);
    this.#cursor = new StreamCursor(arena, this.ids);
    this.#trimmer = new StreamTrimmer(arena, this.ids, this.nodes, this.#entries);
  }

  /** The root of an empty stream. */
  create(): number {
    const stream = this.#arena.alloc(STREAM_ROOT_BYTES);
    const at = (stream & GRANULE_MASK) << 1;
    this.#arena.words[stream >>> SLOT_SHIFT]!.fill(0, at, at + STREAM_ROOT_BYTES / 4);
    return stream;
  }

  // --- fields of the root

  length(stream: number): number {
    return wordOf(this.#arena, stream, LENGTH) >>> 0;
  }

  /** The largest ID ever used; no new one may be below it. */
  loadLastId(stream: number, id: StreamId): void {
    loadId(this.#arena, stream, LAST_ID, id);
  }

  setLastId(stream: number, id: StreamId): void {
    storeId(this.#arena, stream, LAST_ID, id);
  }

  /** The first entry's ID; 0-0 in an empty stream. */
  loadFirstId(stream: number, id: StreamId): void {
    loadId(this.#arena, stream, FIRST_ID, id);
  }

  setFirstId(stream: number, id: StreamId): void {
    storeId(this.#arena, stream, FIRST_ID, id);
  }

  /** The largest ID that XDEL has deleted. */
  loadMaxDeletedId(stream: number, id: StreamId): void {
    loadId(this.#arena, stream, MAX_DELETED_ID, id);
  }

  setMaxDeletedId(stream: number, id: StreamId): void {
    storeId(this.#arena, stream, MAX_DELETED_ID, id);
  }

  /** Entries ever added. */
  loadEntriesAdded(stream: number, to: Counter64): void {
    loadCounter(this.#arena, stream, ENTRIES_ADDED, to);
  }

  setEntriesAdded(stream: number, from: Counter64): void {
    storeCounter(this.#arena, stream, ENTRIES_ADDED, from);
  }

  /** Sets last, first and largest deleted ID and the entries added, as words in this order. */
  setCounters(stream: number, counters: Int32Array): void {
    const words = this.#arena.words[stream >>> SLOT_SHIFT]!;
    const at = ((stream & GRANULE_MASK) << 1) + LAST_ID;
    for (let i = 0; i < STREAM_COUNTER_WORDS; i++) words[at + i] = counters[i]!;
  }

  loadCounters(stream: number, counters: Int32Array): void {
    const words = this.#arena.words[stream >>> SLOT_SHIFT]!;
    const at = ((stream & GRANULE_MASK) << 1) + LAST_ID;
    for (let i = 0; i < STREAM_COUNTER_WORDS; i++) counters[i] = words[at + i]!;
  }

  // --- entries

  /**
   * Adds an entry; its ID must be above the last one's. Fields and values alternate in `bytes` at
   * `offsets` and `lengths`, `fieldCount` pairs from index `first` on, `textBytes` in all.
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
    this.#entries.append(stream, id, bytes, offsets, lengths, first, fieldCount, textBytes);
    const words = this.#arena.words[stream >>> SLOT_SHIFT]!;
    const at = (stream & GRANULE_MASK) << 1;
    const length = words[at + LENGTH]! + 1;
    words[at + LENGTH] = length;
    id.store(words, at + LAST_ID);
    if (length === 1) id.store(words, at + FIRST_ID);
    const added = (words[at + ENTRIES_ADDED + 1]! + 1) | 0;
    words[at + ENTRIES_ADDED + 1] = added;
    if (added === 0) words[at + ENTRIES_ADDED] = words[at + ENTRIES_ADDED]! + 1;
  }

  /**
   * Adds a whole node of entries behind the others, for loading.
   * @param node a block that becomes the stream's: a sound listpack behind NODE_PREFIX_BYTES.
   */
  appendNode(stream: number, nodeId: StreamId, node: number): void {
    this.nodes.initialize(node);
    this.#sealLast(stream);
    this.ids.insert(stream, nodeId, node);
  }

  #sealLast(stream: number): void {
    const place = this.#place;
    if (!this.ids.last(stream, place)) return;
    this.ids.idAt(place, this.#sealedId);
    this.ids.setValueAt(place, this.nodes.seal(stream, this.ids.valueAt(place), this.#sealedId));
  }

  setLength(stream: number, length: number): void {
    setWord(this.#arena, stream, LENGTH, length);
  }

  /** The ID of the first or last entry. @returns false, and the farthest ID, when there is none. */
  loadEdgeId(stream: number, isLast: boolean, withDeleted: boolean, id: StreamId): boolean {
    const cursor = this.#cursor;
    cursor.startAll(stream, isLast, withDeleted);
    if (cursor.next()) {
      id.copyFrom(cursor.id);
      return true;
    }
    if (isLast) id.setMinimum();
    else id.setMaximum();
    return false;
  }

  /** True when an entry has this ID and is not deleted. */
  has(stream: number, id: StreamId): boolean {
    this.#cursor.start(stream, id, id, false);
    return this.#cursor.next();
  }

  /** Deletes an entry; `updateFirstId` must follow. @returns false when there is none. */
  delete(stream: number, id: StreamId): boolean {
    const cursor = this.#cursor;
    cursor.start(stream, id, id, false);
    if (!cursor.next()) return false;
    cursor.copyNodeId(this.#id);
    this.#entries.delete(stream, this.#id, cursor.node, cursor.entryPosition);
    this.setLength(stream, this.length(stream) - 1);
    return true;
  }

  /** Deletes entries from the front. @returns how many. */
  trim(stream: number, trim: StreamTrim): number {
    const deleted = this.#trimmer.trim(stream, trim);
    if (deleted > 0 || this.length(stream) === 0) this.updateFirstId(stream);
    return deleted;
  }

  /** Finds the first entry anew, after entries were deleted. */
  updateFirstId(stream: number): void {
    if (this.length(stream) === 0) this.#id.setMinimum();
    else this.loadEdgeId(stream, false, false, this.#id);
    this.setFirstId(stream, this.#id);
  }

  // --- ValueType

  count(ref: number): number {
    return this.length(valueWordOf(this.#arena, ref));
  }

  free(ref: number): void {
    for (let stream = valueWordOf(this.#arena, ref); stream !== NULL_REF; ) {
      stream = this.freeSome(0, stream, 1 << 20);
    }
  }

  freeEffort(ref: number): number {
    const stream = valueWordOf(this.#arena, ref);
    let effort = this.ids.count(stream);
    for (let i = this.groups.groupCount(stream) - 1; i >= 0; i--) {
      const group = this.groups.groupAt(stream, i);
      effort += this.ids.count(this.groups.pendingOfGroup(group));
      effort += this.groups.consumerCount(group);
    }
    return effort;
  }

  freeSome(_encoding: number, stream: number, budget: number): number {
    let left = budget;
    const { groups } = this;
    while (groups.groupCount(stream) > 0) {
      const group = groups.groupAt(stream, groups.groupCount(stream) - 1);
      left -= groups.freePending(group, left);
      if (left <= 0) return stream;
      groups.freeLastGroup(stream);
      left--;
    }
    for (; left > 0; left--) {
      const node = this.ids.takeLast(stream);
      if (node === NULL_REF) {
        this.#arena.free(stream);
        return NULL_REF;
      }
      this.nodes.free(stream, node);
    }
    return stream;
  }

  copy(ref: number): number {
    const arena = this.#arena;
    const from = valueWordOf(arena, ref);
    const to = this.create();
    const place = new IdTreeCursor();
    const { ids } = this;
    for (let stands = ids.first(from, place); stands; stands = ids.next(place)) {
      ids.idAt(place, this.#id);
      this.#sealLast(to);
      ids.insert(to, this.#id, this.nodes.copy(to, ids.valueAt(place)));
    }
    for (let field = ID_TREE_HEADER_BYTES / 4; field <= LENGTH; field++) {
      setWord(arena, to, field, wordOf(arena, from, field));
    }
    for (let i = 0; i < this.groups.groupCount(from); i++) this.#copyGroup(from, to, i);
    return to;
  }

  #copyGroup(from: number, to: number, index: number): void {
    const { groups, ids } = this;
    const source = groups.groupAt(from, index);
    const name = this.#copyName(source, groups.groups);
    groups.loadLastId(source, this.#id);
    groups.loadEntriesRead(source, this.#counter);
    groups.findGroup(to, name, 0, name.length);
    const group = groups.createGroup(to, name, 0, name.length, this.#id, this.#counter);
    const place = new IdTreeCursor();
    for (let i = 0; i < groups.consumerCount(source); i++) {
      const sourceConsumer = groups.consumerAt(source, i);
      const text = this.#copyName(sourceConsumer, groups.consumers);
      groups.findConsumer(group, text, 0, text.length);
      const seen = groups.seenTimeOf(sourceConsumer);
      const consumer = groups.createConsumer(group, text, 0, text.length, seen);
      groups.setActiveTime(consumer, groups.activeTimeOf(sourceConsumer));
      const tree = groups.pendingOfConsumer(sourceConsumer);
      for (let stands = ids.first(tree, place); stands; stands = ids.next(place)) {
        ids.idAt(place, this.#id);
        const pending = ids.valueAt(place);
        const copied = groups.deliver(group, consumer, this.#id, groups.pending.timeOf(pending));
        groups.pending.loadDeliveries(pending, this.#counter);
        groups.pending.storeDeliveries(copied, this.#counter);
      }
    }
  }

  #copyName(block: number, names: StreamNames): Uint8Array {
    const start = names.nameStart(block);
    const bytes = this.#arena.bytes[block >>> SLOT_SHIFT]!;
    return bytes.slice(start, start + names.nameLength(block));
  }

  usedBytes(ref: number, samples: number): number {
    const arena = this.#arena;
    const stream = valueWordOf(arena, ref);
    const { groups, ids, nodes } = this;
    let bytes = arena.capacity(stream) + ids.usedBytes(stream);
    bytes += nodes.usedBytes(stream, this.#place, samples);
    bytes += groups.groups.usedBytes(wordOf(arena, stream, GROUPS));
    for (let i = groups.groupCount(stream) - 1; i >= 0; i--) {
      const group = groups.groupAt(stream, i);
      const tree = groups.pendingOfGroup(group);
      bytes += arena.capacity(group) + ids.usedBytes(tree);
      bytes += ids.count(tree) * PENDING_BLOCK_BYTES;
      for (let j = groups.consumerCount(group) - 1; j >= 0; j--) {
        const consumer = groups.consumerAt(group, j);
        bytes += arena.capacity(consumer) + ids.usedBytes(groups.pendingOfConsumer(consumer));
      }
    }
    return bytes;
  }
}
