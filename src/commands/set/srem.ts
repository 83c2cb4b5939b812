// SREM key member [member ...]

import { type Call, NOTIFY_GENERIC, NOTIFY_SET } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';

function runSrem(call: Call): void {
  const { args } = call;
  const { bytes, offsets, lengths } = args;
  const { sets } = call.keyspace.values;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  if (!call.isType(ref, TYPE_SET)) return;
  let removed = 0;
  let isEmpty = false;
  for (let i = 2; i < args.count && !isEmpty; i++) {
    if (!sets.remove(ref, bytes, offsets[i] ?? 0, lengths[i] ?? 0)) continue;
    removed++;
    isEmpty = sets.count(ref) === 0;
  }
  if (isEmpty) call.db.removeFound(ref);
  if (removed > 0) call.changed(1, NOTIFY_SET, 'srem', removed);
  if (isEmpty) call.notify(NOTIFY_GENERIC, 'del', 1);
  call.reply.integer(removed);
}

export const srem: CommandSpec = {
  name: 'srem',
  group: 'set',
  since: '1.0.0',
  summary: 'Removes members; the key goes with the last.',
  complexity: 'O(N) where N is the number of members to be removed.',
  arity: -3,
  flags: ['write', 'fast'],
  acl: ['set'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string', multiple: true },
  ],
  history: [['2.4.0', 'Accepts multiple `member` arguments.']],
  replies: ['integer'],
  run: runSrem,
};
