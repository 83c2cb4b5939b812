// LREM key count element. https://redis.io/docs/latest/commands/lrem/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_LIST } from '../../structures/entry.ts';
import { elementsRemoved } from './list-pop.ts';

function runLrem(call: Call): void {
  const { reply } = call;
  const count = call.integer(2);
  if (call.failed()) return;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.integer(0);
    return;
  }
  if (!call.isType(ref, TYPE_LIST)) return;
  const limit = count === 0 ? Number.POSITIVE_INFINITY : Math.abs(count);
  const removed = count < 0 ? removeBackward(call, ref, limit) : removeForward(call, ref, limit);
  reply.integer(removed);
  if (removed > 0) elementsRemoved(call, ref, 1, 'lrem', removed);
}

function removeForward(call: Call, ref: number, limit: number): number {
  const { lists } = call.keyspace.values;
  const { bytes, offsets, lengths } = call.args;
  const { cursor } = lists;
  let removed = 0;
  lists.seek(ref, 0);
  while (removed < limit && cursor.find(bytes, offsets[3]!, lengths[3]!)) {
    lists.deleteAt(ref, true);
    removed++;
  }
  return removed;
}

function removeBackward(call: Call, ref: number, limit: number): number {
  const { lists } = call.keyspace.values;
  const { bytes, offsets, lengths } = call.args;
  const { cursor } = lists;
  let removed = 0;
  let more = lists.seek(ref, -1);
  while (more && removed < limit) {
    if (cursor.equals(bytes, offsets[3]!, lengths[3]!)) {
      lists.deleteAt(ref, false);
      more = cursor.position !== 0;
      removed++;
    } else more = cursor.previous();
  }
  return removed;
}

export const lrem: CommandSpec = {
  name: 'lrem',
  group: 'list',
  since: '1.0.0',
  summary: 'Removes elements of a list that equal a value, from either end.',
  complexity: 'O(N+M) where N is the length of the list and M is the number of elements removed.',
  arity: 4,
  flags: ['write'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer' },
    { name: 'element', type: 'string' },
  ],
  replies: ['integer'],
  run: runLrem,
};
