// The options of XADD and XTRIM: MAXLEN and MINID with `~`, `=` and LIMIT, and for XADD NOMKSTREAM
// and the place of the ID.

import { Call } from '../../engine/call.ts';
import { ERR_NOT_INTEGER, ERR_SYNTAX, type ReplyError } from '../../protocol/reply-errors.ts';
import { ID_INVALID, streamIdText } from '../../values/stream-id-text.ts';
import { TRIM_BY_ID, TRIM_BY_LENGTH, TRIM_NONE } from '../../values/stream-trim.ts';
import {
  ERR_LIMIT_NEGATIVE,
  ERR_LIMIT_WITHOUT_STRATEGY,
  ERR_LIMIT_WITHOUT_TILDE,
  ERR_MAXLEN_NEGATIVE,
  ERR_NO_STRATEGY,
  ERR_TWO_STRATEGIES,
} from './errors.ts';
import { isCharacter, readId, readNewId } from './ids.ts';

const MAXLEN = Call.word('MAXLEN');
const MINID = Call.word('MINID');
const LIMIT = Call.word('LIMIT');
const NOMKSTREAM = Call.word('NOMKSTREAM');
const STAR = 42;
const TILDE = 126;
const EQUALS = 61;
const FIRST_OPTION = 2;
/** Nodes that an approximate trimming frees at most, unless LIMIT says otherwise. */
const DEFAULT_LIMIT_NODES = 100;
const DEFAULT_LIMIT = 10000;
const MAX_DEFAULT_LIMIT = 1000000;
const INT64_END = 2 ** 63;

/** True when argument `i` is `*`. */
export function isStar(call: Call, i: number): boolean {
  return isCharacter(call, i, STAR);
}

function fail(call: Call, error: ReplyError): number {
  call.reply.error(error);
  return -1;
}

/**
 * Reads the options into the work space's `trim`.
 * @param isAdd XADD: the options end with the ID, which is not read.
 * @returns the argument where they end, or -1 when the error has been written.
 */
export function readTrimOptions(call: Call, isAdd: boolean): number {
  const { args } = call;
  const { trim } = call.keyspace.values.streams.work;
  trim.strategy = TRIM_NONE;
  trim.isApproximate = false;
  trim.limit = 0;
  let hasLimit = false;
  let i = FIRST_OPTION;
  for (; i < args.count; i++) {
    if (isAdd && isStar(call, i)) break;
    const hasMore = i + 1 < args.count;
    if (hasMore && (args.is(i, MAXLEN) || args.is(i, MINID))) {
      i = readStrategy(call, i);
      if (i < 0) return -1;
    } else if (hasMore && args.is(i, LIMIT)) {
      trim.limit = args.integer(++i);
      if (Number.isNaN(trim.limit)) return fail(call, ERR_NOT_INTEGER);
      if (trim.limit < 0) return fail(call, ERR_LIMIT_NEGATIVE);
      hasLimit = true;
    } else if (isAdd) {
      if (!args.is(i, NOMKSTREAM)) break;
    } else return fail(call, ERR_SYNTAX);
  }
  // An ID that is none is told before what does not fit together.
  if (isAdd && i < args.count && !isStar(call, i) && !isNewId(call, i)) return -1;
  if (trim.limit > 0 && trim.strategy === TRIM_NONE) {
    return fail(call, ERR_LIMIT_WITHOUT_STRATEGY);
  }
  if (!isAdd && trim.strategy === TRIM_NONE) return fail(call, ERR_NO_STRATEGY);
  if (call.client.mustBeObeyed) {
    // What was trimmed there is trimmed here, whatever limit it was found with.
    trim.limit = 0;
    return i;
  }
  if (hasLimit && !trim.isApproximate) return fail(call, ERR_LIMIT_WITHOUT_TILDE);
  if (!hasLimit && trim.isApproximate) {
    trim.limit = defaultLimit(call.keyspace.values.limits.streamNodeMaxEntries);
  }
  return i;
}

function isNewId(call: Call, i: number): boolean {
  return readNewId(call, i, call.keyspace.values.streams.work.id) !== ID_INVALID;
}

function defaultLimit(nodeMaxEntries: number): number {
  const limit = DEFAULT_LIMIT_NODES * nodeMaxEntries;
  if (limit <= 0 || limit >= INT64_END) return DEFAULT_LIMIT;
  return limit > MAX_DEFAULT_LIMIT ? MAX_DEFAULT_LIMIT : limit;
}

/** Reads MAXLEN or MINID at argument `start`. @returns its last argument, or -1. */
function readStrategy(call: Call, start: number): number {
  const { args } = call;
  const { trim } = call.keyspace.values.streams.work;
  if (trim.strategy !== TRIM_NONE) return fail(call, ERR_TWO_STRATEGIES);
  const at = thresholdAfter(call, start);
  trim.isApproximate = at > start + 1 && isCharacter(call, start + 1, TILDE);
  if (args.is(start, MINID)) {
    trim.strategy = TRIM_BY_ID;
    return readId(call, at, trim.minId) ? at : -1;
  }
  trim.strategy = TRIM_BY_LENGTH;
  trim.maxLength = args.integer(at);
  if (Number.isNaN(trim.maxLength)) return fail(call, ERR_NOT_INTEGER);
  return trim.maxLength < 0 ? fail(call, ERR_MAXLEN_NEGATIVE) : at;
}

/** The argument with what MAXLEN or MINID at argument `i` trims to. */
function thresholdAfter(call: Call, i: number): number {
  const hasOperator =
    i + 2 < call.args.count &&
    (isCharacter(call, i + 1, TILDE) || isCharacter(call, i + 1, EQUALS));
  return hasOperator ? i + 2 : i + 1;
}

/** True when NOMKSTREAM stands before argument `end`. */
export function hasNoMkStream(call: Call, end: number): boolean {
  const { args } = call;
  for (let i = FIRST_OPTION; i < end; i++) {
    if (args.is(i, NOMKSTREAM)) return true;
    if (args.is(i, LIMIT)) i++;
    else if (args.is(i, MAXLEN) || args.is(i, MINID)) i = thresholdAfter(call, i);
  }
  return false;
}

/**
 * The arguments of XADD or XTRIM as replicas must see them, for trimming that was approximate: the
 * exact result in the place of `~` and what was asked for.
 */
export function exactTrimArguments(
  call: Call,
  stream: number,
  end: number,
): (string | Uint8Array)[] {
  const { args } = call;
  const { streams } = call.keyspace.values;
  const { trim, from } = streams.work;
  const parts: (string | Uint8Array)[] = [];
  for (let i = 0; i < args.count; i++) parts.push(args.slice(i));
  if (!trim.isApproximate) return parts;
  let threshold = 0;
  for (let i = FIRST_OPTION; i < end; i++) {
    if (args.is(i, LIMIT)) i++;
    else if (args.is(i, MAXLEN) || args.is(i, MINID)) {
      threshold = thresholdAfter(call, i);
      i = threshold;
    }
  }
  parts[threshold - 1] = '=';
  if (trim.strategy === TRIM_BY_LENGTH) parts[threshold] = String(streams.length(stream));
  else {
    streams.loadEdgeId(stream, false, true, from);
    parts[threshold] = streamIdText(from);
  }
  return parts;
}
