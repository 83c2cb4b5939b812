// ZMSCORE: the scores of several members. https://redis.io/docs/latest/commands/zmscore/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';

function runZmscore(call: Call): void {
  const { args, reply } = call;
  const found = call.lookupRead(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  const set = found === NULL_REF ? null : call.keyspace.values.sortedSets.open(found);
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (set?.find(args.bytes, args.offsets[i]!, args.lengths[i]!) === true) reply.double(set.score);
    else reply.null();
  }
}

export const zmscore: CommandSpec = {
  name: 'zmscore',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Returns the scores of several members, null for those that are missing.',
  complexity: 'O(N) where N is the number of members being requested.',
  arity: -3,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string', multiple: true },
  ],
  replies: ['array'],
  run: runZmscore,
};
