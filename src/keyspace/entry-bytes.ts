// How many bytes of the arena a key takes with its value.

import { hasExpiry, isOutline, TYPE_STRING, typeOf, valueWordOf } from '../structures/entry.ts';
import type { Keyspace } from './keyspace.ts';

/** A bucket of the table, and a position in the heap of expiries. */
const BUCKET_BYTES = 4;
const HEAP_POSITION_BYTES = 12;

/**
 * Bytes of an entry's blocks: the key, and the value wherever it lies.
 * @param samples elements of a large value to look at; 0 looks at all.
 */
export function bytesOfEntry(keyspace: Keyspace, ref: number, samples = 0): number {
  const { arena, values } = keyspace;
  const own = arena.capacity(ref);
  if (!isOutline(arena, ref)) return own;
  const type = typeOf(arena, ref);
  if (type === TYPE_STRING) return own + arena.capacity(valueWordOf(arena, ref));
  return own + values.of(type).usedBytes(ref, samples);
}

/** All that a key costs: its blocks, its bucket, and its expiry. */
export function bytesOfKey(keyspace: Keyspace, ref: number, samples: number): number {
  const expiryBytes = hasExpiry(keyspace.arena, ref) ? HEAP_POSITION_BYTES : 0;
  return bytesOfEntry(keyspace, ref, samples) + BUCKET_BYTES + expiryBytes;
}
