// Where things lie in a stream's root block, and how its fields are read and written. The entry's
// value word names this block; it never moves. All classes of src/values/stream*.ts take its
// reference as `stream`. See docs/internals/stream.md.
//
//   | tree of nodes, 6 words | last ID, 4 | first ID, 4 | largest deleted ID, 4 | entries added, 2 |
//   | length | segment | groups | - |

import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import type { StreamId } from '../structures/id-tree-id.ts';
import type { Counter64 } from './stream-counter.ts';

export const STREAM_ROOT_BYTES = 96;

/** The words of IDs and of the counter. */
export const LAST_ID = 6;
export const FIRST_ID = 10;
export const MAX_DELETED_ID = 14;
export const ENTRIES_ADDED = 18;
/** Words from LAST_ID on to the end of the counter. */
export const STREAM_COUNTER_WORDS = 14;
/** Entries that are not deleted. */
export const LENGTH = 20;
/** The block that full nodes are packed into, or 0. */
export const SEGMENT = 21;
/** The table of consumer groups, or 0. */
export const GROUPS = 22;

export function loadId(arena: Arena, block: number, field: number, id: StreamId): void {
  id.load(arena.words[block >>> SLOT_SHIFT]!, ((block & GRANULE_MASK) << 1) + field);
}

export function storeId(arena: Arena, block: number, field: number, id: StreamId): void {
  id.store(arena.words[block >>> SLOT_SHIFT]!, ((block & GRANULE_MASK) << 1) + field);
}

export function loadCounter(arena: Arena, block: number, field: number, to: Counter64): void {
  to.load(arena.words[block >>> SLOT_SHIFT]!, ((block & GRANULE_MASK) << 1) + field);
}

export function storeCounter(arena: Arena, block: number, field: number, from: Counter64): void {
  from.store(arena.words[block >>> SLOT_SHIFT]!, ((block & GRANULE_MASK) << 1) + field);
}

export function wordOf(arena: Arena, block: number, field: number): number {
  return arena.words[block >>> SLOT_SHIFT]![((block & GRANULE_MASK) << 1) + field]!;
}

export function setWord(arena: Arena, block: number, field: number, value: number): void {
  arena.words[block >>> SLOT_SHIFT]![((block & GRANULE_MASK) << 1) + field] = value;
}
