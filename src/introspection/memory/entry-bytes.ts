// How many bytes of the arena a key takes with its value.

import type { Arena } from '../../memory/arena.ts';
import { hasExpiry, isOutline, valueWordOf } from '../../structures/entry.ts';

/** A bucket of the table, and a position in the heap of expiries. */
const BUCKET_BYTES = 4;
const HEAP_POSITION_BYTES = 12;

/** Bytes of an entry's blocks: the key, and the value wherever it lies. */
export function bytesOfEntry(arena: Arena, ref: number): number {
  const own = arena.capacity(ref);
  return isOutline(arena, ref) ? own + arena.capacity(valueWordOf(arena, ref)) : own;
}

/** All that a key costs: its blocks, its bucket, and its expiry. */
export function bytesOfKey(arena: Arena, ref: number): number {
  return (
    bytesOfEntry(arena, ref) + BUCKET_BYTES + (hasExpiry(arena, ref) ? HEAP_POSITION_BYTES : 0)
  );
}
