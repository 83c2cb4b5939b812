// HPERSIST key FIELDS numfields field [field ...]

import { type Call, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { NO_FIELD, NO_FIELD_EXPIRY } from '../../values/hash.ts';
import { COUNT_NOT_POSITIVE, readFields } from './field-arguments.ts';
import { hashToWrite, WRONG_TYPE } from './hash-key.ts';

const PERSISTED = 1;

/** Takes the time away from the field in argument `i`. */
export function persistField(call: Call, ref: number, i: number): number {
  const { bytes, offsets, lengths } = call.args;
  const { hashes } = call.keyspace.values;
  const offset = offsets[i] ?? 0;
  const length = lengths[i] ?? 0;
  const oldMs = ref === NULL_REF ? NO_FIELD : hashes.expiryOf(ref, bytes, offset, length);
  if (oldMs === NO_FIELD || oldMs === NO_FIELD_EXPIRY) return oldMs;
  hashes.clearExpiry(ref, bytes, offset, length);
  return PERSISTED;
}

function runHpersist(call: Call): void {
  const { args, reply } = call;
  const ref = hashToWrite(call);
  if (ref === WRONG_TYPE) return;
  const first = readFields(call, 2, COUNT_NOT_POSITIVE);
  if (call.failed()) return;
  reply.array(args.count - first);
  let persisted = 0;
  for (let i = first; i < args.count; i++) {
    const result = persistField(call, ref, i);
    if (result === PERSISTED) persisted++;
    reply.integer(result);
  }
  if (persisted === 0) return;
  call.db.fieldExpiry.sync(ref);
  call.changed(1, NOTIFY_HASH, 'hpersist', persisted);
}

export const hpersist: CommandSpec = {
  name: 'hpersist',
  group: 'hash',
  since: '7.4.0',
  summary: 'Takes the time to live away from fields.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['write', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHpersist,
};
