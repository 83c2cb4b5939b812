// How far a consumer group has come in its stream: the count of entries that it has read, and its
// lag. Redis keeps the count while no deleted entry lies ahead and otherwise derives it from the
// ID, where that can be done; XINFO shows both.

import type { Arena } from '../memory/arena.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { Counter64 } from './stream-counter.ts';
import type { StreamGroups } from './stream-groups.ts';
import {
  ENTRIES_ADDED,
  FIRST_ID,
  LAST_ID,
  LENGTH,
  loadCounter,
  loadId,
  MAX_DELETED_ID,
  wordOf,
} from './stream-root.ts';

export class StreamProgress {
  readonly #arena: Arena;
  readonly #groups: StreamGroups;
  readonly #first = new StreamId();
  readonly #edge = new StreamId();
  readonly #lastId = new StreamId();
  readonly #count = new Counter64();
  readonly #length = new Counter64();

  constructor(arena: Arena, groups: StreamGroups) {
    this.#arena = arena;
    this.#groups = groups;
  }

  /** Notes that a group was given the entry `id`, if that is beyond its last one. */
  advance(stream: number, group: number, id: StreamId): boolean {
    const groups = this.#groups;
    groups.loadLastId(group, this.#edge);
    if (id.compare(this.#edge) <= 0) return false;
    const count = this.#count;
    groups.loadEntriesRead(group, count);
    if (!count.isUnknown && !this.hasDeletedFrom(stream, id)) {
      count.increment();
      groups.storeEntriesRead(group, count);
    } else {
      loadCounter(this.#arena, stream, ENTRIES_ADDED, count);
      if (!count.isZero) {
        this.estimateRead(stream, id, count);
        groups.storeEntriesRead(group, count);
      }
    }
    groups.storeLastId(group, id);
    return true;
  }

  /** True when an entry from `id` on may have been deleted while older ones are there. */
  hasDeletedFrom(stream: number, id: StreamId): boolean {
    const arena = this.#arena;
    if (wordOf(arena, stream, LENGTH) === 0) return false;
    loadId(arena, stream, MAX_DELETED_ID, this.#edge);
    if (this.#edge.isZero) return false;
    loadId(arena, stream, FIRST_ID, this.#first);
    return this.#first.compare(this.#edge) <= 0 && id.compare(this.#edge) <= 0;
  }

  /**
   * The number of entries ever added up to `id`; -1 where the stream cannot tell.
   * @param out receives it.
   */
  estimateRead(stream: number, id: StreamId, out: Counter64): void {
    const arena = this.#arena;
    loadCounter(arena, stream, ENTRIES_ADDED, out);
    if (out.isZero) return;
    const length = wordOf(arena, stream, LENGTH) >>> 0;
    loadId(arena, stream, LAST_ID, this.#edge);
    const order = id.compare(this.#edge);
    if (order === 0 || (order < 0 && length === 0)) return;
    loadId(arena, stream, FIRST_ID, this.#first);
    loadId(arena, stream, MAX_DELETED_ID, this.#edge);
    const isWhole = this.#edge.isZero || this.#edge.compare(this.#first) < 0;
    const firstOrder = id.compare(this.#first);
    if (order > 0 || !isWhole || firstOrder > 0) {
      out.set(-1);
      return;
    }
    this.#length.set(length);
    out.subtract(this.#length);
    if (firstOrder === 0) out.increment();
  }

  /**
   * How many entries a group has still to read.
   * @param out receives it.
   * @returns false when the stream cannot tell.
   */
  lag(stream: number, group: number, out: Counter64): boolean {
    loadCounter(this.#arena, stream, ENTRIES_ADDED, out);
    if (out.isZero) return true;
    const read = this.#count;
    const last = this.#lastId;
    this.#groups.loadLastId(group, last);
    this.#groups.loadEntriesRead(group, read);
    if (read.isUnknown || this.hasDeletedFrom(stream, last)) {
      this.estimateRead(stream, last, read);
      if (read.isUnknown) return false;
    }
    out.subtract(read);
    return true;
  }
}
