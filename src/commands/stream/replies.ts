// Entries of streams in replies: [ID, [field, value, ...]].

import type { Call } from '../../engine/call.ts';
import { TYPE_STREAM, valueWordOf } from '../../structures/entry.ts';
import type { StreamId } from '../../structures/id-tree-id.ts';
import type { StreamCursor } from '../../values/stream-cursor.ts';
import { DeferredHeader } from './deferred.ts';
import { replyId } from './ids.ts';

/** The stream of an entry; 0 and a WRONGTYPE reply when it is something else. */
export function streamOf(call: Call, ref: number): number {
  return call.isType(ref, TYPE_STREAM) ? valueWordOf(call.keyspace.arena, ref) : 0;
}

/** Writes the entry under the cursor. */
export function replyEntry(call: Call, cursor: StreamCursor): void {
  const { reply } = call;
  const { fieldCount } = cursor;
  reply.array(2);
  replyId(call, cursor.id);
  reply.array(fieldCount * 2);
  for (let i = 0; i < fieldCount; i++) {
    cursor.readField();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    cursor.readValue();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  }
}

/**
 * Writes an array of the entries from one ID to another, or back from the other.
 * @param count how many at most; 0: all.
 */
export function replyRange(
  call: Call,
  stream: number,
  from: StreamId,
  to: StreamId,
  count: number,
  isReverse: boolean,
): void {
  const { streams } = call.keyspace.values;
  const { cursor } = streams.work;
  const header = new DeferredHeader();
  const length = streams.length(stream);
  header.open(call.reply, count > 0 && count < length ? count : length);
  cursor.start(stream, from, to, isReverse);
  let written = 0;
  while (cursor.next()) {
    replyEntry(call, cursor);
    written++;
    if (written === count) break;
  }
  header.closeArray(call.reply, written);
}

/** Writes the one entry with an ID. @returns false, with nothing written, when there is none. */
export function replyEntryAt(call: Call, stream: number, id: StreamId): boolean {
  const { cursor } = call.keyspace.values.streams.work;
  cursor.start(stream, id, id, false);
  if (!cursor.next()) return false;
  replyEntry(call, cursor);
  return true;
}
