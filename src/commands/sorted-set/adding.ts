// What ZADD, ZINCRBY and GEOADD's cousin in the geo group have in common: reading options, checking
// all scores before anything is changed, adding, and telling of it.

import { parseDouble } from '../../bytes/double.ts';
import { Call, NOTIFY_ZSET } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import {
  ERR_INCREMENT_PAIR,
  ERR_NOT_FLOAT,
  ERR_NX_WITH_GT_LT,
  ERR_NX_WITH_XX,
  ERR_SCORE_NAN,
  ERR_SYNTAX,
} from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import {
  ADD_GT,
  ADD_INCREMENT,
  ADD_LT,
  ADD_NX,
  ADD_XX,
  MEMBER_ADDED,
  NOTHING_ADDED,
  SCORE_CHANGED,
  SCORE_IS_NAN,
  type SortedSet,
} from '../../values/sorted-set.ts';

const NX = Call.word('NX');
const XX = Call.word('XX');
const GT = Call.word('GT');
const LT = Call.word('LT');
const CH = Call.word('CH');
const INCR = Call.word('INCR');

/** The answer counts changed scores as well as new members: beside the flags ADD_* of `add`. */
const COUNTS_CHANGED = 32;

/** The flag that argument `i` stands for, or 0. */
function flagOf(args: Args, i: number): number {
  // Most often a score stands here, which begins with no letter.
  if ((args.bytes[args.offsets[i]!] ?? 0) < 65) return 0;
  if (args.is(i, NX)) return ADD_NX;
  if (args.is(i, XX)) return ADD_XX;
  if (args.is(i, GT)) return ADD_GT;
  if (args.is(i, LT)) return ADD_LT;
  if (args.is(i, CH)) return COUNTS_CHANGED;
  return args.is(i, INCR) ? ADD_INCREMENT : 0;
}

function checkFlags(call: Call, flags: number, pairs: number): void {
  const hasNx = (flags & ADD_NX) !== 0;
  const compares = flags & (ADD_GT | ADD_LT);
  if (hasNx && (flags & ADD_XX) !== 0) call.fail(ERR_NX_WITH_XX);
  if ((hasNx && compares !== 0) || compares === (ADD_GT | ADD_LT)) call.fail(ERR_NX_WITH_GT_LT);
  if ((flags & ADD_INCREMENT) !== 0 && pairs > 1) call.fail(ERR_INCREMENT_PAIR);
}

function scoreAt(args: Args, i: number): number {
  return parseDouble(args.bytes, args.offsets[i]!, args.lengths[i]!);
}

/**
 * Runs ZADD and what is like it.
 * @param given flags ADD_* that the command's name stands for.
 */
export function runAdd(call: Call, given: number): void {
  const { args } = call;
  let flags = given;
  let first = 2;
  while (first < args.count) {
    const flag = flagOf(args, first);
    if (flag === 0) break;
    flags |= flag;
    first++;
  }
  const rest = args.count - first;
  if (rest === 0 || (rest & 1) !== 0) call.fail(ERR_SYNTAX);
  checkFlags(call, flags, rest >> 1);
  if (call.failed()) return;
  for (let i = first; i < args.count; i += 2) {
    if (Number.isNaN(scoreAt(args, i))) {
      call.reply.error(ERR_NOT_FLOAT);
      return;
    }
  }
  const found = call.lookupWrite(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  if (found === NULL_REF && (flags & ADD_XX) !== 0) replyAdded(call, flags, 0, 0, null);
  else addPairs(call, found, flags, first);
}

function addPairs(call: Call, found: number, flags: number, first: number): void {
  const { args, keyspace } = call;
  const set = keyspace.values.sortedSets.main;
  const pairs = (args.count - first) >> 1;
  if (found === NULL_REF) set.create(pairs, args.lengths[first + 1]!);
  else {
    set.open(found);
    set.expect(pairs);
  }
  let added = 0;
  let changed = 0;
  let done = NOTHING_ADDED;
  for (let i = first; i < args.count; i += 2) {
    const { bytes, offsets, lengths } = args;
    done = set.add(scoreAt(args, i), bytes, offsets[i + 1]!, lengths[i + 1]!, flags);
    if (done === SCORE_IS_NAN) {
      call.reply.error(ERR_SCORE_NAN);
      return;
    }
    if (done === MEMBER_ADDED) added++;
    else if (done === SCORE_CHANGED) changed++;
  }
  if (found === NULL_REF) call.insertValue(1, TYPE_ZSET, set.encoding, set.root);
  if (added + changed > 0) {
    const event = (flags & ADD_INCREMENT) !== 0 ? 'zincr' : 'zadd';
    call.changed(1, NOTIFY_ZSET, event, added + changed);
  }
  replyAdded(call, flags, added, changed, done === NOTHING_ADDED ? null : set);
}

/** @param set at the member that was incremented; null when none was. */
function replyAdded(
  call: Call,
  flags: number,
  added: number,
  changed: number,
  set: SortedSet | null,
): void {
  const { reply } = call;
  if ((flags & ADD_INCREMENT) === 0) {
    reply.integer((flags & COUNTS_CHANGED) !== 0 ? added + changed : added);
  } else if (set === null) reply.null();
  else reply.double(set.newScore);
}
