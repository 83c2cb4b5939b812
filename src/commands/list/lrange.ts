// LRANGE key start stop. https://redis.io/docs/latest/commands/lrange/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_LIST } from '../../structures/entry.ts';
import { replyElements } from './list-pop.ts';

function runLrange(call: Call): void {
  const { reply } = call;
  const from = call.integer(2);
  const to = call.integer(3);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    reply.array(0);
    return;
  }
  if (!call.isType(ref, TYPE_LIST)) return;
  const count = call.keyspace.values.lists.count(ref);
  const first = Math.max(from < 0 ? from + count : from, 0);
  const last = Math.min(to < 0 ? to + count : to, count - 1);
  if (first > last) reply.array(0);
  else replyElements(call, ref, first, last - first + 1, true);
}

export const lrange: CommandSpec = {
  name: 'lrange',
  group: 'list',
  since: '1.0.0',
  summary: 'Reads the elements of a list between two numbers.',
  complexity:
    'O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or TAIL) for large lists; and N is the number of elements in the specified range.',
  arity: 4,
  flags: ['readonly'],
  acl: ['list'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'integer' },
    { name: 'stop', type: 'integer' },
  ],
  replies: ['array'],
  run: runLrange,
};
