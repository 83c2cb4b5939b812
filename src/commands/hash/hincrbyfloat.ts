// HINCRBYFLOAT key field increment. Replicas and the AOF hear of the result, so that no rounding
// can differ there.

import { latin1Bytes } from '../../bytes/ascii.ts';
import { DecimalSum } from '../../bytes/decimal-sum.ts';
import {
  addLongDoubles,
  formatLongDouble,
  type LongDouble,
  parseLongDouble,
} from '../../bytes/long-double.ts';
import { type Call, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { ERR_NAN_OR_INFINITY, ERR_NOT_FLOAT, replyError } from '../../protocol/reply-errors.ts';
import { hashToFill, WRONG_TYPE } from './hash-key.ts';
import { storeText } from './hincrby.ts';

const NOT_FLOAT = replyError('ERR hash value is not a float');
const NAN_OR_INFINITY = replyError('ERR value is NaN or Infinity');
const INFINITE = /^[-+]?inf/i;
const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

const makeSums = (): DecimalSum => new DecimalSum();

/** The amount, or null and an error that was replied. */
function readAmount(call: Call): LongDouble | null {
  const { args, reply } = call;
  const amount = parseLongDouble(args.bytes, args.offsets[3] ?? 0, args.lengths[3] ?? 0);
  if (amount === null) reply.error(ERR_NOT_FLOAT);
  else if (INFINITE.test(args.latin1(3))) reply.error(NAN_OR_INFINITY);
  else return amount;
  return null;
}

/** The sum of the amount and the field that was found, as text; null after an error. */
function exactSum(call: Call, exists: boolean): Uint8Array | null {
  const { hashes } = call.keyspace.values;
  const amount = readAmount(call);
  if (amount === null) return null;
  const value = exists ? parseLongDouble(hashes.bytes, hashes.offset, hashes.length) : ZERO;
  if (value === null) {
    call.reply.error(NOT_FLOAT);
    return null;
  }
  const sum = addLongDoubles(value, amount);
  if (sum !== null) return latin1Bytes(formatLongDouble(sum));
  call.reply.error(ERR_NAN_OR_INFINITY);
  return null;
}

function runHincrbyfloat(call: Call): void {
  const { args, reply } = call;
  const { bytes, offsets, lengths } = args;
  const { hashes } = call.keyspace.values;
  const sums = call.workspace(makeSums);
  let isShort = sums.begin(bytes, offsets[3] ?? 0, lengths[3] ?? 0);
  if (!isShort && readAmount(call) === null) return;
  const ref = hashToFill(call);
  if (ref === WRONG_TYPE) return;
  const exists = hashes.get(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0);
  if (!exists) isShort = isShort && sums.addZero();
  else isShort = isShort && sums.add(hashes.bytes, hashes.offset, hashes.length);
  const text = isShort ? sums.bytes : exactSum(call, exists);
  if (text === null) return;
  const length = isShort ? sums.length : text.length;
  storeText(call, ref, text, length);
  call.changed(1, NOTIFY_HASH, 'hincrbyfloat');
  if (call.propagates) {
    call.propagateAs(['HSET', args.slice(1), args.slice(2), text.slice(0, length)]);
  }
  reply.bulk(text, 0, length);
}

export const hincrbyfloat: CommandSpec = {
  name: 'hincrbyfloat',
  group: 'hash',
  since: '2.6.0',
  summary: 'Adds a floating-point number to the one of a field, starting from zero.',
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
    { name: 'increment', type: 'double' },
  ],
  replies: ['bulk-string'],
  run: runHincrbyfloat,
};
