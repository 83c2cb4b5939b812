// ZSCORE: the score of a member. https://redis.io/docs/latest/commands/zscore/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';

function runZscore(call: Call): void {
  const { args, reply } = call;
  const found = call.lookupRead(1);
  if (found === NULL_REF) {
    reply.null();
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const set = call.keyspace.values.sortedSets.open(found);
  if (set.find(args.bytes, args.offsets[2]!, args.lengths[2]!)) reply.double(set.score);
  else reply.null();
}

export const zscore: CommandSpec = {
  name: 'zscore',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Returns the score of a member.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string' },
  ],
  replies: ['double', 'null'],
  run: runZscore,
};
