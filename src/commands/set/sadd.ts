// SADD key member [member ...]

import { type Call, NOTIFY_SET } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';

function runSadd(call: Call): void {
  const { args } = call;
  const { bytes, offsets, lengths } = args;
  const { sets } = call.keyspace.values;
  const sizeHint = args.count - 2;
  let ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    const encoding = sets.encodingFor(bytes, offsets[2] ?? 0, lengths[2] ?? 0, sizeHint);
    ref = call.insertValue(1, TYPE_SET, encoding, sets.create(encoding, sizeHint));
  } else if (!call.isType(ref, TYPE_SET)) {
    return;
  } else {
    sets.expectMembers(ref, sizeHint);
  }
  let added = 0;
  for (let i = 2; i < args.count; i++) {
    if (sets.add(ref, bytes, offsets[i] ?? 0, lengths[i] ?? 0)) added++;
  }
  if (added > 0) call.changed(1, NOTIFY_SET, 'sadd', added);
  call.reply.integer(added);
}

export const sadd: CommandSpec = {
  name: 'sadd',
  group: 'set',
  since: '1.0.0',
  summary: 'Adds members to a set, creating the key when it is missing.',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['set'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string', multiple: true },
  ],
  history: [['2.4.0', 'Accepts multiple `member` arguments.']],
  replies: ['integer'],
  run: runSadd,
};
