// The arguments that commands on times of fields share: FIELDS numfields field ..., and times.

import { parseBigInt64 } from '../../bytes/integer.ts';
import { Call } from '../../engine/call.ts';
import {
  ERR_NOT_INTEGER,
  invalidExpire,
  type ReplyError,
  replyError,
} from '../../protocol/reply-errors.ts';

const FIELDS = Call.word('FIELDS');
const NO_FIELDS = replyError(
  'ERR Mandatory argument FIELDS is missing or not at the right position',
);
const WRONG_COUNT = replyError('ERR The `numfields` parameter must match the number of arguments');
const NEGATIVE_TIME = replyError('ERR invalid expire time, must be >= 0');
export const COUNT_NOT_POSITIVE: ReplyError = replyError(
  'ERR Number of fields must be a positive integer',
);
/** No field can expire later than this, in ms of the Unix epoch. */
const MAX_TIME_MS = 2n ** 46n - 1n;

/**
 * Reads `FIELDS numfields` at argument `i`; a mistake is kept in the call.
 * @returns the argument of the first field.
 */
export function readFields(call: Call, i: number, badCount: ReplyError): number {
  const { args } = call;
  if (i + 1 >= args.count || !args.is(i, FIELDS)) {
    call.fail(NO_FIELDS);
    return i;
  }
  const count = args.integer(i + 1);
  if (Number.isNaN(count) || count < 1) call.fail(badCount);
  else if (count !== args.count - i - 2) call.fail(WRONG_COUNT);
  return i + 2;
}

/**
 * Argument `i` as a time in ms of the Unix epoch; a mistake is kept in the call.
 * @param unitMs 1000 for seconds, 1 for milliseconds.
 * @param isRelative whether it counts from now.
 */
export function readTime(call: Call, i: number, unitMs: number, isRelative: boolean): number {
  const { bytes, offsets, lengths } = call.args;
  const value = parseBigInt64(bytes, offsets[i] ?? 0, lengths[i] ?? 0);
  if (value === null) {
    call.fail(ERR_NOT_INTEGER);
    return 0;
  }
  if (value < 0n) {
    call.fail(NEGATIVE_TIME);
    return 0;
  }
  const timeMs = value * BigInt(unitMs) + (isRelative ? BigInt(call.nowMs) : 0n);
  if (timeMs > MAX_TIME_MS) {
    call.fail(invalidExpire(call.command.fullName));
    return 0;
  }
  return Number(timeMs);
}
