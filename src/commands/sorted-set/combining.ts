// Unions, intersections and differences of sorted sets and sets: what ZUNION, ZINTER, ZDIFF, their
// STORE forms and ZINTERCARD share. A member of a set has the score 1.

import { parseDouble } from '../../bytes/double.ts';
import { Call } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import {
  ERR_SYNTAX,
  ERR_WEIGHT_NOT_FLOAT,
  ERR_WRONG_TYPE,
  inputKeyNeeded,
  replyError,
} from '../../protocol/reply-errors.ts';
import { TYPE_SET, TYPE_ZSET, typeOf } from '../../structures/entry.ts';
import type { SortedSet } from '../../values/sorted-set.ts';
import { CombinedInput } from './combined-input.ts';
import { storeResult } from './removal.ts';
import { replyRange } from './replies.ts';

export type Operation = 'union' | 'inter' | 'diff';
type Aggregate = 'sum' | 'min' | 'max';

const WEIGHTS = Call.word('WEIGHTS');
const AGGREGATE = Call.word('AGGREGATE');
const SUM = Call.word('SUM');
const MIN = Call.word('MIN');
const MAX = Call.word('MAX');
const WITHSCORES = Call.word('WITHSCORES');
const LIMIT = Call.word('LIMIT');
const ERR_LIMIT = replyError("ERR LIMIT can't be negative");

interface CombineRequest {
  readonly inputs: CombinedInput[];
  aggregate: Aggregate;
  withScores: boolean;
  /** Most members that ZINTERCARD counts; 0: all. */
  limit: number;
}

/** What the command does with what it has found. */
export type Purpose = 'reply' | 'store' | 'count';

/**
 * Reads keys and options, from the number of keys at argument `i` on. @returns null after an error.
 */
function readRequest(
  call: Call,
  i: number,
  operation: Operation,
  purpose: Purpose,
): CombineRequest | null {
  const { args } = call;
  const keyCount = call.integer(i);
  if (keyCount < 1) call.fail(inputKeyNeeded(call.command.fullName));
  if (keyCount > args.count - i - 1) call.fail(ERR_SYNTAX);
  if (call.failed()) return null;
  const request: CombineRequest = { inputs: [], aggregate: 'sum', withScores: false, limit: 0 };
  const { arena } = call.keyspace;
  for (let at = i + 1; at <= i + keyCount; at++) {
    const ref = call.lookupRead(at);
    const type = ref === NULL_REF ? TYPE_ZSET : typeOf(arena, ref);
    if (type !== TYPE_ZSET && type !== TYPE_SET) {
      call.reply.error(ERR_WRONG_TYPE);
      return null;
    }
    request.inputs.push(new CombinedInput(call.keyspace, ref, type));
  }
  readOptions(call, i + 1 + keyCount, request, operation, purpose);
  return call.failed() ? null : request;
}

function readOptions(
  call: Call,
  first: number,
  request: CombineRequest,
  operation: Operation,
  purpose: Purpose,
): void {
  const { args } = call;
  const scores = operation !== 'diff' && purpose !== 'count';
  for (let at = first; at < args.count; ) {
    const left = args.count - at;
    if (scores && left > request.inputs.length && args.is(at, WEIGHTS)) {
      readWeights(call, at + 1, request.inputs);
      at += 1 + request.inputs.length;
    } else if (scores && left >= 2 && args.is(at, AGGREGATE)) {
      if (args.is(at + 1, SUM)) request.aggregate = 'sum';
      else if (args.is(at + 1, MIN)) request.aggregate = 'min';
      else if (args.is(at + 1, MAX)) request.aggregate = 'max';
      else call.fail(ERR_SYNTAX);
      at += 2;
    } else if (purpose === 'reply' && args.is(at, WITHSCORES)) {
      request.withScores = true;
      at++;
    } else if (purpose === 'count' && left >= 2 && args.is(at, LIMIT)) {
      request.limit = args.integer(at + 1);
      if (!(request.limit >= 0)) call.fail(ERR_LIMIT);
      at += 2;
    } else {
      call.fail(ERR_SYNTAX);
      return;
    }
  }
}

function readWeights(call: Call, first: number, inputs: readonly CombinedInput[]): void {
  const { bytes, offsets, lengths } = call.args;
  for (const [i, input] of inputs.entries()) {
    input.weight = parseDouble(bytes, offsets[first + i]!, lengths[first + i]!);
    if (Number.isNaN(input.weight)) call.fail(ERR_WEIGHT_NOT_FLOAT);
  }
}

/** Infinities of opposite signs add up to 0, as Redis has it. */
function combine(a: number, b: number, aggregate: Aggregate): number {
  if (aggregate === 'sum') {
    const sum = a + b;
    return Number.isNaN(sum) ? 0 : sum;
  }
  if (aggregate === 'min') return b < a ? b : a;
  return b > a ? b : a;
}

function weighted(input: CombinedInput, score: number): number {
  const product = input.weight * score;
  return Number.isNaN(product) ? 0 : product;
}

/** The smallest input first; those of equal size keep their order. */
function bySize(inputs: readonly CombinedInput[]): readonly CombinedInput[] {
  let most = 0;
  for (const { count } of inputs) {
    if (count < most) return [...inputs].sort((a, b) => a.count - b.count);
    most = count;
  }
  return inputs;
}

function unite(request: CombineRequest, result: SortedSet): void {
  const inputs = bySize(request.inputs);
  // It has the members of the largest at least.
  result.createLarge(inputs.at(-1)?.count);
  for (const input of inputs) {
    input.begin();
    while (input.next()) {
      const score = weighted(input, input.score);
      if (result.collect(score, input.bytes, input.offset, input.length)) continue;
      result.setCollectedScore(combine(result.score, score, request.aggregate));
    }
  }
  result.arrange();
}

/** Calls `visit` for members that all inputs have, until it returns false. */
function intersect(
  request: CombineRequest,
  visit: (first: CombinedInput, score: number) => boolean,
): void {
  const inputs = bySize(request.inputs);
  const first = inputs[0];
  if (first === undefined || first.count === 0) return;
  first.begin();
  while (first.next()) {
    let score = weighted(first, first.score);
    let inAll = true;
    for (let i = 1; i < inputs.length; i++) {
      const other = inputs[i]!;
      // The one that is walked may not be searched: a search moves what a table holds.
      const isSame = other.ref === first.ref;
      inAll = isSame || other.find(first.bytes, first.offset, first.length);
      if (!inAll) break;
      const value = (isSame ? first.score : other.foundScore) * other.weight;
      score = combine(score, value, request.aggregate);
    }
    if (inAll && !visit(first, score)) return;
  }
}

function subtract(request: CombineRequest, result: SortedSet): void {
  result.createLarge();
  const [first, ...others] = request.inputs;
  if (first === undefined || first.count === 0) return;
  if (others.some((other) => other.ref === first.ref)) return;
  first.begin();
  while (first.next()) {
    const { bytes, offset, length } = first;
    if (others.some((other) => other.find(bytes, offset, length))) continue;
    result.addNew(first.score, bytes, offset, length);
  }
}

/**
 * Runs such a command.
 * @param i the argument with the number of keys; for 'store' the target's key is argument 1.
 */
export function runCombination(
  call: Call,
  i: number,
  operation: Operation,
  purpose: Purpose,
): void {
  const request = readRequest(call, i, operation, purpose);
  if (request === null) return;
  const { result } = call.keyspace.values.sortedSets;
  if (purpose === 'count') {
    let count = 0;
    intersect(request, () => ++count !== request.limit);
    call.reply.integer(count);
    return;
  }
  if (operation === 'union') unite(request, result);
  else if (operation === 'diff') subtract(request, result);
  else {
    result.createLarge();
    intersect(request, (first, score) => {
      result.addNew(score, first.bytes, first.offset, first.length);
      return true;
    });
  }
  if (purpose === 'store') {
    result.compact();
    call.reply.integer(storeResult(call, 1, result, `z${operation}store`));
    return;
  }
  replyRange(call, result, 0, result.count, false, request.withScores);
  result.free();
}
