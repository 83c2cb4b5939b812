// What replicas and the AOF are told of deliveries: commands that give the same result however
// often they run. Called only while somebody listens.

import type { Call } from '../../engine/call.ts';
import { SLOT_SHIFT } from '../../memory/arena.ts';
import { streamIdText } from '../../values/stream-id-text.ts';

/**
 * XCLAIM for one pending entry, with all that is known of it. Uses `last` and `counter` of the work
 * space.
 */
export function propagateClaim(
  call: Call,
  groupIndex: number,
  keyIndex: number,
  group: number,
  pending: number,
  idText: string | Uint8Array,
): void {
  const { args } = call;
  const { groups, work } = call.keyspace.values.streams;
  const consumer = groups.pending.consumerOf(pending);
  const start = groups.consumers.nameStart(consumer);
  const bytes = call.keyspace.arena.bytes[consumer >>> SLOT_SHIFT]!;
  groups.pending.loadDeliveries(pending, work.counter);
  groups.loadLastId(group, work.last);
  call.propagateAs([
    'XCLAIM',
    args.slice(keyIndex),
    args.slice(groupIndex),
    bytes.slice(start, start + groups.consumers.nameLength(consumer)),
    '0',
    idText,
    'TIME',
    String(groups.pending.timeOf(pending)),
    'RETRYCOUNT',
    String(work.counter.bigValue),
    'FORCE',
    'JUSTID',
    'LASTID',
    streamIdText(work.last),
  ]);
}

/** XGROUP SETID for a group that came forward without pending entries. */
export function propagateGroupId(
  call: Call,
  groupIndex: number,
  keyIndex: number,
  group: number,
): void {
  const { args } = call;
  const { groups, work } = call.keyspace.values.streams;
  groups.loadLastId(group, work.last);
  groups.loadEntriesRead(group, work.counter);
  call.propagateAs([
    'XGROUP',
    'SETID',
    args.slice(keyIndex),
    args.slice(groupIndex),
    streamIdText(work.last),
    'ENTRIESREAD',
    String(work.counter.bigValue),
  ]);
}

/** XGROUP CREATECONSUMER for a consumer that no XCLAIM will name. */
export function propagateConsumer(
  call: Call,
  groupIndex: number,
  keyIndex: number,
  consumerIndex: number,
): void {
  const { args } = call;
  call.propagateAs([
    'XGROUP',
    'CREATECONSUMER',
    args.slice(keyIndex),
    args.slice(groupIndex),
    args.slice(consumerIndex),
  ]);
}
