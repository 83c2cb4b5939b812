// ZCARD: how many members there are. https://redis.io/docs/latest/commands/zcard/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';

function runZcard(call: Call): void {
  const found = call.lookupRead(1);
  if (found === NULL_REF) call.reply.integer(0);
  else if (call.isType(found, TYPE_ZSET)) {
    call.reply.integer(call.keyspace.values.sortedSets.open(found).count);
  }
}

export const zcard: CommandSpec = {
  name: 'zcard',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Counts the members of a sorted set.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runZcard,
};
