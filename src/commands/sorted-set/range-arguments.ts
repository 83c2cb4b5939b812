// The ends of ranges as arguments, for every command that has some.

import type { Call } from '../../engine/call.ts';
import { ERR_LEX_RANGE, ERR_SCORE_RANGE } from '../../protocol/reply-errors.ts';
import type { LexRange, ScoreRange } from '../../values/sorted-set-ranges.ts';

/** Arguments `min` and `max` as a range of scores; the failure is kept. */
export function readScoreRange(call: Call, min: number, max: number): ScoreRange {
  const { bytes, offsets, lengths } = call.args;
  const range = call.keyspace.values.sortedSets.scoreRange;
  const isRange =
    range.readMin(bytes, offsets[min]!, lengths[min]!) &&
    range.readMax(bytes, offsets[max]!, lengths[max]!);
  if (!isRange) call.fail(ERR_SCORE_RANGE);
  return range;
}

/** Arguments `min` and `max` as a range of members; the failure is kept. */
export function readLexRange(call: Call, min: number, max: number): LexRange {
  const { bytes, offsets, lengths } = call.args;
  const range = call.keyspace.values.sortedSets.lexRange;
  const isRange =
    range.min.read(bytes, offsets[min]!, lengths[min]!) &&
    range.max.read(bytes, offsets[max]!, lengths[max]!);
  if (!isRange) call.fail(ERR_LEX_RANGE);
  return range;
}
