// LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]
// https://redis.io/docs/latest/commands/lpos/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, type ReplyError, replyError } from '../../protocol/reply-errors.ts';
import { TYPE_LIST } from '../../structures/entry.ts';

const RANK = Call.word('RANK');
const COUNT = Call.word('COUNT');
const MAXLEN = Call.word('MAXLEN');
const ERR_RANK_ZERO = replyError(
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const ERR_RANK_RANGE = replyError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);
const ERR_COUNT_NEGATIVE = replyError("ERR COUNT can't be negative");
const ERR_MAXLEN_NEGATIVE = replyError("ERR MAXLEN can't be negative");
/** The one integer whose magnitude no 64-bit integer has. */
const MIN_INT64 = Call.word('-9223372036854775808');

interface Search {
  /** Number of the first match to tell of; negative from the tail. */
  rank: number;
  /** Matches to tell of, 0 all of them; -1: the option was not given, one as a plain reply. */
  count: number;
  /** Elements to look at, 0 all of them. */
  maxLength: number;
}

function notNegative(call: Call, i: number, error: ReplyError): number {
  const value = call.integer(i, error);
  if (value < 0) call.fail(error);
  return value;
}

function readRank(call: Call, i: number): number {
  const rank = call.integer(i);
  if (call.args.is(i, MIN_INT64)) call.fail(ERR_RANK_RANGE);
  else if (rank === 0) call.fail(ERR_RANK_ZERO);
  return rank;
}

/** Reads the options; the first that is wrong keeps its failure. */
function readSearch(call: Call): Search {
  const { args } = call;
  const search: Search = { rank: 1, count: -1, maxLength: 0 };
  for (let i = 3; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, RANK)) search.rank = readRank(call, i + 1);
    else if (hasValue && args.is(i, COUNT)) {
      search.count = notNegative(call, i + 1, ERR_COUNT_NEGATIVE);
    } else if (hasValue && args.is(i, MAXLEN)) {
      search.maxLength = notNegative(call, i + 1, ERR_MAXLEN_NEGATIVE);
    } else call.fail(ERR_SYNTAX);
  }
  return search;
}

/** The numbers of the elements that match, in the order of the search. */
function findMatches(call: Call, ref: number, search: Search): number[] {
  const { lists } = call.keyspace.values;
  const { cursor } = lists;
  const { bytes, offsets, lengths } = call.args;
  const forward = search.rank > 0;
  const total = lists.count(ref);
  const looked = search.maxLength === 0 ? total : Math.min(search.maxLength, total);
  const wanted = search.count === 0 ? total : Math.abs(search.count);
  const found: number[] = [];
  let skipped = Math.abs(search.rank) - 1;
  lists.seek(ref, forward ? 0 : -1);
  for (let i = 0; i < looked && found.length < wanted; i++) {
    if (cursor.equals(bytes, offsets[2]!, lengths[2]!)) {
      if (skipped > 0) skipped--;
      else found.push(forward ? i : total - 1 - i);
    }
    if (forward) cursor.next();
    else cursor.previous();
  }
  return found;
}

function runLpos(call: Call): void {
  const { reply } = call;
  const search = readSearch(call);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  if (ref !== NULL_REF && !call.isType(ref, TYPE_LIST)) return;
  const found = ref === NULL_REF ? [] : findMatches(call, ref, search);
  if (search.count !== -1) {
    reply.array(found.length);
    for (const index of found) reply.integer(index);
    return;
  }
  const first = found[0];
  if (first === undefined) reply.null();
  else reply.integer(first);
}

export const lpos: CommandSpec = {
  name: 'lpos',
  group: 'list',
  since: '6.0.6',
  summary: 'Finds the numbers of elements that equal a value.',
  complexity:
    'O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.',
  arity: -3,
  flags: ['readonly'],
  acl: ['list'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'element', type: 'string' },
    { name: 'rank', type: 'integer', token: 'RANK', optional: true },
    { name: 'num-matches', type: 'integer', token: 'COUNT', optional: true },
    { name: 'len', type: 'integer', token: 'MAXLEN', optional: true },
  ],
  replies: ['integer', 'array', 'null'],
  run: runLpos,
};
