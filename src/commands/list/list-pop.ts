// Taking elements from a list and telling of it: what the popping commands share, and the reply of
// a range.

import { type Call, NOTIFY_GENERIC, NOTIFY_LIST } from '../../engine/call.ts';
import { replyListpack } from '../../engine/listpack-reply.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { PackedElements } from '../../structures/packed-elements.ts';
import type { Quicklists } from '../../structures/quicklist.ts';

/**
 * Writes an array of `count` elements that are there, beginning with number `first` (negative from
 * the end) and going towards the tail or the head.
 */
export function replyElements(
  call: Call,
  ref: number,
  first: number,
  count: number,
  forward: boolean,
): void {
  const { reply } = call;
  const { lists } = call.keyspace.values;
  const { cursor } = lists;
  reply.array(count);
  lists.seek(ref, first);
  let left = count;
  while (left > 0) {
    if (forward && cursor.listpack !== NULL_REF) {
      left -= replyListpack(call, cursor.listpack, cursor.position, left, 0);
      if (left > 0) left = replyPackedNodes(call, cursor, left);
      continue;
    }
    cursor.get();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    left--;
    if (forward) cursor.next();
    else cursor.previous();
  }
}

/**
 * Writes the elements of the packed nodes behind the one at hand that are wanted whole, as they
 * lie, and puts the cursor on what follows them.
 * @param wanted elements that are wanted from there on, at least one.
 * @returns how many are still wanted.
 */
function replyPackedNodes(call: Call, cursor: Quicklists, wanted: number): number {
  const { reply, keyspace } = call;
  const { nodes } = cursor;
  let left = wanted;
  let node = nodes.next(cursor.node);
  while (node !== NULL_REF && nodes.isPacked(node) && nodes.elements(node) <= left) {
    const elements = call.workspace(createPackedElements);
    elements.begin(keyspace.arena, nodes.content(node));
    const count = nodes.elements(node);
    for (let i = 0; i < count; i++) {
      if (elements.next()) reply.bulkInteger(elements.integer);
      else reply.bulk(elements.text, 0, elements.length);
    }
    left -= count;
    node = nodes.next(node);
  }
  cursor.enter(node, true);
  return left;
}

function createPackedElements(): PackedElements {
  return new PackedElements();
}

/**
 * Tells that `count` elements were removed from the list at the key in argument `keyIndex`, and
 * deletes the key when none is left. The key is the one that was looked up last.
 * @param event the notification: lpop, rpop, lrem.
 */
export function elementsRemoved(
  call: Call,
  ref: number,
  keyIndex: number,
  event: string,
  count: number,
): void {
  const { lists } = call.keyspace.values;
  if (lists.count(ref) > 0) {
    lists.shrunk(ref);
    call.changed(keyIndex, NOTIFY_LIST, event, count);
    return;
  }
  call.db.removeFound(ref);
  call.changed(keyIndex, NOTIFY_LIST, event, count);
  call.notify(NOTIFY_GENERIC, 'del', keyIndex);
}

/** Pops an element and writes it; the key is the one that was looked up last. */
export function popOne(call: Call, ref: number, keyIndex: number, atHead: boolean): void {
  const { lists } = call.keyspace.values;
  const { cursor } = lists;
  const isAt = lists.getEnd(ref, atHead);
  call.reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  lists.dropEnd(ref, atHead, isAt);
  elementsRemoved(call, ref, keyIndex, atHead ? 'lpop' : 'rpop', 1);
}

/** Pops up to `count` elements and writes them as an array; the key was looked up last. */
export function popCounted(
  call: Call,
  ref: number,
  keyIndex: number,
  atHead: boolean,
  count: number,
): void {
  const { lists } = call.keyspace.values;
  if (count === 0) {
    call.reply.array(0);
    return;
  }
  const popped = Math.min(count, lists.count(ref));
  replyElements(call, ref, atHead ? 0 : -1, popped, atHead);
  lists.deleteRange(ref, atHead ? 0 : -popped, popped);
  elementsRemoved(call, ref, keyIndex, atHead ? 'lpop' : 'rpop', popped);
}
