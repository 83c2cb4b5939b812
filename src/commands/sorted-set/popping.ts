// Taking members off either end, for ZPOPMIN, ZPOPMAX, ZMPOP and the commands that wait for
// members.

import { Call } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_POSITIVE, ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { tellRemoved } from './removal.ts';
import { replyMember } from './replies.ts';

const MIN = Call.word('MIN');
const MAX = Call.word('MAX');
const COUNT = Call.word('COUNT');
const ERR_NUMKEYS = replyError('ERR numkeys should be greater than 0');
const ERR_COUNT = replyError('ERR count should be greater than 0');

/** How a command answers with what it has taken. */
export type PopShape =
  /** Members and scores in one array; with a count in RESP3, an array of pairs. */
  | 'members'
  /** The key before them, flat: BZPOPMIN. */
  | 'key-flat'
  /** The key, and an array of pairs: ZMPOP. */
  | 'key-pairs';

/**
 * Takes up to `count` members from an end of the set at the key in argument `i`, and answers with
 * them.
 * @param found the last lookup of the key: a sorted set, never an empty one.
 * @returns how many there were.
 */
export function popMembers(
  call: Call,
  i: number,
  found: number,
  fromMax: boolean,
  count: number,
  shape: PopShape,
  pairs: boolean,
): number {
  const { reply, args } = call;
  const set = call.keyspace.values.sortedSets.open(found);
  const total = set.count;
  const taken = Math.min(count, total);
  if (shape === 'members') reply.array(pairs ? taken : taken * 2);
  else {
    reply.array(shape === 'key-flat' ? taken * 2 + 1 : 2);
    reply.bulk(args.bytes, args.offsets[i]!, args.lengths[i]!);
    if (shape === 'key-pairs') reply.array(taken);
  }
  set.seekRank(fromMax ? total - 1 : 0);
  for (let left = taken; ; ) {
    if (pairs) reply.array(2);
    replyMember(call, set, false);
    reply.double(set.score);
    if (--left === 0) break;
    if (fromMax) set.previous();
    else set.next();
  }
  set.removeRange(fromMax ? total - taken : 0, taken);
  tellRemoved(call, i, found, set, fromMax ? 'zpopmax' : 'zpopmin', taken);
  return taken;
}

/** Tells replicas and the AOF what was taken, whatever command took it. */
export function propagatePop(call: Call, i: number, fromMax: boolean, count: number | null): void {
  if (!call.propagates) return;
  const name = fromMax ? 'ZPOPMAX' : 'ZPOPMIN';
  const key = call.args.slice(i);
  call.propagateAs(count === null ? [name, key] : [name, key, String(count)]);
}

/** ZPOPMIN and ZPOPMAX. */
export function runPop(call: Call, fromMax: boolean): void {
  const { args, reply } = call;
  if (args.count > 3) call.fail(ERR_SYNTAX);
  const hasCount = args.count === 3;
  const count = hasCount ? call.integer(2, ERR_NOT_POSITIVE) : 1;
  if (count < 0) call.fail(ERR_NOT_POSITIVE);
  if (call.failed()) return;
  const found = call.lookupWrite(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  if (found === NULL_REF || count === 0) reply.array(0);
  else popMembers(call, 1, found, fromMax, count, 'members', hasCount && reply.resp3);
}

/** The arguments of ZMPOP and BZMPOP from the number of keys on. */
export interface MultiPop {
  firstKey: number;
  lastKey: number;
  fromMax: boolean;
  count: number;
}

/** Reads them, from argument `i` on; the first failure is kept. */
export function readMultiPop(call: Call, i: number): MultiPop {
  const { args } = call;
  const request: MultiPop = { firstKey: i + 1, lastKey: 0, fromMax: false, count: 0 };
  const keyCount = args.integer(i);
  if (!(keyCount >= 1)) call.fail(ERR_NUMKEYS);
  request.lastKey = i + keyCount;
  const where = request.lastKey + 1;
  if (!(where < args.count)) {
    call.fail(ERR_SYNTAX);
    return request;
  }
  request.fromMax = args.is(where, MAX);
  if (!request.fromMax && !args.is(where, MIN)) call.fail(ERR_SYNTAX);
  for (let at = where + 1; at < args.count; at += 2) {
    if (request.count !== 0 || !args.is(at, COUNT) || at + 1 >= args.count) {
      call.fail(ERR_SYNTAX);
      return request;
    }
    request.count = args.integer(at + 1);
    if (!(request.count >= 1)) call.fail(ERR_COUNT);
  }
  if (request.count === 0) request.count = 1;
  return request;
}

/** The first key of a range that exists, as an argument; 0 when none does, -1 for a wrong type. */
export function firstSet(call: Call, first: number, last: number): number {
  for (let i = first; i <= last; i++) {
    const found = call.lookupWrite(i);
    if (found !== NULL_REF) return call.isType(found, TYPE_ZSET) ? i : -1;
  }
  return 0;
}

/** BZPOPMIN and BZPOPMAX. */
export function runBlockingPop(call: Call, fromMax: boolean): void {
  const last = call.args.count - 2;
  const timeoutMs = call.timeoutMs(last + 1);
  if (call.failed()) return;
  const i = firstSet(call, 1, last);
  if (i < 0) return;
  if (i > 0) {
    popMembers(call, i, call.lookupQuietly(i), fromMax, 1, 'key-flat', false);
    propagatePop(call, i, fromMax, null);
  } else if (call.mayBlock) call.block(TYPE_ZSET, 1, last, timeoutMs);
  else call.reply.nullArray();
}
