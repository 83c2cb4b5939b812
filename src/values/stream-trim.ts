// Deletes entries from the front of a stream: down to a length, or below an ID. Whole nodes are
// freed; what is left of the last one to be touched is marked entry by entry, unless the trimming
// may be approximate, which then stops.

import { type Arena, SLOT_SHIFT } from '../memory/arena.ts';
import { type IdTree, IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { DELETED, StreamCursor } from './stream-cursor.ts';
import type { StreamEntries } from './stream-entries.ts';
import { StreamNodes } from './stream-nodes.ts';
import { LENGTH, setWord, wordOf } from './stream-root.ts';

export const TRIM_NONE = 0;
export const TRIM_BY_LENGTH = 1;
export const TRIM_BY_ID = 2;

/** How to trim. Work space: filled again for each command. */
export class StreamTrim {
  strategy: number = TRIM_NONE;
  /** Only whole nodes are deleted. */
  isApproximate = false;
  /** Entries to delete at most; 0: no limit. */
  limit = 0;
  /** With TRIM_BY_LENGTH: entries that stay. */
  maxLength = 0;
  /** With TRIM_BY_ID: the smallest ID that stays. */
  readonly minId: StreamId = new StreamId();
}

export class StreamTrimmer {
  readonly #arena: Arena;
  readonly #ids: IdTree;
  readonly #nodes: StreamNodes;
  readonly #entries: StreamEntries;
  readonly #cursor: StreamCursor;
  readonly #place = new IdTreeCursor();
  readonly #nodeId = new StreamId();

  constructor(arena: Arena, ids: IdTree, nodes: StreamNodes, entries: StreamEntries) {
    this.#arena = arena;
    this.#ids = ids;
    this.#nodes = nodes;
    this.#entries = entries;
    this.#cursor = new StreamCursor(arena, ids);
  }

  /** Deletes entries and counts the length down. @returns how many. */
  trim(stream: number, trim: StreamTrim): number {
    const place = this.#place;
    let deleted = 0;
    while (this.#ids.first(stream, place)) {
      const length = this.#length(stream);
      const byLength = trim.strategy === TRIM_BY_LENGTH;
      if (byLength && length <= trim.maxLength) break;
      const node = this.#ids.valueAt(place);
      const entries = this.#nodes.entryCount(node);
      if (trim.limit > 0 && deleted + entries > trim.limit) break;
      this.#ids.idAt(place, this.#nodeId);
      const isWhole = byLength
        ? length - entries >= trim.maxLength
        : this.#lastIdOf(stream, place).compare(trim.minId) < 0;
      if (isWhole) {
        this.#entries.dropNode(stream, this.#nodeId);
        setWord(this.#arena, stream, LENGTH, length - entries);
        deleted += entries;
        continue;
      }
      if (!trim.isApproximate) deleted += this.#trimFirstNode(stream, node, trim);
      break;
    }
    return deleted;
  }

  #length(stream: number): number {
    return wordOf(this.#arena, stream, LENGTH) >>> 0;
  }

  /** The ID of the last entry of the node under the cursor, deleted or not. */
  #lastIdOf(stream: number, place: IdTreeCursor): StreamId {
    const cursor = this.#cursor;
    cursor.startAtEndOf(stream, place);
    cursor.next();
    return cursor.id;
  }

  /** Marks entries of the first node. @returns how many. */
  #trimFirstNode(stream: number, node: number, trim: StreamTrim): number {
    const cursor = this.#cursor;
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const start = StreamNodes.startOf(node);
    const length = this.#length(stream);
    let deleted = 0;
    cursor.startAll(stream, false, true);
    while (cursor.next() && cursor.node === node) {
      const isEnough =
        trim.strategy === TRIM_BY_LENGTH
          ? length - deleted <= trim.maxLength
          : cursor.id.compare(trim.minId) >= 0;
      if (isEnough) break;
      if ((cursor.flags & DELETED) !== 0) continue;
      const at = start + cursor.entryPosition;
      data[at] = data[at]! | DELETED;
      deleted++;
    }
    if (deleted === 0) return 0;
    setWord(this.#arena, stream, LENGTH, length - deleted);
    const changed = this.#nodes.countDeleted(stream, node, deleted);
    if (changed !== node) {
      this.#ids.first(stream, this.#place);
      this.#ids.setValueAt(this.#place, changed);
    }
    return deleted;
  }
}
