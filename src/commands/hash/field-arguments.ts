// The arguments that commands on times of fields share: FIELDS numfields field ..., and times.

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
const MAX_TIME_MS = 2 ** 46 - 1;

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
  const value = call.args.integer(i);
  if (Number.isNaN(value)) {
    call.fail(ERR_NOT_INTEGER);
    return 0;
  }
  if (value < 0) {
    call.fail(NEGATIVE_TIME);
    return 0;
  }
  // What a double holds only approximately is beyond the limit anyway.
  const timeMs = value * unitMs + (isRelative ? call.nowMs : 0);
  if (timeMs > MAX_TIME_MS) {
    call.fail(invalidExpire(call.command.fullName));
    return 0;
  }
  return timeMs;
}
