// After members have gone: the key that became empty goes too, and whoever listens is told.

import { type Call, NOTIFY_GENERIC, NOTIFY_ZSET } from '../../engine/call.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import type { SortedSet } from '../../values/sorted-set.ts';

/**
 * Tells of `count` members, at least one, that were taken out of the set at the key in argument
 * `i`; `found` is the last lookup of that key.
 */
export function tellRemoved(
  call: Call,
  i: number,
  found: number,
  set: SortedSet,
  event: string,
  count: number,
): void {
  const isEmpty = set.count === 0;
  if (isEmpty) call.db.removeFound(found);
  call.changed(i, NOTIFY_ZSET, event, count);
  if (isEmpty) call.notify(NOTIFY_GENERIC, 'del', i);
}

/**
 * Puts the set that was built under the key in argument `i`, whatever was there, or deletes the key
 * when nothing came out.
 * @returns the number of members.
 */
export function storeResult(call: Call, i: number, set: SortedSet, event: string): number {
  const { count } = set;
  if (count > 0) {
    call.replaceValue(i, TYPE_ZSET, set.encoding, set.root);
    call.changed(i, NOTIFY_ZSET, event);
    return count;
  }
  set.free();
  call.deleteTarget(i);
  return 0;
}
