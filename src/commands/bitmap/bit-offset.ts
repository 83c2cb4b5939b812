// The position of a bit as SETBIT, GETBIT and BITFIELD take it: not negative, and inside the
// longest string that the server allows. BITFIELD also takes `#n`, the n-th integer of a width.

import { parseBigInt64, parseInteger } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import { type ReplyError, replyError } from '../../protocol/reply-errors.ts';

const ERR_BIT_OFFSET: ReplyError = replyError('ERR bit offset is not an integer or out of range');
const HASH = 35;

/**
 * Argument `i` as the position of a bit.
 * @param width bits of an integer whose number may be given as `#n`; 0 where that form is not
 *   taken.
 * @returns the position, or 0 and a kept failure.
 */
export function readBitOffset(call: Call, i: number, width: number): number {
  const { bytes, offsets, lengths } = call.args;
  const start = offsets[i] ?? 0;
  const length = lengths[i] ?? 0;
  const counts = width > 0 && length > 0 && bytes[start] === HASH;
  let offset = counts
    ? parseInteger(bytes, start + 1, length - 1) * width
    : parseInteger(bytes, start, length);
  if (counts && !Number.isSafeInteger(offset)) offset = wrappedProduct(call, i, width);
  if (offset >= 0 && offset < call.settings.protoMaxBulkBytes * 8) return offset;
  call.fail(ERR_BIT_OFFSET);
  return 0;
}

/** Redis multiplies in 64 bits without a check, so a huge number may come back into the range. */
function wrappedProduct(call: Call, i: number, width: number): number {
  const { bytes, offsets, lengths } = call.args;
  const number = parseBigInt64(bytes, (offsets[i] ?? 0) + 1, (lengths[i] ?? 0) - 1);
  if (number === null) return Number.NaN;
  return Number(BigInt.asIntN(64, number * BigInt(width)));
}
