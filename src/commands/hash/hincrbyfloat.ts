// HINCRBYFLOAT key field increment. Replicas and the AOF hear of the result, so that no rounding
// can differ there.

import { latin1Bytes } from '../../bytes/ascii.ts';
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

function runHincrbyfloat(call: Call): void {
  const { args, reply } = call;
  const { bytes, offsets, lengths } = args;
  const { hashes } = call.keyspace.values;
  const amount = parseLongDouble(bytes, offsets[3] ?? 0, lengths[3] ?? 0);
  if (amount === null) {
    reply.error(ERR_NOT_FLOAT);
    return;
  }
  if (INFINITE.test(args.latin1(3))) {
    reply.error(NAN_OR_INFINITY);
    return;
  }
  const ref = hashToFill(call);
  if (ref === WRONG_TYPE) return;
  let value: LongDouble | null = ZERO;
  if (hashes.get(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0)) {
    value = parseLongDouble(hashes.bytes, hashes.offset, hashes.length);
  }
  if (value === null) {
    reply.error(NOT_FLOAT);
    return;
  }
  const sum = addLongDoubles(value, amount);
  if (sum === null) {
    reply.error(ERR_NAN_OR_INFINITY);
    return;
  }
  const text = latin1Bytes(formatLongDouble(sum));
  storeText(call, ref, text);
  call.changed(1, NOTIFY_HASH, 'hincrbyfloat');
  if (call.propagates) call.propagateAs(['HSET', args.slice(1), args.slice(2), text]);
  reply.bulkBytes(text);
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
