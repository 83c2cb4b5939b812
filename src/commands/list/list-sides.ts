// LEFT and RIGHT, as the list commands spell the two ends of a list.

import { Call } from '../../engine/call.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';

export const SIDE_TAIL = 0;
export const SIDE_HEAD = 1;
/** Neither word; the error has been written. */
export const INVALID_SIDE = -1;

const LEFT = Call.word('LEFT');
const RIGHT = Call.word('RIGHT');

/** Argument `i` as an end of a list; anything but LEFT and RIGHT is answered with an error. */
export function readSide(call: Call, i: number): number {
  if (call.args.is(i, LEFT)) return SIDE_HEAD;
  if (call.args.is(i, RIGHT)) return SIDE_TAIL;
  call.reply.error(ERR_SYNTAX);
  return INVALID_SIDE;
}
