// LINSERT key BEFORE|AFTER pivot element. https://redis.io/docs/latest/commands/linsert/

import { Call, NOTIFY_LIST } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { TYPE_LIST } from '../../structures/entry.ts';

const BEFORE = Call.word('BEFORE');
const AFTER = Call.word('AFTER');

function runLinsert(call: Call): void {
  const { args, reply } = call;
  const after = args.is(2, AFTER);
  if (!after && !args.is(2, BEFORE)) {
    reply.error(ERR_SYNTAX);
    return;
  }
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.integer(0);
    return;
  }
  if (!call.isType(ref, TYPE_LIST)) return;
  const { lists } = call.keyspace.values;
  const { bytes, offsets, lengths } = args;
  // Whether the pivot is there turns out too late to convert the list, so it is done before.
  lists.makeRoom(ref, lengths[4]!, 1);
  const found = lists.seek(ref, 0) && lists.cursor.find(bytes, offsets[3]!, lengths[3]!);
  if (!found) {
    reply.integer(-1);
    return;
  }
  lists.insertAt(ref, bytes, offsets[4]!, lengths[4]!, after);
  reply.integer(lists.count(ref));
  call.changed(1, NOTIFY_LIST, 'linsert');
}

export const linsert: CommandSpec = {
  name: 'linsert',
  group: 'list',
  since: '2.2.0',
  summary: 'Adds an element beside the first one that equals a pivot.',
  complexity:
    'O(N) where N is the number of elements to traverse before seeing the value pivot. This means that inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the right end (tail) is O(N).',
  arity: 5,
  flags: ['write', 'denyoom'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'where',
      type: 'oneof',
      args: [
        { name: 'before', type: 'pure-token', token: 'BEFORE' },
        { name: 'after', type: 'pure-token', token: 'AFTER' },
      ],
    },
    { name: 'pivot', type: 'string' },
    { name: 'element', type: 'string' },
  ],
  replies: ['integer'],
  run: runLinsert,
};
