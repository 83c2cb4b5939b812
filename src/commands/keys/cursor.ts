// The cursor of SCAN: an unsigned 64-bit number as strtoul reads it. Our tables have fewer than
// 2^32 buckets, so the lower half says where to go on.

import type { Call } from '../../engine/call.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_INVALID_CURSOR } from '../../protocol/reply-errors.ts';

const MAX_CURSOR = 0xffffffffffffffffn;

/** Argument `i` as a cursor; an error is kept in the call. */
export function readCursor(call: Call, args: Args, i: number): number {
  const text = args.shown(i);
  const digits = /^([-+]?)(\d*)$/.exec(text);
  const value = digits === null ? MAX_CURSOR + 1n : BigInt(digits[2] === '' ? 0 : digits[2]!);
  if (value > MAX_CURSOR || (digits?.[1] !== '' && digits?.[2] === '')) {
    call.fail(ERR_INVALID_CURSOR);
    return 0;
  }
  const wrapped = digits![1] === '-' ? BigInt.asUintN(64, -value) : value;
  return Number(wrapped & 0xffffffffn);
}
