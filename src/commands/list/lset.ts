// LSET key index element. https://redis.io/docs/latest/commands/lset/

import { type Call, NOTIFY_LIST } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_INDEX, ERR_NO_KEY } from '../../protocol/reply-errors.ts';
import { TYPE_LIST } from '../../structures/entry.ts';

function runLset(call: Call): void {
  const { args, reply } = call;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.error(ERR_NO_KEY);
    return;
  }
  if (!call.isType(ref, TYPE_LIST)) return;
  const index = call.integer(2);
  if (call.failed()) return;
  const { lists } = call.keyspace.values;
  const length = args.lengths[3]!;
  lists.makeRoom(ref, length, 1);
  if (!lists.seek(ref, index)) {
    reply.error(ERR_INDEX);
    return;
  }
  lists.replaceAt(ref, args.bytes, args.offsets[3]!, length);
  lists.shrunk(ref);
  reply.ok();
  call.changed(1, NOTIFY_LIST, 'lset');
}

export const lset: CommandSpec = {
  name: 'lset',
  group: 'list',
  since: '1.0.0',
  summary: 'Replaces one element of a list by its number.',
  complexity:
    'O(N) where N is the length of the list. Setting either the first or the last element of the list is O(1).',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'index', type: 'integer' },
    { name: 'element', type: 'string' },
  ],
  replies: ['simple-string'],
  run: runLset,
};
