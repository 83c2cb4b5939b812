// LLEN key. https://redis.io/docs/latest/commands/llen/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_LIST } from '../../structures/entry.ts';

function runLlen(call: Call): void {
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) call.reply.integer(0);
  else if (call.isType(ref, TYPE_LIST)) {
    call.reply.integer(call.keyspace.values.lists.count(ref));
  }
}

export const llen: CommandSpec = {
  name: 'llen',
  group: 'list',
  since: '1.0.0',
  summary: 'Counts the elements of a list.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['list'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runLlen,
};
