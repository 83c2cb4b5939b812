// 64-bit counts as arguments and in replies, exact beyond 2^53.

import { MAX_EXACT, parseBigInt64 } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import { ERR_NOT_INTEGER, type ReplyError } from '../../protocol/reply-errors.ts';
import type { Counter64 } from '../../values/stream-counter.ts';

/** Reads argument `i` as a 64-bit integer. @returns false when the error has been written. */
export function readCounter(
  call: Call,
  i: number,
  counter: Counter64,
  error: ReplyError = ERR_NOT_INTEGER,
): boolean {
  const { args } = call;
  const value = args.integer(i);
  if (Number.isNaN(value)) {
    call.reply.error(error);
    return false;
  }
  if (value <= MAX_EXACT && value >= -MAX_EXACT) counter.set(value);
  else counter.setBigInt(parseBigInt64(args.bytes, args.offsets[i]!, args.lengths[i]!) ?? 0n);
  return true;
}

/** Answers with a count. */
export function replyCounter(call: Call, counter: Counter64): void {
  if (counter.isExact) call.reply.integer(counter.value);
  else call.reply.bigInteger(counter.bigValue);
}
