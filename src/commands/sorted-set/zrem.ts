// ZREM: removes members. https://redis.io/docs/latest/commands/zrem/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { tellRemoved } from './removal.ts';

function runZrem(call: Call): void {
  const { args, reply } = call;
  const found = call.lookupWrite(1);
  if (found === NULL_REF) {
    reply.integer(0);
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const set = call.keyspace.values.sortedSets.open(found);
  let removed = 0;
  for (let i = 2; i < args.count && set.count > 0; i++) {
    if (set.remove(args.bytes, args.offsets[i]!, args.lengths[i]!)) removed++;
  }
  if (removed > 0) tellRemoved(call, 1, found, set, 'zrem', removed);
  reply.integer(removed);
}

export const zrem: CommandSpec = {
  name: 'zrem',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Removes members from a sorted set.',
  complexity:
    'O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be removed.',
  arity: -3,
  flags: ['write', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string', multiple: true },
  ],
  history: [['2.4.0', 'Accepts multiple elements.']],
  replies: ['integer'],
  run: runZrem,
};
