// SMEMBERS key

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';

/** Replies with all members of a set. */
export function replyMembers(call: Call, ref: number): void {
  const { sets, setCursor: cursor } = call.keyspace.values;
  call.reply.set(sets.count(ref));
  cursor.begin(ref);
  while (cursor.next()) call.reply.bulk(cursor.bytes, cursor.offset, cursor.length);
}

function runSmembers(call: Call): void {
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) call.reply.set(0);
  else if (call.isType(ref, TYPE_SET)) replyMembers(call, ref);
}

export const smembers: CommandSpec = {
  name: 'smembers',
  group: 'set',
  since: '1.0.0',
  summary: 'Reads all members of a set.',
  complexity: 'O(N) where N is the set cardinality.',
  arity: 2,
  flags: ['readonly'],
  acl: ['set'],
  tips: ['nondeterministic_output_order'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['set'],
  run: runSmembers,
};
