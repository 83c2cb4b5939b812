// SISMEMBER key member, SMISMEMBER key member [member ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';

function runSismember(call: Call): void {
  const { bytes, offsets, lengths } = call.args;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  if (!call.isType(ref, TYPE_SET)) return;
  const isMember = call.keyspace.values.sets.has(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0);
  call.reply.integer(isMember ? 1 : 0);
}

function runSmismember(call: Call): void {
  const { args, reply } = call;
  const { sets } = call.keyspace.values;
  const ref = call.lookupRead(1);
  if (ref !== NULL_REF && !call.isType(ref, TYPE_SET)) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    const isMember =
      ref !== NULL_REF && sets.has(ref, args.bytes, args.offsets[i] ?? 0, args.lengths[i] ?? 0);
    reply.integer(isMember ? 1 : 0);
  }
}

export const sismember: CommandSpec = {
  name: 'sismember',
  group: 'set',
  since: '1.0.0',
  summary: 'Tells whether a set has a member.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['set'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string' },
  ],
  replies: ['integer'],
  run: runSismember,
};

export const smismember: CommandSpec = {
  name: 'smismember',
  group: 'set',
  since: '6.2.0',
  summary: 'Tells of several members whether a set has them.',
  complexity: 'O(N) where N is the number of elements being checked for membership',
  arity: -3,
  flags: ['readonly', 'fast'],
  acl: ['set'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string', multiple: true },
  ],
  replies: ['array'],
  run: runSmismember,
};
