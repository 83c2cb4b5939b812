// The sets that SINTER, SUNION, SDIFF and their kind read, and the storing of what they find.

import { type Call, NOTIFY_SET } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { encodingOf, TYPE_SET, valueWordOf } from '../../structures/entry.ts';

/**
 * The entries of the sets in arguments `first` to `last`, 0 for keys that are missing; null when
 * one is of another type, which has been replied.
 */
export function findSets(call: Call, first: number, last: number): number[] | null {
  const refs: number[] = [];
  for (let i = first; i <= last; i++) {
    const ref = call.lookupRead(i);
    if (ref !== NULL_REF && !call.isType(ref, TYPE_SET)) return null;
    refs.push(ref);
  }
  return refs;
}

/**
 * Puts a result that no key holds at the key in argument 1 and replies with its size; an empty one
 * deletes the key. The result is used up.
 */
export function storeSet(call: Call, result: number, event: string): void {
  const { arena, values } = call.keyspace;
  const { sets } = values;
  const size = sets.count(result);
  if (size > 0) {
    call.replaceValue(1, TYPE_SET, encodingOf(arena, result), valueWordOf(arena, result));
    call.changed(1, NOTIFY_SET, event);
  } else {
    sets.free(result);
    call.deleteTarget(1);
  }
  arena.free(result);
  call.reply.integer(size);
}
