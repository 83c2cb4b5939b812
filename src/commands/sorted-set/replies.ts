// How members and scores are answered: flat in RESP2, pairs in RESP3.

import type { Call } from '../../engine/call.ts';
import type { SortedSet } from '../../values/sorted-set.ts';

/** Begins an array of `count` members, with their scores if `withScores`. */
export function beginMembers(call: Call, count: number, withScores: boolean): void {
  call.reply.array(withScores && !call.reply.resp3 ? count * 2 : count);
}

/** Writes the set's current member. */
export function replyMember(call: Call, set: SortedSet, withScores: boolean): void {
  const { reply } = call;
  if (withScores && reply.resp3) reply.array(2);
  set.loadMember();
  reply.bulk(set.bytes, set.offset, set.length);
  if (withScores) reply.double(set.score);
}

/** Answers with `count` members from rank `first` on, or back from it. */
export function replyRange(
  call: Call,
  set: SortedSet,
  first: number,
  count: number,
  isReverse: boolean,
  withScores: boolean,
): void {
  beginMembers(call, count, withScores);
  if (count === 0) return;
  set.seekRank(first);
  for (let left = count; ; ) {
    replyMember(call, set, withScores);
    if (--left === 0) return;
    if (isReverse) set.previous();
    else set.next();
  }
}
