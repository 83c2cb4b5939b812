// Consumer groups of streams: what each has read, its consumers, and the entries that wait for an
// acknowledgement. Groups and consumers are blocks that never move; tables of names
// (stream-names.ts) find them.
//
//   group:    | name bytes | consumers | last ID, 4 words | entries read, 2 | pending tree, 6 | name |
//   consumer: | name bytes | - | seen at, 2 | active at, 2 | pending tree, 6 | name |
//
// A pending entry is in the tree of its group and in that of its consumer (stream-pending.ts). The
// stream owns the groups, a group its consumers and its pending entries.

import { copyBytes } from '../bytes/copy.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { type IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import type { Counter64 } from './stream-counter.ts';
import { StreamNames } from './stream-names.ts';
import { PendingEntries, setTimeAt, timeAt } from './stream-pending.ts';
import {
  GROUPS,
  loadCounter,
  loadId,
  setWord,
  storeCounter,
  storeId,
  wordOf,
} from './stream-root.ts';

const GROUP_NAME_OFFSET = 56;
const CONSUMERS = 1;
const GROUP_LAST_ID = 2;
const ENTRIES_READ = 6;
/** Granules from a group's or consumer's start to the header of its pending tree. */
const GROUP_PENDING = 4;
const CONSUMER_NAME_OFFSET = 48;
const SEEN_TIME = 2;
const ACTIVE_TIME = 4;
const CONSUMER_PENDING = 3;
/** The active time of a consumer that never got an entry. */
const NEVER = -1;

export class StreamGroups {
  readonly groups: StreamNames;
  readonly consumers: StreamNames;
  readonly pending: PendingEntries;
  readonly #arena: Arena;
  readonly #ids: IdTree;
  readonly #place = new IdTreeCursor();
  readonly #id = new StreamId();

  constructor(arena: Arena, ids: IdTree) {
    this.#arena = arena;
    this.#ids = ids;
    this.groups = new StreamNames(arena, GROUP_NAME_OFFSET);
    this.consumers = new StreamNames(arena, CONSUMER_NAME_OFFSET);
    this.pending = new PendingEntries(arena);
  }

  // --- groups

  /** Number of groups of a stream. */
  groupCount(stream: number): number {
    return this.groups.count(wordOf(this.#arena, stream, GROUPS));
  }

  /** Group number `index` in the order of names. */
  groupAt(stream: number, index: number): number {
    return this.groups.at(wordOf(this.#arena, stream, GROUPS), index);
  }

  /** The group with a name, or 0. */
  findGroup(stream: number, bytes: Uint8Array, offset: number, length: number): number {
    return this.groups.find(wordOf(this.#arena, stream, GROUPS), bytes, offset, length);
  }

  /** Makes a group; `findGroup` has just not found its name. The bytes may not lie in the arena. */
  createGroup(
    stream: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    lastId: StreamId,
    entriesRead: Counter64,
  ): number {
    const group = this.#named(GROUP_NAME_OFFSET, bytes, offset, length);
    setWord(this.#arena, group, CONSUMERS, NULL_REF);
    storeId(this.#arena, group, GROUP_LAST_ID, lastId);
    storeCounter(this.#arena, group, ENTRIES_READ, entriesRead);
    this.#ids.initialize(this.pendingOfGroup(group));
    const table = this.groups.insert(wordOf(this.#arena, stream, GROUPS), group);
    setWord(this.#arena, stream, GROUPS, table);
    return group;
  }

  #named(nameOffset: number, bytes: Uint8Array, offset: number, length: number): number {
    const block = this.#arena.alloc(nameOffset + length);
    setWord(this.#arena, block, 0, length);
    const start = ((block & GRANULE_MASK) << 3) + nameOffset;
    copyBytes(this.#arena.bytes[block >>> SLOT_SHIFT]!, start, bytes, offset, length);
    return block;
  }

  /** Deletes a group that `findGroup` has just found, with all that belongs to it. */
  deleteGroup(stream: number, group: number): void {
    const table = wordOf(this.#arena, stream, GROUPS);
    setWord(this.#arena, stream, GROUPS, this.groups.removeAt(table, this.groups.index));
    while (this.freePending(group, 1000) > 0);
    this.#freeGroup(group);
  }

  /** Frees a group that has no pending entries any more. */
  #freeGroup(group: number): void {
    const table = wordOf(this.#arena, group, CONSUMERS);
    for (let i = this.consumers.count(table) - 1; i >= 0; i--) {
      const consumer = this.consumers.at(table, i);
      this.#ids.clear(this.pendingOfConsumer(consumer));
      this.#arena.free(consumer);
    }
    if (table !== NULL_REF) this.#arena.free(table);
    this.#arena.free(group);
  }

  /**
   * Frees up to `budget` pending entries of a group that is being deleted; those of its consumers'
   * trees stay behind, to be cleared.
   * @returns how many there were.
   */
  freePending(group: number, budget: number): number {
    const tree = this.pendingOfGroup(group);
    let freed = 0;
    for (; freed < budget; freed++) {
      const pending = this.#ids.takeLast(tree);
      if (pending === NULL_REF) break;
      this.pending.free(pending);
    }
    return freed;
  }

  /** Takes the last group off a stream that is being deleted, once its pending entries are gone. */
  freeLastGroup(stream: number): void {
    const table = wordOf(this.#arena, stream, GROUPS);
    const index = this.groups.count(table) - 1;
    const group = this.groups.at(table, index);
    setWord(this.#arena, stream, GROUPS, this.groups.removeAt(table, index));
    this.#freeGroup(group);
  }

  /** The tree of a group's pending entries. */
  pendingOfGroup(group: number): number {
    return group + GROUP_PENDING;
  }

  loadLastId(group: number, id: StreamId): void {
    loadId(this.#arena, group, GROUP_LAST_ID, id);
  }

  storeLastId(group: number, id: StreamId): void {
    storeId(this.#arena, group, GROUP_LAST_ID, id);
  }

  /** How many entries of the stream the group has read; -1 when that is not known. */
  loadEntriesRead(group: number, to: Counter64): void {
    loadCounter(this.#arena, group, ENTRIES_READ, to);
  }

  storeEntriesRead(group: number, from: Counter64): void {
    storeCounter(this.#arena, group, ENTRIES_READ, from);
  }

  // --- consumers

  consumerCount(group: number): number {
    return this.consumers.count(wordOf(this.#arena, group, CONSUMERS));
  }

  /** Consumer number `index` in the order of names. */
  consumerAt(group: number, index: number): number {
    return this.consumers.at(wordOf(this.#arena, group, CONSUMERS), index);
  }

  /** The consumer with a name, or 0. */
  findConsumer(group: number, bytes: Uint8Array, offset: number, length: number): number {
    return this.consumers.find(wordOf(this.#arena, group, CONSUMERS), bytes, offset, length);
  }

  /** Makes a consumer, seen now; `findConsumer` has just not found its name. */
  createConsumer(
    group: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    nowMs: number,
  ): number {
    const consumer = this.#named(CONSUMER_NAME_OFFSET, bytes, offset, length);
    setWord(this.#arena, consumer, 1, 0);
    this.setSeenTime(consumer, nowMs);
    this.setActiveTime(consumer, NEVER);
    this.#ids.initialize(this.pendingOfConsumer(consumer));
    const table = this.consumers.insert(wordOf(this.#arena, group, CONSUMERS), consumer);
    setWord(this.#arena, group, CONSUMERS, table);
    return consumer;
  }

  /** Deletes a consumer that `findConsumer` has just found, with its pending entries. */
  deleteConsumer(group: number, consumer: number): void {
    const ids = this.#ids;
    const own = this.pendingOfConsumer(consumer);
    const all = this.pendingOfGroup(group);
    for (let found = ids.first(own, this.#place); found; found = ids.next(this.#place)) {
      ids.idAt(this.#place, this.#id);
      this.pending.free(ids.delete(all, this.#id));
    }
    ids.clear(own);
    const table = wordOf(this.#arena, group, CONSUMERS);
    setWord(this.#arena, group, CONSUMERS, this.consumers.removeAt(table, this.consumers.index));
    this.#arena.free(consumer);
  }

  /** The tree of a consumer's pending entries. */
  pendingOfConsumer(consumer: number): number {
    return consumer + CONSUMER_PENDING;
  }

  /** When the consumer asked last, in ms of the Unix epoch. */
  seenTimeOf(consumer: number): number {
    return timeAt(this.#arena, consumer, SEEN_TIME);
  }

  setSeenTime(consumer: number, timeMs: number): void {
    setTimeAt(this.#arena, consumer, SEEN_TIME, timeMs);
  }

  /** When the consumer got an entry last; -1: never. */
  activeTimeOf(consumer: number): number {
    return timeAt(this.#arena, consumer, ACTIVE_TIME);
  }

  setActiveTime(consumer: number, timeMs: number): void {
    setTimeAt(this.#arena, consumer, ACTIVE_TIME, timeMs);
  }

  // --- pending entries

  /**
   * Notes that an entry was delivered to a consumer, now and for the first time, whoever had it
   * before.
   * @returns the pending entry.
   */
  deliver(group: number, consumer: number, id: StreamId, nowMs: number): number {
    const created = this.pending.create(consumer, nowMs);
    const present = this.#ids.insert(this.pendingOfGroup(group), id, created);
    if (present === NULL_REF) {
      this.#ids.insert(this.pendingOfConsumer(consumer), id, created);
      return created;
    }
    this.pending.free(created);
    this.assign(present, consumer, id);
    this.pending.setTime(present, nowMs);
    this.pending.resetDeliveries(present);
    return present;
  }

  /** Hands a pending entry of the group to a consumer; it may have none yet. */
  assign(pending: number, consumer: number, id: StreamId): void {
    const before = this.pending.consumerOf(pending);
    if (before === consumer) return;
    if (before !== NULL_REF) this.#ids.delete(this.pendingOfConsumer(before), id);
    this.#ids.insert(this.pendingOfConsumer(consumer), id, pending);
    this.pending.setConsumer(pending, consumer);
  }

  /** Adds a pending entry without a consumer to a group, where none is at this ID. */
  addPending(group: number, id: StreamId, nowMs: number): number {
    const pending = this.pending.create(NULL_REF, nowMs);
    this.#ids.insert(this.pendingOfGroup(group), id, pending);
    return pending;
  }

  /** Forgets a pending entry, acknowledged or gone. @returns false when there is none. */
  acknowledge(group: number, id: StreamId): boolean {
    const pending = this.#ids.delete(this.pendingOfGroup(group), id);
    if (pending === NULL_REF) return false;
    this.#ids.delete(this.pendingOfConsumer(this.pending.consumerOf(pending)), id);
    this.pending.free(pending);
    return true;
  }
}
