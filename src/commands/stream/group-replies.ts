// Consumer groups in replies: names, and how far a group has come.

import type { Call } from '../../engine/call.ts';
import { SLOT_SHIFT } from '../../memory/arena.ts';
import { replyCounter } from './counters.ts';

export function replyGroupName(call: Call, group: number): void {
  const { groups } = call.keyspace.values.streams.groups;
  const bytes = call.keyspace.arena.bytes[group >>> SLOT_SHIFT]!;
  call.reply.bulk(bytes, groups.nameStart(group), groups.nameLength(group));
}

export function replyConsumerName(call: Call, consumer: number): void {
  const { consumers } = call.keyspace.values.streams.groups;
  const bytes = call.keyspace.arena.bytes[consumer >>> SLOT_SHIFT]!;
  call.reply.bulk(bytes, consumers.nameStart(consumer), consumers.nameLength(consumer));
}

/** The fields entries-read and lag; null where they are not known. */
export function replyProgress(call: Call, stream: number, group: number): void {
  const { reply } = call;
  const { groups, progress, work } = call.keyspace.values.streams;
  const { counter } = work;
  reply.bulkLatin1('entries-read');
  groups.loadEntriesRead(group, counter);
  if (counter.isUnknown) reply.null();
  else replyCounter(call, counter);
  reply.bulkLatin1('lag');
  if (progress.lag(stream, group, counter)) replyCounter(call, counter);
  else reply.null();
}

/** When a pending entry was delivered, and how often. */
export function replyDelivery(call: Call, pending: number): void {
  const { groups, work } = call.keyspace.values.streams;
  call.reply.integer(groups.pending.timeOf(pending));
  groups.pending.loadDeliveries(pending, work.counter);
  replyCounter(call, work.counter);
}
