// XCLAIM key group consumer min-idle-time id [id ...] [IDLE ms] [TIME ms] [RETRYCOUNT n] [FORCE]
// [JUSTID] [LASTID id]. https://redis.io/docs/latest/commands/xclaim/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { Counter64 } from '../../values/stream-counter.ts';
import { propagateClaim, propagateGroupId } from './claim-propagation.ts';
import { findGroup, useConsumer } from './consumers.ts';
import { readCounter } from './counters.ts';
import { DeferredHeader } from './deferred.ts';
import {
  ERR_XCLAIM_IDLE,
  ERR_XCLAIM_MIN_IDLE,
  ERR_XCLAIM_RETRY_COUNT,
  ERR_XCLAIM_TIME,
  noKeyOrGroup,
  unknownClaimOption,
} from './errors.ts';
import { parseId, readId, replyId } from './ids.ts';
import { replyEntryAt, streamOf } from './replies.ts';

const FORCE = Call.word('FORCE');
const JUSTID = Call.word('JUSTID');
const IDLE = Call.word('IDLE');
const TIME = Call.word('TIME');
const RETRYCOUNT = Call.word('RETRYCOUNT');
const LASTID = Call.word('LASTID');
const GROUP_INDEX = 2;
const CONSUMER_INDEX = 3;
const FIRST_ID = 5;

/** What happened to an entry. */
const UNCHANGED = 0;
const CLAIMED = 1;
const FORGOTTEN = 2;

interface ClaimOptions {
  readonly minIdleMs: number;
  /** The argument behind the last ID. */
  readonly end: number;
  /** When the entries count as delivered, ms of the Unix epoch. */
  timeMs: number;
  /** Negative: not given. */
  readonly retryCount: Counter64;
  force: boolean;
  justId: boolean;
}

function runXclaim(call: Call): void {
  const { args, reply } = call;
  const { groups, work } = call.keyspace.values.streams;
  const ref = call.lookupRead(1);
  const stream = ref === NULL_REF ? NULL_REF : streamOf(call, ref);
  if (ref !== NULL_REF && stream === NULL_REF) return;
  const group = stream === NULL_REF ? NULL_REF : findGroup(call, stream, GROUP_INDEX);
  if (group === NULL_REF) {
    reply.error(noKeyOrGroup(args.shown(1), args.shown(GROUP_INDEX)));
    return;
  }
  const options = readOptions(call);
  if (options === null) return;
  // LASTID is in the work space, 0-0 when it was not given.
  const { to: lastId, last } = work;
  groups.loadLastId(group, last);
  let tellsLastId = lastId.compare(last) > 0;
  if (tellsLastId) groups.storeLastId(group, lastId);
  const consumer = useConsumer(call, group, CONSUMER_INDEX, 1);
  const header = new DeferredHeader();
  header.open(reply, options.end - FIRST_ID);
  let written = 0;
  for (let i = FIRST_ID; i < options.end; i++) {
    const result = claim(call, stream, group, consumer, i, options);
    if (result === CLAIMED) written++;
    // What was told of an entry carries the group's last ID.
    if (result !== UNCHANGED) tellsLastId = false;
  }
  if (tellsLastId) {
    if (call.propagates) propagateGroupId(call, GROUP_INDEX, 1, group);
    call.dirty++;
  }
  header.closeArray(reply, written);
  if (call.propagates) call.propagateNothing();
}

/** Reads what follows the minimum of idle time. @returns null when the error has been written. */
function readOptions(call: Call): ClaimOptions | null {
  const { args, reply, nowMs } = call;
  const { id, to: lastId } = call.keyspace.values.streams.work;
  const minIdleMs = call.integer(4, ERR_XCLAIM_MIN_IDLE);
  if (call.failed()) return null;
  let end = FIRST_ID;
  while (end < args.count && parseId(call, end, id)) end++;
  const options: ClaimOptions = {
    minIdleMs: Math.max(minIdleMs, 0),
    end,
    timeMs: nowMs,
    retryCount: new Counter64(),
    force: false,
    justId: false,
  };
  options.retryCount.set(-1);
  lastId.setMinimum();
  for (let i = end; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, FORCE)) options.force = true;
    else if (args.is(i, JUSTID)) options.justId = true;
    else if (hasMore && args.is(i, IDLE)) {
      options.timeMs = nowMs - call.integer(++i, ERR_XCLAIM_IDLE);
      if (call.failed()) return null;
    } else if (hasMore && args.is(i, TIME)) {
      options.timeMs = call.integer(++i, ERR_XCLAIM_TIME);
      if (call.failed()) return null;
    } else if (hasMore && args.is(i, RETRYCOUNT)) {
      if (!readCounter(call, ++i, options.retryCount, ERR_XCLAIM_RETRY_COUNT)) return null;
    } else if (hasMore && args.is(i, LASTID)) {
      if (!readId(call, ++i, lastId)) return null;
    } else {
      reply.error(unknownClaimOption(args.shown(i)));
      return null;
    }
  }
  // A time that makes no sense is a client's clock that is wrong; it counts as now.
  if (options.timeMs < 0 || options.timeMs > nowMs) options.timeMs = nowMs;
  return options;
}

/** Hands the entry of argument `i` to a consumer, and answers with it. */
function claim(
  call: Call,
  stream: number,
  group: number,
  consumer: number,
  i: number,
  options: ClaimOptions,
): number {
  const { args, nowMs } = call;
  const { streams } = call.keyspace.values;
  const { groups, ids, work } = streams;
  const { id } = work;
  parseId(call, i, id);
  let pending = ids.find(groups.pendingOfGroup(group), id);
  if (!streams.has(stream, id)) {
    if (pending === NULL_REF) return UNCHANGED;
    if (call.propagates) propagateClaim(call, GROUP_INDEX, 1, group, pending, args.slice(i));
    call.dirty++;
    groups.acknowledge(group, id);
    return FORGOTTEN;
  }
  if (pending !== NULL_REF) {
    const idleMs = nowMs - groups.pending.timeOf(pending);
    if (options.minIdleMs > 0 && idleMs < options.minIdleMs) return UNCHANGED;
  } else if (options.force) pending = groups.addPending(group, id, nowMs);
  else return UNCHANGED;
  groups.pending.setTime(pending, options.timeMs);
  if (options.retryCount.high >= 0) groups.pending.storeDeliveries(pending, options.retryCount);
  else if (!options.justId) groups.pending.addDelivery(pending);
  groups.assign(pending, consumer, id);
  if (options.justId) replyId(call, id);
  else replyEntryAt(call, stream, id);
  groups.setActiveTime(consumer, nowMs);
  if (call.propagates) propagateClaim(call, GROUP_INDEX, 1, group, pending, args.slice(i));
  call.dirty++;
  return CLAIMED;
}

export const xclaim: CommandSpec = {
  name: 'xclaim',
  group: 'stream',
  since: '5.0.0',
  summary: 'Hands entries that a group was given to one of its consumers.',
  complexity: 'O(log N) with N being the number of messages in the PEL of the consumer group.',
  arity: -6,
  flags: ['write', 'fast'],
  acl: ['stream'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'group', type: 'string' },
    { name: 'consumer', type: 'string' },
    { name: 'min-idle-time', type: 'string' },
    { name: 'id', type: 'string', multiple: true },
    { name: 'ms', type: 'integer', token: 'IDLE', optional: true },
    { name: 'unix-time-milliseconds', type: 'unix-time', token: 'TIME', optional: true },
    { name: 'count', type: 'integer', token: 'RETRYCOUNT', optional: true },
    { name: 'force', type: 'pure-token', token: 'FORCE', optional: true },
    { name: 'justid', type: 'pure-token', token: 'JUSTID', optional: true },
    { name: 'lastid', type: 'string', token: 'LASTID', optional: true },
  ],
  replies: ['array'],
  run: runXclaim,
};
