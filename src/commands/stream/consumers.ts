// Groups and consumers as arguments of the commands.

import { type Call, NOTIFY_STREAM } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';

/** The group that argument `i` names, or 0. */
export function findGroup(call: Call, stream: number, i: number): number {
  const { bytes, offsets, lengths } = call.args;
  const { groups } = call.keyspace.values.streams;
  return groups.findGroup(stream, bytes, offsets[i]!, lengths[i]!);
}

/** The consumer that argument `i` names, or 0. */
export function findConsumer(call: Call, group: number, i: number): number {
  const { bytes, offsets, lengths } = call.args;
  const { groups } = call.keyspace.values.streams;
  return groups.findConsumer(group, bytes, offsets[i]!, lengths[i]!);
}

/** Makes the consumer that `findConsumer` has just not found; argument `keyIndex` is its key. */
export function createConsumer(call: Call, group: number, i: number, keyIndex: number): number {
  const { bytes, offsets, lengths } = call.args;
  const { groups } = call.keyspace.values.streams;
  const consumer = groups.createConsumer(group, bytes, offsets[i]!, lengths[i]!, call.nowMs);
  call.dirty++;
  call.notify(NOTIFY_STREAM, 'xgroup-createconsumer', keyIndex);
  return consumer;
}

/** The consumer that argument `i` names, made if need be; it was seen now. */
export function useConsumer(call: Call, group: number, i: number, keyIndex: number): number {
  let consumer = findConsumer(call, group, i);
  if (consumer === NULL_REF) consumer = createConsumer(call, group, i, keyIndex);
  call.keyspace.values.streams.groups.setSeenTime(consumer, call.nowMs);
  return consumer;
}
