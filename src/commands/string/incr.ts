// INCR, and the adding that INCRBY, DECR and DECRBY share with it: integers of 64 bits, kept as
// decimal text. Doubles do the work while they are exact, big integers beyond.
// https://redis.io/docs/latest/commands/incr/

import { latin1Bytes } from '../../bytes/ascii.ts';
import { parseBigInt64, parseInteger, writeInteger } from '../../bytes/integer.ts';
import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_INTEGER, ERR_OVERFLOW } from '../../protocol/reply-errors.ts';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** Adds to the integer at the key in argument 1, which counts from 0 when it is missing. */
export function addToKey(call: Call, amount: number): void {
  const found = call.lookupWrite(1);
  let value = 0;
  if (found !== NULL_REF) {
    if (!call.isString(found)) return;
    const { strings } = call;
    strings.view(found);
    value = parseInteger(strings.bytes, strings.offset, strings.length);
    if (Number.isNaN(value)) {
      call.reply.error(ERR_NOT_INTEGER);
      return;
    }
  }
  const sum = value + amount;
  if (!Number.isSafeInteger(value) || !Number.isSafeInteger(sum)) {
    addExactly(call, found, BigInt(amount));
    return;
  }
  const { strings, digits } = call;
  const length = writeInteger(digits, 0, sum);
  if (found !== NULL_REF && length === strings.length) {
    strings.replaceInteger(found, digits);
    call.changed(1, NOTIFY_STRING, 'incrby');
  } else {
    store(call, found, digits, length);
  }
  call.reply.integer(sum);
}

/** The same for an amount that a double may not hold. */
export function addBigToKey(call: Call, amount: bigint): void {
  const found = call.lookupWrite(1);
  if (found !== NULL_REF && !call.isString(found)) return;
  addExactly(call, found, amount);
}

function addExactly(call: Call, found: number, amount: bigint): void {
  const { strings } = call;
  let value: bigint | null = 0n;
  if (found !== NULL_REF) {
    strings.view(found);
    value = parseBigInt64(strings.bytes, strings.offset, strings.length);
  }
  if (value === null) {
    call.reply.error(ERR_NOT_INTEGER);
    return;
  }
  const sum = value + amount;
  if (sum > MAX_INT64 || sum < MIN_INT64) {
    call.reply.error(ERR_OVERFLOW);
    return;
  }
  const bytes = latin1Bytes(sum.toString());
  store(call, found, bytes, bytes.length);
  call.reply.bigInteger(sum);
}

function store(call: Call, found: number, bytes: Uint8Array, length: number): void {
  const { args } = call;
  const key = args.offsets[1] ?? 0;
  call.db.setString(found, args.bytes, key, args.lengths[1] ?? 0, bytes, 0, length, true);
  call.changed(1, NOTIFY_STRING, 'incrby');
}

/** Argument 2 when a double may not hold it exactly; null when it may. */
export function bigAmount(call: Call, amount: number): bigint | null {
  if (Number.isSafeInteger(amount)) return null;
  const { bytes, offsets, lengths } = call.args;
  return parseBigInt64(bytes, offsets[2] ?? 0, lengths[2] ?? 0);
}

function runIncr(call: Call): void {
  addToKey(call, 1);
}

export const incr: CommandSpec = {
  name: 'incr',
  group: 'string',
  since: '1.0.0',
  summary: 'Adds one to the integer a key holds, starting from zero.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runIncr,
};
