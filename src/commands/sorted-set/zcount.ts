// ZCOUNT: how many members have a score in a range. https://redis.io/docs/latest/commands/zcount/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { readScoreRange } from './range-arguments.ts';

function runZcount(call: Call): void {
  const range = readScoreRange(call, 2, 3);
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found === NULL_REF) call.reply.integer(0);
  else if (call.isType(found, TYPE_ZSET)) {
    call.reply.integer(call.keyspace.values.sortedSets.open(found).selectScores(range));
  }
}

export const zcount: CommandSpec = {
  name: 'zcount',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Counts the members with scores in a range.',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  arity: 4,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'min', type: 'double' },
    { name: 'max', type: 'double' },
  ],
  replies: ['integer'],
  run: runZcount,
};
