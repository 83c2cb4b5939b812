// The reply of XINFO STREAM, short or FULL.

import { Call } from '../../engine/call.ts';
import { wrongSubcommandUse } from '../../protocol/reply-errors.ts';
import { radixNodeCount } from '../../values/stream-radix.ts';
import { replyCounter } from './counters.ts';
import {
  replyConsumerName,
  replyDelivery,
  replyGroupName,
  replyProgress,
} from './group-replies.ts';
import { replyId } from './ids.ts';
import { replyEntry, replyRange } from './replies.ts';

const FULL = Call.word('FULL');
const COUNT = Call.word('COUNT');
const FIRST_OPTION = 3;
const FULL_ARGUMENTS = 4;
const FULL_COUNT_ARGUMENTS = 6;
const DEFAULT_COUNT = 10;

/** Answers about a stream; the options begin at argument 3. */
export function replyStreamInfo(call: Call, stream: number): void {
  const { args, reply } = call;
  const isFull = args.count > FIRST_OPTION;
  let count = DEFAULT_COUNT;
  if (isFull) {
    const isSound =
      (args.count === FULL_ARGUMENTS ||
        (args.count === FULL_COUNT_ARGUMENTS && args.is(FIRST_OPTION + 1, COUNT))) &&
      args.is(FIRST_OPTION, FULL);
    if (!isSound) {
      reply.error(wrongSubcommandUse(args.shown(1), 'XINFO'));
      return;
    }
    if (args.count === FULL_COUNT_ARGUMENTS) count = call.integer(FIRST_OPTION + 2);
    if (call.failed()) return;
    if (count < 0) count = DEFAULT_COUNT;
  }
  const { groups } = call.keyspace.values.streams;
  reply.map(isFull ? 9 : 10);
  replyCounts(call, stream);
  if (isFull) replyFull(call, stream, count);
  else {
    reply.bulkLatin1('groups');
    reply.integer(groups.groupCount(stream));
    reply.bulkLatin1('first-entry');
    replyEdge(call, stream, false);
    reply.bulkLatin1('last-entry');
    replyEdge(call, stream, true);
  }
}

/** The seven fields that both forms begin with. */
function replyCounts(call: Call, stream: number): void {
  const { reply } = call;
  const { streams } = call.keyspace.values;
  const { ids, work } = streams;
  reply.bulkLatin1('length');
  reply.integer(streams.length(stream));
  reply.bulkLatin1('radix-tree-keys');
  reply.integer(ids.count(stream));
  reply.bulkLatin1('radix-tree-nodes');
  reply.integer(radixNodeCount(ids, stream, work.place, work.id, work.last));
  reply.bulkLatin1('last-generated-id');
  streams.loadLastId(stream, work.last);
  replyId(call, work.last);
  reply.bulkLatin1('max-deleted-entry-id');
  streams.loadMaxDeletedId(stream, work.last);
  replyId(call, work.last);
  reply.bulkLatin1('entries-added');
  streams.loadEntriesAdded(stream, work.counter);
  replyCounter(call, work.counter);
  reply.bulkLatin1('recorded-first-entry-id');
  streams.loadFirstId(stream, work.last);
  replyId(call, work.last);
}

function replyEdge(call: Call, stream: number, isLast: boolean): void {
  const { cursor } = call.keyspace.values.streams.work;
  cursor.startAll(stream, isLast, false);
  if (cursor.next()) replyEntry(call, cursor);
  else call.reply.null();
}

function replyFull(call: Call, stream: number, count: number): void {
  const { reply } = call;
  const { groups, work } = call.keyspace.values.streams;
  work.from.setMinimum();
  work.to.setMaximum();
  reply.bulkLatin1('entries');
  replyRange(call, stream, work.from, work.to, count, false);
  reply.bulkLatin1('groups');
  const groupCount = groups.groupCount(stream);
  reply.array(groupCount);
  for (let i = 0; i < groupCount; i++) {
    replyGroup(call, stream, groups.groupAt(stream, i), count);
  }
}

function replyGroup(call: Call, stream: number, group: number, count: number): void {
  const { reply } = call;
  const { groups, work } = call.keyspace.values.streams;
  reply.map(7);
  reply.bulkLatin1('name');
  replyGroupName(call, group);
  reply.bulkLatin1('last-delivered-id');
  groups.loadLastId(group, work.last);
  replyId(call, work.last);
  replyProgress(call, stream, group);
  replyPending(call, groups.pendingOfGroup(group), count, true);
  reply.bulkLatin1('consumers');
  const consumerCount = groups.consumerCount(group);
  reply.array(consumerCount);
  for (let i = 0; i < consumerCount; i++) {
    const consumer = groups.consumerAt(group, i);
    reply.map(5);
    reply.bulkLatin1('name');
    replyConsumerName(call, consumer);
    reply.bulkLatin1('seen-time');
    reply.integer(groups.seenTimeOf(consumer));
    reply.bulkLatin1('active-time');
    reply.integer(groups.activeTimeOf(consumer));
    replyPending(call, groups.pendingOfConsumer(consumer), count, false);
  }
}

/** The fields pel-count and pending: up to `count` entries of a tree (0: all). */
function replyPending(call: Call, tree: number, count: number, withConsumer: boolean): void {
  const { reply } = call;
  const { groups, ids, work } = call.keyspace.values.streams;
  const { place, id } = work;
  const all = ids.count(tree);
  reply.bulkLatin1('pel-count');
  reply.integer(all);
  reply.bulkLatin1('pending');
  let left = count > 0 && count < all ? count : all;
  reply.array(left);
  for (let stands = ids.first(tree, place); stands && left > 0; stands = ids.next(place)) {
    const pending = ids.valueAt(place);
    left--;
    ids.idAt(place, id);
    reply.array(withConsumer ? 4 : 3);
    replyId(call, id);
    if (withConsumer) replyConsumerName(call, groups.pending.consumerOf(pending));
    replyDelivery(call, pending);
  }
}
