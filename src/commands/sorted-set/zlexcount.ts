// ZLEXCOUNT: how many members lie between two texts.
// https://redis.io/docs/latest/commands/zlexcount/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { readLexRange } from './range-arguments.ts';

function runZlexcount(call: Call): void {
  const range = readLexRange(call, 2, 3);
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found === NULL_REF) call.reply.integer(0);
  else if (call.isType(found, TYPE_ZSET)) {
    const set = call.keyspace.values.sortedSets.open(found);
    call.reply.integer(set.selectMembers(range, false));
  }
}

export const zlexcount: CommandSpec = {
  name: 'zlexcount',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Counts the members between two texts, in a set of equal scores.',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  arity: 4,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'min', type: 'string' },
    { name: 'max', type: 'string' },
  ],
  replies: ['integer'],
  run: runZlexcount,
};
