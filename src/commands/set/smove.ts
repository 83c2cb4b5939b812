// SMOVE source destination member

import { type Call, NOTIFY_GENERIC, NOTIFY_SET } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';

function runSmove(call: Call): void {
  const { args, reply } = call;
  const { bytes, offsets, lengths } = args;
  const { sets } = call.keyspace.values;
  const source = call.lookupWrite(1);
  const target = call.lookupWrite(2);
  if (source === NULL_REF) {
    reply.integer(0);
    return;
  }
  if (!call.isType(source, TYPE_SET)) return;
  if (target !== NULL_REF && !call.isType(target, TYPE_SET)) return;
  const offset = offsets[3] ?? 0;
  const length = lengths[3] ?? 0;
  if (source === target) {
    reply.integer(sets.has(source, bytes, offset, length) ? 1 : 0);
    return;
  }
  if (!sets.remove(source, bytes, offset, length)) {
    reply.integer(0);
    return;
  }
  call.changed(1, NOTIFY_SET, 'srem');
  if (sets.count(source) === 0) {
    call.db.removeFound(call.lookupQuietly(1));
    call.notify(NOTIFY_GENERIC, 'del', 1);
  }
  addTo(call);
  reply.integer(1);
}

/** Adds the member in argument 3 to the set in argument 2. */
function addTo(call: Call): void {
  const { bytes, offsets, lengths } = call.args;
  const { sets } = call.keyspace.values;
  const offset = offsets[3] ?? 0;
  const length = lengths[3] ?? 0;
  let target = call.lookupQuietly(2);
  if (target === NULL_REF) {
    const encoding = sets.encodingFor(bytes, offset, length, 1);
    target = call.insertValue(2, TYPE_SET, encoding, sets.create(encoding));
  }
  if (sets.add(target, bytes, offset, length)) call.changed(2, NOTIFY_SET, 'sadd');
}

export const smove: CommandSpec = {
  name: 'smove',
  group: 'set',
  since: '1.0.0',
  summary: 'Moves a member to another set.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'fast'],
  acl: ['set'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'source', type: 'key', keySpecIndex: 0 },
    { name: 'destination', type: 'key', keySpecIndex: 1 },
    { name: 'member', type: 'string' },
  ],
  replies: ['integer'],
  run: runSmove,
};
