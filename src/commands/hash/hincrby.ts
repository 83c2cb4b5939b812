// HINCRBY key field increment

import { latin1Bytes } from '../../bytes/ascii.ts';
import { MAX_EXACT, parseBigInt64, parseInteger, writeInteger } from '../../bytes/integer.ts';
import { type Call, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { ERR_OVERFLOW, replyError } from '../../protocol/reply-errors.ts';
import { hashToFill, WRONG_TYPE } from './hash-key.ts';

const NOT_INTEGER = replyError('ERR hash value is not an integer');
const MAX_INT64 = 9223372036854775807n;
const MIN_INT64 = -9223372036854775808n;

/** Sets the field in argument 2 to a text; its time stays. */
export function storeText(
  call: Call,
  ref: number,
  text: Uint8Array,
  length: number = text.length,
): void {
  const { bytes, offsets, lengths } = call.args;
  const { hashes } = call.keyspace.values;
  hashes.fitLength(ref, lengths[2] ?? 0);
  hashes.fitLength(ref, length);
  hashes.set(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0, text, 0, length, true);
}

function runHincrby(call: Call): void {
  const { args, reply } = call;
  const { bytes, offsets, lengths } = args;
  const { hashes } = call.keyspace.values;
  const amount = call.integer(3);
  if (call.failed()) return;
  const ref = hashToFill(call);
  if (ref === WRONG_TYPE) return;
  const exists = hashes.get(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0);
  const value = exists ? parseInteger(hashes.bytes, hashes.offset, hashes.length) : 0;
  if (Number.isNaN(value)) {
    reply.error(NOT_INTEGER);
    return;
  }
  if (isExact(value) && isExact(amount) && isExact(value + amount)) {
    const { digits } = call;
    storeText(call, ref, digits, writeInteger(digits, 0, value + amount));
    call.changed(1, NOTIFY_HASH, 'hincrby');
    reply.integer(value + amount);
    return;
  }
  const before = exists ? parseBigInt64(hashes.bytes, hashes.offset, hashes.length) : 0n;
  addLarge(call, ref, before ?? 0n);
}

function isExact(value: number): boolean {
  return value >= -MAX_EXACT && value <= MAX_EXACT;
}

/** The same beyond what doubles hold. */
function addLarge(call: Call, ref: number, value: bigint): void {
  const { args, reply } = call;
  const amount = parseBigInt64(args.bytes, args.offsets[3] ?? 0, args.lengths[3] ?? 0) ?? 0n;
  const sum = value + amount;
  if (sum > MAX_INT64 || sum < MIN_INT64) {
    reply.error(ERR_OVERFLOW);
    return;
  }
  storeText(call, ref, latin1Bytes(sum.toString()));
  call.changed(1, NOTIFY_HASH, 'hincrby');
  reply.bigInteger(sum);
}

export const hincrby: CommandSpec = {
  name: 'hincrby',
  group: 'hash',
  since: '2.0.0',
  summary: 'Adds a number to the integer of a field, starting from zero.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string' },
    { name: 'increment', type: 'integer' },
  ],
  replies: ['integer'],
  run: runHincrby,
};
