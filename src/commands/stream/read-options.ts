// The arguments of XREAD and XREADGROUP: options, then STREAMS with keys and as many IDs.

import { Call } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import {
  ERR_NOT_INTEGER,
  ERR_SYNTAX,
  type ReplyError,
  replyError,
} from '../../protocol/reply-errors.ts';
import { findGroup } from './consumers.ts';
import {
  ERR_DOLLAR_WITH_GROUP,
  ERR_GREATER_WITHOUT_GROUP,
  ERR_GROUP_OPTION,
  ERR_MISSING_GROUP,
  ERR_NOACK_OPTION,
  ERR_PLUS_WITH_GROUP,
  noKeyOrGroup,
  unbalancedStreams,
} from './errors.ts';
import { isCharacter, isDollar, readId } from './ids.ts';
import { streamOf } from './replies.ts';

const BLOCK = Call.word('BLOCK');
const COUNT = Call.word('COUNT');
const STREAMS = Call.word('STREAMS');
const GROUP = Call.word('GROUP');
const NOACK = Call.word('NOACK');
const PLUS = 43;
const GREATER = 62;

function fail(call: Call, error: ReplyError): boolean {
  call.reply.error(error);
  return false;
}

/** `+`: the last entry. */
export function isPlus(call: Call, i: number): boolean {
  return isCharacter(call, i, PLUS);
}

/** `>`: what the group has given to nobody. */
export function isGreater(call: Call, i: number): boolean {
  return isCharacter(call, i, GREATER);
}

/** Reads the options into the work space. @returns false when the error has been written. */
export function readOptions(call: Call, isGroup: boolean): boolean {
  const { args } = call;
  const { request } = call.keyspace.values.streams.work;
  request.timeoutMs = -1;
  request.count = 0;
  request.firstKey = 0;
  request.groupIndex = 0;
  request.noAck = false;
  for (let i = 1; i < args.count && request.firstKey === 0; i++) {
    const more = args.count - i - 1;
    if (more > 0 && args.is(i, BLOCK)) {
      if (call.client.runsScripts) {
        const text = `ERR ${args.shown(0)} command is not allowed with BLOCK option from scripts`;
        return fail(call, replyError(text));
      }
      request.timeoutMs = call.timeoutMsInteger(++i);
      if (call.failed()) return false;
    } else if (more > 0 && args.is(i, COUNT)) {
      request.count = args.integer(++i);
      if (Number.isNaN(request.count)) return fail(call, ERR_NOT_INTEGER);
      if (request.count < 0) request.count = 0;
    } else if (more > 0 && args.is(i, STREAMS)) {
      if (more % 2 !== 0) {
        const error = isGroup
          ? unbalancedStreams('xreadgroup', '>')
          : unbalancedStreams('xread', '$');
        return fail(call, error);
      }
      request.firstKey = i + 1;
      request.streamCount = more / 2;
    } else if (more > 1 && args.is(i, GROUP)) {
      if (!isGroup) return fail(call, ERR_GROUP_OPTION);
      request.groupIndex = i + 1;
      i += 2;
    } else if (args.is(i, NOACK)) {
      if (!isGroup) return fail(call, ERR_NOACK_OPTION);
      request.noAck = true;
    } else return fail(call, ERR_SYNTAX);
  }
  if (request.firstKey === 0) return fail(call, ERR_SYNTAX);
  return !isGroup || request.groupIndex !== 0 || fail(call, ERR_MISSING_GROUP);
}

/** Looks at all streams, groups and IDs. @returns false when the error has been written. */
export function checkStreams(call: Call): boolean {
  const { args } = call;
  const { work } = call.keyspace.values.streams;
  const { firstKey, groupIndex, streamCount } = work.request;
  for (let i = firstKey; i < firstKey + streamCount; i++) {
    const ref = call.lookupRead(i);
    const stream = ref === NULL_REF ? NULL_REF : streamOf(call, ref);
    if (ref !== NULL_REF && stream === NULL_REF) return false;
    if (groupIndex !== 0) {
      if (stream === NULL_REF || findGroup(call, stream, groupIndex) === NULL_REF) {
        const suffix = ' in XREADGROUP with GROUP option';
        return fail(call, noKeyOrGroup(args.shown(i), args.shown(groupIndex), suffix));
      }
    }
    if (!checkId(call, i + streamCount, groupIndex !== 0)) return false;
  }
  return true;
}

function checkId(call: Call, i: number, isGroup: boolean): boolean {
  if (isDollar(call, i)) return !isGroup || fail(call, ERR_DOLLAR_WITH_GROUP);
  if (isPlus(call, i)) return !isGroup || fail(call, ERR_PLUS_WITH_GROUP);
  if (isGreater(call, i)) return isGroup || fail(call, ERR_GREATER_WITHOUT_GROUP);
  return readId(call, i, call.keyspace.values.streams.work.id);
}
