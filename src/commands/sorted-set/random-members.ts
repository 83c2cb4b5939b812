// Members chosen at random, for ZRANDMEMBER: every one has the same chance. A place in the order is
// drawn and looked up, which both encodings do quickly.

import type { Call } from '../../engine/call.ts';
import type { SortedSet } from '../../values/sorted-set.ts';
import { beginMembers, replyMember, replyRange } from './replies.ts';

/** Drawing again for places that were drawn is good up to this share of all. */
const DRAW_SHARE = 3;

/** Answers with `count` members, each drawn from all: the same may come again. */
export function replyDrawn(call: Call, set: SortedSet, count: number, withScores: boolean): void {
  const { randomBelow } = call.keyspace;
  const total = set.count;
  beginMembers(call, count, withScores);
  for (let i = 0; i < count && !call.reply.isCut; i++) {
    set.seekRank(randomBelow(total));
    replyMember(call, set, withScores);
  }
}

/** Answers with up to `count` different members. */
export function replyDistinct(
  call: Call,
  set: SortedSet,
  count: number,
  withScores: boolean,
): void {
  const total = set.count;
  if (count >= total) replyRange(call, set, total - 1, total, true, withScores);
  else if (count * DRAW_SHARE > total) replySample(call, set, count, withScores);
  else replyFewDistinct(call, set, count, withScores);
}

/** Goes through all and takes each with the chance that makes `count` of them in the end. */
function replySample(call: Call, set: SortedSet, count: number, withScores: boolean): void {
  const { randomBelow } = call.keyspace;
  beginMembers(call, count, withScores);
  let wanted = count;
  set.seekRank(0);
  for (let left = set.count; wanted > 0; left--) {
    if (randomBelow(left) < wanted) {
      replyMember(call, set, withScores);
      wanted--;
    }
    if (wanted > 0) set.next();
  }
}

/** Draws until enough different ones have come. */
function replyFewDistinct(call: Call, set: SortedSet, count: number, withScores: boolean): void {
  const { randomBelow } = call.keyspace;
  const total = set.count;
  const drawn = new Set<number>();
  beginMembers(call, count, withScores);
  while (drawn.size < count) {
    const rank = randomBelow(total);
    if (drawn.has(rank)) continue;
    drawn.add(rank);
    set.seekRank(rank);
    replyMember(call, set, withScores);
  }
}
