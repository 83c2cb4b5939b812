// XPENDING key group [[IDLE ms] start end count [consumer]].
// https://redis.io/docs/latest/commands/xpending/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_INTEGER, ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { findConsumer, findGroup } from './consumers.ts';
import { replyCounter } from './counters.ts';
import { DeferredHeader } from './deferred.ts';
import { noKeyOrGroup } from './errors.ts';
import { replyConsumerName } from './group-replies.ts';
import { readBound, replyId } from './ids.ts';
import { streamOf } from './replies.ts';

const IDLE = Call.word('IDLE');
const SUMMARY_ARGUMENTS = 3;
const FIRST_ARGUMENT = 3;

function runXpending(call: Call): void {
  const { args, reply } = call;
  const { count: argumentCount } = args;
  if (argumentCount !== SUMMARY_ARGUMENTS && (argumentCount < 6 || argumentCount > 9)) {
    reply.error(ERR_SYNTAX);
    return;
  }
  let first = FIRST_ARGUMENT;
  let minIdleMs = 0;
  let count = 0;
  if (argumentCount !== SUMMARY_ARGUMENTS) {
    if (args.is(FIRST_ARGUMENT, IDLE)) {
      minIdleMs = call.integer(FIRST_ARGUMENT + 1);
      if (call.failed()) return;
      if (argumentCount < 8) {
        reply.error(ERR_SYNTAX);
        return;
      }
      first += 2;
    }
    count = call.integer(first + 2, ERR_NOT_INTEGER);
    if (call.failed()) return;
    const { from, to } = call.keyspace.values.streams.work;
    if (!readBound(call, first, from, false) || !readBound(call, first + 1, to, true)) return;
  }
  const ref = call.lookupRead(1);
  const stream = ref === NULL_REF ? NULL_REF : streamOf(call, ref);
  if (ref !== NULL_REF && stream === NULL_REF) return;
  const group = stream === NULL_REF ? NULL_REF : findGroup(call, stream, 2);
  if (group === NULL_REF) reply.error(noKeyOrGroup(args.shown(1), args.shown(2)));
  else if (argumentCount === SUMMARY_ARGUMENTS) replySummary(call, group);
  else replyPending(call, group, first + 3, count, minIdleMs);
}

/** Number of pending entries, first and last ID, and how many each consumer has. */
function replySummary(call: Call, group: number): void {
  const { reply } = call;
  const { groups, ids, work } = call.keyspace.values.streams;
  const tree = groups.pendingOfGroup(group);
  reply.array(4);
  reply.integer(ids.count(tree));
  if (!ids.first(tree, work.place)) {
    reply.null();
    reply.null();
    reply.nullArray();
    return;
  }
  ids.idAt(work.place, work.id);
  replyId(call, work.id);
  ids.last(tree, work.place);
  ids.idAt(work.place, work.id);
  replyId(call, work.id);
  const header = new DeferredHeader();
  const consumers = groups.consumerCount(group);
  header.open(reply, consumers);
  let written = 0;
  for (let i = 0; i < consumers; i++) {
    const consumer = groups.consumerAt(group, i);
    const count = ids.count(groups.pendingOfConsumer(consumer));
    if (count === 0) continue;
    written++;
    reply.array(2);
    replyConsumerName(call, consumer);
    reply.bulkInteger(count);
  }
  header.closeArray(reply, written);
}

/** Up to `count` pending entries of the range in the work space that are idle for long enough. */
function replyPending(
  call: Call,
  group: number,
  consumerIndex: number,
  count: number,
  minIdleMs: number,
): void {
  const { args, reply, nowMs } = call;
  const { groups, ids, work } = call.keyspace.values.streams;
  const { from, to, place, id } = work;
  let tree = groups.pendingOfGroup(group);
  if (consumerIndex < args.count) {
    const consumer = findConsumer(call, group, consumerIndex);
    if (consumer === NULL_REF) {
      reply.array(0);
      return;
    }
    tree = groups.pendingOfConsumer(consumer);
  }
  const header = new DeferredHeader();
  const all = ids.count(tree);
  header.open(reply, count > 0 && count < all ? count : all);
  let written = 0;
  let stands = count > 0 && ids.ceiling(tree, from, place);
  for (; stands && written < count; stands = ids.next(place)) {
    ids.idAt(place, id);
    if (id.compare(to) > 0) break;
    const pending = ids.valueAt(place);
    const idleMs = nowMs - groups.pending.timeOf(pending);
    if (minIdleMs !== 0 && idleMs < minIdleMs) continue;
    written++;
    reply.array(4);
    replyId(call, id);
    replyConsumerName(call, groups.pending.consumerOf(pending));
    reply.integer(idleMs < 0 ? 0 : idleMs);
    groups.pending.loadDeliveries(pending, work.counter);
    replyCounter(call, work.counter);
  }
  header.closeArray(reply, written);
}

export const xpending: CommandSpec = {
  name: 'xpending',
  group: 'stream',
  since: '5.0.0',
  summary: 'Tells which entries a group was given and has not acknowledged.',
  complexity:
    'O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.',
  arity: -3,
  flags: ['readonly'],
  acl: ['stream'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'group', type: 'string' },
    {
      name: 'filters',
      type: 'block',
      optional: true,
      args: [
        { name: 'min-idle-time', type: 'integer', token: 'IDLE', since: '6.2.0', optional: true },
        { name: 'start', type: 'string' },
        { name: 'end', type: 'string' },
        { name: 'count', type: 'integer' },
        { name: 'consumer', type: 'string', optional: true },
      ],
    },
  ],
  history: [['6.2.0', 'Added the `IDLE` option and exclusive range intervals.']],
  replies: ['array'],
  run: runXpending,
};
