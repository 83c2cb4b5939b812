// XAUTOCLAIM key group consumer min-idle-time start [COUNT n] [JUSTID].
// https://redis.io/docs/latest/commands/xautoclaim/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { streamIdText } from '../../values/stream-id-text.ts';
import { propagateClaim } from './claim-propagation.ts';
import { findGroup, useConsumer } from './consumers.ts';
import { DeferredHeader } from './deferred.ts';
import {
  ERR_XAUTOCLAIM_COUNT,
  ERR_XAUTOCLAIM_MEMORY,
  ERR_XAUTOCLAIM_MIN_IDLE,
  noKeyOrGroup,
} from './errors.ts';
import { readBound, replyId } from './ids.ts';
import { replyEntryAt, streamOf } from './replies.ts';

const COUNT = Call.word('COUNT');
const JUSTID = Call.word('JUSTID');
const GROUP_INDEX = 2;
const CONSUMER_INDEX = 3;
const FIRST_OPTION = 6;
const DEFAULT_COUNT = 100;
/** The largest count that Redis takes: LONG_MAX through the size of an ID. */
const MAX_COUNT = 2 ** 63 / 16;
/** From here on Redis finds no memory for as many IDs, whatever the machine. */
const IMPOSSIBLE_COUNT = 2 ** 47 / 16;
/** Pending entries that are looked at for each one that may be claimed. */
const LOOKS_PER_ENTRY = 10;

function runXautoclaim(call: Call): void {
  const { args, reply } = call;
  const { from } = call.keyspace.values.streams.work;
  // Looked up before the arguments are read, as in Redis: a miss is told and counted in any case.
  const ref = call.lookupRead(1);
  const minIdleMs = Math.max(call.integer(4, ERR_XAUTOCLAIM_MIN_IDLE), 0);
  if (call.failed() || !readBound(call, 5, from, false)) return;
  let count = DEFAULT_COUNT;
  let justId = false;
  for (let i = FIRST_OPTION; i < args.count; i++) {
    if (i + 1 < args.count && args.is(i, COUNT)) {
      count = call.integer(++i, ERR_XAUTOCLAIM_COUNT);
      if (count < 1 || count >= MAX_COUNT) call.fail(ERR_XAUTOCLAIM_COUNT);
      if (call.failed()) return;
    } else if (args.is(i, JUSTID)) justId = true;
    else {
      reply.error(ERR_SYNTAX);
      return;
    }
  }
  const stream = ref === NULL_REF ? NULL_REF : streamOf(call, ref);
  if (ref !== NULL_REF && stream === NULL_REF) return;
  const group = stream === NULL_REF ? NULL_REF : findGroup(call, stream, GROUP_INDEX);
  if (group === NULL_REF) {
    reply.error(noKeyOrGroup(args.shown(1), args.shown(GROUP_INDEX)));
    return;
  }
  if (count >= IMPOSSIBLE_COUNT) {
    reply.error(ERR_XAUTOCLAIM_MEMORY);
    return;
  }
  claimIdle(call, stream, group, count, minIdleMs, justId);
  if (call.propagates) call.propagateNothing();
}

/**
 * Hands idle entries from the work space's `from` on to the consumer, and answers with where it
 * ended, the entries, and the IDs of those that are no longer in the stream.
 */
function claimIdle(
  call: Call,
  stream: number,
  group: number,
  count: number,
  minIdleMs: number,
  justId: boolean,
): void {
  const { reply, nowMs } = call;
  const { streams } = call.keyspace.values;
  const { groups, ids, work } = streams;
  const { from, place, id } = work;
  const consumer = useConsumer(call, group, CONSUMER_INDEX, 1);
  const tree = groups.pendingOfGroup(group);
  reply.array(3);
  const looks = replyEnd(call, stream, tree, count, minIdleMs);
  const header = new DeferredHeader();
  header.open(reply, looks);
  let written = 0;
  const gone: string[] = [];
  let stands = ids.ceiling(tree, from, place);
  for (let look = 0; look < looks && stands; look++) {
    ids.idAt(place, id);
    const pending = ids.valueAt(place);
    if (!streams.has(stream, id)) {
      const text = streamIdText(id);
      gone.push(text);
      if (call.propagates) propagateClaim(call, GROUP_INDEX, 1, group, pending, text);
      call.dirty++;
      groups.acknowledge(group, id);
      stands = ids.ceiling(tree, id, place);
      continue;
    }
    stands = ids.next(place);
    if (minIdleMs > 0 && nowMs - groups.pending.timeOf(pending) < minIdleMs) continue;
    groups.assign(pending, consumer, id);
    groups.pending.setTime(pending, nowMs);
    if (!justId) groups.pending.addDelivery(pending);
    if (justId) replyId(call, id);
    else replyEntryAt(call, stream, id);
    groups.setActiveTime(consumer, nowMs);
    written++;
    if (call.propagates) propagateClaim(call, GROUP_INDEX, 1, group, pending, streamIdText(id));
    call.dirty++;
  }
  header.closeArray(reply, written);
  reply.array(gone.length);
  for (const text of gone) reply.bulkLatin1(text);
}

/**
 * Answers with the ID to go on from, 0-0 at the end, which stands before all else in the reply.
 * @returns how many pending entries are to be looked at.
 */
function replyEnd(
  call: Call,
  stream: number,
  tree: number,
  count: number,
  minIdleMs: number,
): number {
  const { streams } = call.keyspace.values;
  const { groups, ids, work } = streams;
  const { from, place, id } = work;
  const maxLooks = count * LOOKS_PER_ENTRY;
  let left = count;
  let looks = 0;
  let stands = ids.ceiling(tree, from, place);
  for (; stands && left > 0 && looks < maxLooks; stands = ids.next(place)) {
    looks++;
    ids.idAt(place, id);
    const idleMs = call.nowMs - groups.pending.timeOf(ids.valueAt(place));
    // Entries that are gone count too: they are in the reply.
    if (minIdleMs === 0 || idleMs >= minIdleMs || !streams.has(stream, id)) left--;
  }
  if (stands) ids.idAt(place, id);
  else id.setMinimum();
  replyId(call, id);
  return looks;
}

export const xautoclaim: CommandSpec = {
  name: 'xautoclaim',
  group: 'stream',
  since: '6.2.0',
  summary: 'Hands entries that were given out long ago to a consumer of the group.',
  complexity: 'O(1) if COUNT is small.',
  arity: -6,
  flags: ['write', 'fast'],
  acl: ['stream'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'group', type: 'string' },
    { name: 'consumer', type: 'string' },
    { name: 'min-idle-time', type: 'string' },
    { name: 'start', type: 'string' },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
    { name: 'justid', type: 'pure-token', token: 'JUSTID', optional: true },
  ],
  history: [
    [
      '7.0.0',
      'Added an element to the reply array, containing deleted entries the command cleared from the PEL',
    ],
  ],
  replies: ['array'],
  run: runXautoclaim,
};
