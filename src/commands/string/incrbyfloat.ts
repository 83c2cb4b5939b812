// INCRBYFLOAT: adds a floating-point number, in the 80-bit format that Redis computes with on x86.
// Replicas and the AOF hear of the result, as SET with KEEPTTL, so that no rounding can differ
// there. https://redis.io/docs/latest/commands/incrbyfloat/

import { latin1Bytes } from '../../bytes/ascii.ts';
import { DecimalSum } from '../../bytes/decimal-sum.ts';
import {
  addLongDoubles,
  formatLongDouble,
  type LongDouble,
  parseLongDouble,
} from '../../bytes/long-double.ts';
import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NAN_OR_INFINITY, ERR_NOT_FLOAT } from '../../protocol/reply-errors.ts';
import {
  ENCODING_EMBSTR,
  ENCODING_INT,
  encodingOf,
  setTypeAndEncoding,
  TYPE_STRING,
} from '../../structures/entry.ts';

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

const makeSums = (): DecimalSum => new DecimalSum();

/** The sum as text, or the error that was replied. */
function exactSum(call: Call, found: number): Uint8Array | null {
  const { args, strings, reply } = call;
  const value =
    found === NULL_REF ? ZERO : parseLongDouble(strings.bytes, strings.offset, strings.length);
  const amount = parseLongDouble(args.bytes, args.offsets[2] ?? 0, args.lengths[2] ?? 0);
  if (value === null || amount === null) {
    reply.error(ERR_NOT_FLOAT);
    return null;
  }
  const sum = addLongDoubles(value, amount);
  if (sum !== null) return latin1Bytes(formatLongDouble(sum));
  reply.error(ERR_NAN_OR_INFINITY);
  return null;
}

function runIncrbyfloat(call: Call): void {
  const { args, strings, reply } = call;
  const sums = call.workspace(makeSums);
  const found = call.lookupWrite(1);
  let isShort = sums.begin(args.bytes, args.offsets[2] ?? 0, args.lengths[2] ?? 0);
  if (found !== NULL_REF) {
    if (!call.isString(found)) return;
    strings.view(found);
    isShort = isShort && sums.add(strings.bytes, strings.offset, strings.length);
  } else isShort = isShort && sums.addZero();
  const text = isShort ? sums.bytes : exactSum(call, found);
  if (text === null) return;
  const length = isShort ? sums.length : text.length;
  const key = args.offsets[1] ?? 0;
  const keyLength = args.lengths[1] ?? 0;
  const ref = call.db.setString(found, args.bytes, key, keyLength, text, 0, length, true);
  // Redis keeps the result as text even where it spells an integer.
  const { arena } = call.keyspace;
  if (encodingOf(arena, ref) === ENCODING_INT) {
    setTypeAndEncoding(arena, ref, TYPE_STRING, ENCODING_EMBSTR);
  }
  call.changed(1, NOTIFY_STRING, 'incrbyfloat');
  reply.bulk(text, 0, length);
  if (call.propagates) {
    call.propagateAs(['SET', args.slice(1), text.slice(0, length), 'KEEPTTL']);
  }
}

export const incrbyfloat: CommandSpec = {
  name: 'incrbyfloat',
  group: 'string',
  since: '2.6.0',
  summary: 'Adds a floating-point number to the one a key holds, starting from zero.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'increment', type: 'double' },
  ],
  replies: ['bulk-string'],
  run: runIncrbyfloat,
};
