// The range that BITCOUNT and BITPOS work on: bytes, or bits with the word BIT. Negative positions
// count from the end.

import { Call } from '../../engine/call.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';

const BIT = Call.word('BIT');
const BYTE = Call.word('BYTE');

/** True when argument `i` says BIT; a kept failure when it says neither BIT nor BYTE. */
export function readsBits(call: Call, i: number): boolean {
  if (call.args.is(i, BIT)) return true;
  if (!call.args.is(i, BYTE)) call.fail(ERR_SYNTAX);
  return false;
}

/** A position that may be negative, as one from the beginning; what lies before it becomes 0. */
export function fromBeginning(position: number, total: number): number {
  return position < 0 ? Math.max(0, total + position) : position;
}
