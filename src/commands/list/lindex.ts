// LINDEX key index. https://redis.io/docs/latest/commands/lindex/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_LIST } from '../../structures/entry.ts';

function runLindex(call: Call): void {
  const { reply } = call;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    reply.null();
    return;
  }
  if (!call.isType(ref, TYPE_LIST)) return;
  // The index is looked at only when there is a list, as Redis does.
  const index = call.integer(2);
  if (call.failed()) return;
  const { lists } = call.keyspace.values;
  if (!lists.seek(ref, index)) {
    reply.null();
    return;
  }
  const { cursor } = lists;
  cursor.get();
  reply.bulk(cursor.bytes, cursor.offset, cursor.length);
}

export const lindex: CommandSpec = {
  name: 'lindex',
  group: 'list',
  since: '1.0.0',
  summary: 'Reads one element of a list by its number.',
  complexity:
    'O(N) where N is the number of elements to traverse to get to the element at index. This makes asking for the first or the last element of the list O(1).',
  arity: 3,
  flags: ['readonly'],
  acl: ['list'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'index', type: 'integer' },
  ],
  replies: ['bulk-string', 'null'],
  run: runLindex,
};
