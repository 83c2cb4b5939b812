// ZRANGE with all its forms, which the older commands of ranges and ZRANGESTORE share: reading the
// options, finding the ranks, answering or storing. https://redis.io/docs/latest/commands/zrange/

import { Call } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import {
  ERR_LIMIT_BY_RANK,
  ERR_SYNTAX,
  ERR_WITHSCORES_BY_LEX,
} from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import type { SortedSet } from '../../values/sorted-set.ts';
import { readLexRange, readScoreRange } from './range-arguments.ts';
import { storeResult } from './removal.ts';
import { replyRange } from './replies.ts';

export type RangeKind = 'any' | 'rank' | 'score' | 'lex';
export type Direction = 'any' | 'forward' | 'reverse';

const WITHSCORES = Call.word('WITHSCORES');
const LIMIT = Call.word('LIMIT');
const REV = Call.word('REV');
const BYLEX = Call.word('BYLEX');
const BYSCORE = Call.word('BYSCORE');

/** What a range command was asked for. */
class RangeRequest {
  kind: RangeKind;
  isReverse: boolean;
  withScores = false;
  /** Ranks as given, of a range of ranks. */
  start = 0;
  stop = 0;
  /** Members of the range to leave out, and at most how many to take; negative: all. */
  offset = 0;
  limit = -1;
  /** The rank to begin at, and how many members to go through: of `select`. */
  first = 0;
  count = 0;

  constructor(kind: RangeKind, direction: Direction) {
    this.kind = kind;
    this.isReverse = direction === 'reverse';
  }

  /** Reads the options from argument `i` on; the first failure is kept. */
  readOptions(call: Call, first: number, stores: boolean, direction: Direction): void {
    const { args } = call;
    for (let i = first; i < args.count; i++) {
      if (!stores && args.is(i, WITHSCORES)) this.withScores = true;
      else if (args.is(i, LIMIT) && i + 2 < args.count) {
        this.offset = call.integer(i + 1);
        this.limit = call.integer(i + 2);
        i += 2;
      } else if (direction === 'any' && !this.isReverse && args.is(i, REV)) this.isReverse = true;
      else if (this.kind === 'any' && args.is(i, BYLEX)) this.kind = 'lex';
      else if (this.kind === 'any' && args.is(i, BYSCORE)) this.kind = 'score';
      else call.fail(ERR_SYNTAX);
    }
    if (this.kind === 'any') this.kind = 'rank';
    if (this.limit !== -1 && this.kind === 'rank') call.fail(ERR_LIMIT_BY_RANK);
    if (this.withScores && this.kind === 'lex') call.fail(ERR_WITHSCORES_BY_LEX);
  }

  /** Reads the ends of the range, from arguments `i` and `i + 1`. */
  readEnds(call: Call, i: number): void {
    if (this.kind === 'rank') {
      this.start = call.integer(i);
      this.stop = call.integer(i + 1);
      return;
    }
    const min = this.isReverse ? i + 1 : i;
    const max = this.isReverse ? i : i + 1;
    if (this.kind === 'score') readScoreRange(call, min, max);
    else readLexRange(call, min, max);
  }

  /** Finds where the range begins in a set, and how long it is. */
  select(call: Call, set: SortedSet): void {
    if (this.kind === 'rank') {
      this.#selectRanks(set.count);
      return;
    }
    const { sortedSets } = call.keyspace.values;
    const inside =
      this.kind === 'score'
        ? set.selectScores(sortedSets.scoreRange)
        : set.selectMembers(sortedSets.lexRange, this.isReverse);
    const left = this.offset < 0 ? 0 : Math.max(0, inside - this.offset);
    this.count = this.limit < 0 ? left : Math.min(left, this.limit);
    this.first = this.isReverse ? set.to - 1 - this.offset : set.from + this.offset;
  }

  #selectRanks(total: number): void {
    const start = Math.max(0, this.start < 0 ? this.start + total : this.start);
    const stop = Math.min(total - 1, this.stop < 0 ? this.stop + total : this.stop);
    this.count = Math.max(0, stop - start + 1);
    this.first = this.isReverse ? total - 1 - start : start;
  }
}

/** Answers with a range of the set at the key in argument 1. */
export function runRange(call: Call, kind: RangeKind, direction: Direction): void {
  const request = new RangeRequest(kind, direction);
  request.readOptions(call, 4, false, direction);
  request.readEnds(call, 2);
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found === NULL_REF) {
    call.reply.array(0);
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const set = call.keyspace.values.sortedSets.open(found);
  request.select(call, set);
  replyRange(call, set, request.first, request.count, request.isReverse, request.withScores);
}

/** Stores a range of the set at the key in argument 2 under the one in argument 1. */
export function runRangeStore(call: Call): void {
  const request = new RangeRequest('any', 'any');
  request.readOptions(call, 5, true, 'any');
  request.readEnds(call, 3);
  if (call.failed()) return;
  const found = call.lookupRead(2);
  if (found === NULL_REF) {
    call.deleteTarget(1);
    call.reply.integer(0);
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const { sortedSets } = call.keyspace.values;
  const source = sortedSets.open(found);
  request.select(call, source);
  const { count, isReverse } = request;
  const { result } = sortedSets;
  // As in Redis, which knows only of a range of ranks how long it will be, and adds in the order of
  // the range: while the target is a listpack, -0 is stored as 0.
  result.create(request.kind === 'rank' ? count : 0, 0);
  if (count > 0) source.seekRank(request.first);
  for (let left = count; left > 0; ) {
    source.loadMember();
    result.addNew(source.score, source.bytes, source.offset, source.length);
    if (--left === 0) break;
    if (isReverse) source.previous();
    else source.next();
  }
  call.reply.integer(storeResult(call, 1, result, 'zrangestore'));
}
