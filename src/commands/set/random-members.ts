// Distinct members of a set chosen at random, each with the same chance: what SRANDMEMBER and SPOP
// with a count need.

import type { Call } from '../../engine/call.ts';
import { ENCODING_HASHTABLE, encodingOf, valueWordOf } from '../../structures/entry.ts';
import type { SetCursor } from '../../values/set-cursor.ts';

/**
 * Below a third of the members, drawing until enough are different is cheaper than a list of all.
 */
const DRAW_PART = 3;

/**
 * Handles of `count` distinct members (fewer than there are), for `cursor`, which has begun with
 * the set.
 */
export function randomHandles(call: Call, ref: number, cursor: SetCursor, count: number): number[] {
  const { arena, values, randomBelow } = call.keyspace;
  const { sets } = values;
  const size = sets.count(ref);
  if (encodingOf(arena, ref) === ENCODING_HASHTABLE && count * DRAW_PART < size) {
    const drawn = new Set<number>();
    const root = valueWordOf(arena, ref);
    while (drawn.size < count) drawn.add(sets.tables.random(root, randomBelow));
    return [...drawn];
  }
  const handles: number[] = [];
  while (cursor.next()) handles.push(cursor.handle);
  for (let i = 0; i < count; i++) {
    const other = i + randomBelow(size - i);
    const handle = handles[other]!;
    handles[other] = handles[i]!;
    handles[i] = handle;
  }
  handles.length = count;
  return handles;
}
