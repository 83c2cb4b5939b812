// XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [NOACK] STREAMS key [key ...] id [id ...].
// https://redis.io/docs/latest/commands/xreadgroup/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_STREAM, valueWordOf } from '../../structures/entry.ts';
import { streamIdText } from '../../values/stream-id-text.ts';
import { propagateClaim, propagateConsumer, propagateGroupId } from './claim-propagation.ts';
import { createConsumer, findConsumer, findGroup } from './consumers.ts';
import { DeferredHeader } from './deferred.ts';
import { parseId, replyId } from './ids.ts';
import { checkStreams, isGreater, readOptions } from './read-options.ts';
import { replyEntry, replyEntryAt } from './replies.ts';

const WAIT_OPTIONS = { wakesOnDeletion: true } as const;

function runXreadgroup(call: Call): void {
  const { reply } = call;
  if (!readOptions(call, true) || !checkStreams(call)) return;
  const { request } = call.keyspace.values.streams.work;
  const { firstKey, streamCount, timeoutMs } = request;
  const header = new DeferredHeader();
  let served = 0;
  for (let i = firstKey; i < firstKey + streamCount; i++) {
    const stream = valueWordOf(call.keyspace.arena, call.lookupRead(i));
    const group = findGroup(call, stream, request.groupIndex);
    const consumer = consumerFor(call, group, i);
    const isNew = isGreater(call, i + streamCount) || isLargestId(call, i + streamCount);
    if (isNew && !hasNews(call, stream, group)) continue;
    if (served++ === 0) header.open(reply, streamCount);
    replyKey(call, i);
    if (isNew) deliverNews(call, stream, group, consumer, i);
    else replyHistory(call, stream, consumer, i + streamCount);
    call.dirty++;
  }
  if (served > 0) header.closeMapOfPairs(reply, served);
  else if (timeoutMs < 0 || !call.mayBlock) reply.nullArray();
  else call.block(TYPE_STREAM, firstKey, firstKey + streamCount - 1, timeoutMs, WAIT_OPTIONS);
  if (call.propagates) call.propagateNothing();
}

function replyKey(call: Call, i: number): void {
  const { args, reply } = call;
  if (!reply.resp3) reply.array(2);
  reply.bulk(args.bytes, args.offsets[i]!, args.lengths[i]!);
}

/** The largest ID means the same as `>`. */
function isLargestId(call: Call, i: number): boolean {
  const { id } = call.keyspace.values.streams.work;
  return parseId(call, i, id) && id.isMaximum;
}

/** The consumer, made if need be; the ID is not looked at for that. */
function consumerFor(call: Call, group: number, keyIndex: number): number {
  const { groups, work } = call.keyspace.values.streams;
  const { groupIndex, noAck } = work.request;
  let consumer = findConsumer(call, group, groupIndex + 1);
  if (consumer === NULL_REF) {
    consumer = createConsumer(call, group, groupIndex + 1, keyIndex);
    if (noAck && call.propagates) propagateConsumer(call, groupIndex, keyIndex, groupIndex + 1);
  }
  groups.setSeenTime(consumer, call.nowMs);
  return consumer;
}

/** True when the stream has entries that the group has given to nobody. */
function hasNews(call: Call, stream: number, group: number): boolean {
  const { streams } = call.keyspace.values;
  const { from, last } = streams.work;
  if (!streams.loadEdgeId(stream, true, false, last)) return false;
  streams.groups.loadLastId(group, from);
  return last.compare(from) > 0;
}

/** Answers with entries that the group has given to nobody, and gives them to the consumer. */
function deliverNews(
  call: Call,
  stream: number,
  group: number,
  consumer: number,
  keyIndex: number,
): void {
  const { streams } = call.keyspace.values;
  const { groups, progress } = streams;
  const { cursor, from, to, request } = streams.work;
  const { count, groupIndex, noAck } = request;
  const header = new DeferredHeader();
  const length = streams.length(stream);
  header.open(call.reply, count > 0 && count < length ? count : length);
  groups.loadLastId(group, from);
  from.increment();
  to.setMaximum();
  cursor.start(stream, from, to, false);
  let written = 0;
  while (cursor.next()) {
    progress.advance(stream, group, cursor.id);
    replyEntry(call, cursor);
    if (!noAck) {
      const pending = groups.deliver(group, consumer, cursor.id, call.nowMs);
      if (call.propagates) {
        const text = streamIdText(cursor.id);
        propagateClaim(call, groupIndex, keyIndex, group, pending, text);
      }
    }
    written++;
    if (written === count) break;
  }
  if (!noAck) groups.setActiveTime(consumer, call.nowMs);
  else if (call.propagates) propagateGroupId(call, groupIndex, keyIndex, group);
  header.closeArray(call.reply, written);
}

/** Answers with entries that the consumer was given before and has not acknowledged. */
function replyHistory(call: Call, stream: number, consumer: number, idIndex: number): void {
  const { reply } = call;
  const { streams } = call.keyspace.values;
  const { groups, ids } = streams;
  const { id, place, request } = streams.work;
  const tree = groups.pendingOfConsumer(consumer);
  const header = new DeferredHeader();
  header.open(reply, ids.count(tree));
  parseId(call, idIndex, id);
  id.increment();
  let written = 0;
  for (let stands = ids.ceiling(tree, id, place); stands; stands = ids.next(place)) {
    ids.idAt(place, id);
    if (replyEntryAt(call, stream, id)) {
      const pending = ids.valueAt(place);
      groups.pending.setTime(pending, call.nowMs);
      groups.pending.addDelivery(pending);
    } else {
      // It was deleted from the stream; only its ID is known.
      reply.array(2);
      replyId(call, id);
      reply.nullArray();
    }
    written++;
    if (written === request.count) break;
  }
  header.closeArray(reply, written);
}

export const xreadgroup: CommandSpec = {
  name: 'xreadgroup',
  group: 'stream',
  since: '5.0.0',
  summary:
    'Reads new entries of streams for a consumer of a group, or those it has not acknowledged.',
  complexity:
    'For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.',
  arity: -7,
  flags: ['blocking', 'write'],
  acl: ['stream'],
  keys: [
    {
      flags: ['RO', 'access'],
      begin: { keyword: 'STREAMS', startFrom: 4 },
      find: { lastKey: -1, step: 1, limit: 2 },
    },
  ],
  args: [
    {
      name: 'group-block',
      type: 'block',
      token: 'GROUP',
      args: [
        { name: 'group', type: 'string' },
        { name: 'consumer', type: 'string' },
      ],
    },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
    { name: 'milliseconds', type: 'integer', token: 'BLOCK', optional: true },
    { name: 'noack', type: 'pure-token', token: 'NOACK', optional: true },
    {
      name: 'streams',
      type: 'block',
      token: 'STREAMS',
      args: [
        { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
        { name: 'id', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['map', 'array', 'null'],
  run: runXreadgroup,
};
