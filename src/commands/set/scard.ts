// SCARD key

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';

function runScard(call: Call): void {
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) call.reply.integer(0);
  else if (call.isType(ref, TYPE_SET)) call.reply.integer(call.keyspace.values.sets.count(ref));
}

export const scard: CommandSpec = {
  name: 'scard',
  group: 'set',
  since: '1.0.0',
  summary: 'Counts the members of a set.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['set'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runScard,
};
