// Entries of streams in replies: [ID, [field, value, ...]].

import type { Call } from '../../engine/call.ts';
import { TYPE_STREAM, valueWordOf } from '../../structures/entry.ts';
import type { StreamId } from '../../structures/id-tree-id.ts';
import type { StreamCursor } from '../../values/stream-cursor.ts';
import { DeferredHeader } from './deferred.ts';

const ASTERISK = 42;
const DOLLAR = 36;
const ZERO = 48;
const RETURN = 13;
const NEWLINE = 10;
/** Bytes around the ID at the head of an entry. */
const HEAD_FRAME_BYTES = 12;

/** The stream of an entry; 0 and a WRONGTYPE reply when it is something else. */
export function streamOf(call: Call, ref: number): number {
  return call.isType(ref, TYPE_STREAM) ? valueWordOf(call.keyspace.arena, ref) : 0;
}

/** Writes the entry under the cursor. */
export function replyEntry(call: Call, cursor: StreamCursor): void {
  const { reply } = call;
  const { fieldCount } = cursor;
  replyEntryHead(call, cursor.id);
  reply.array(fieldCount * 2);
  for (let i = 0; i < fieldCount; i++) {
    cursor.readField();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    cursor.readValue();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  }
}

/** `*2` and the ID as a bulk string, in one go: what long ranges spend their time on. */
function replyEntryHead(call: Call, id: StreamId): void {
  const { reply } = call;
  const { text } = call.keyspace.values.streams.work;
  const length = text.write(id);
  reply.ensure(length + HEAD_FRAME_BYTES);
  const { bytes } = reply;
  let at = reply.position;
  bytes[at] = ASTERISK;
  bytes[at + 1] = ZERO + 2;
  bytes[at + 2] = RETURN;
  bytes[at + 3] = NEWLINE;
  bytes[at + 4] = DOLLAR;
  at += 5;
  if (length > 9) bytes[at++] = ZERO + ((length / 10) | 0);
  bytes[at] = ZERO + (length % 10);
  bytes[at + 1] = RETURN;
  bytes[at + 2] = NEWLINE;
  at += 3;
  const source = text.bytes;
  for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
  bytes[at + length] = RETURN;
  bytes[at + length + 1] = NEWLINE;
  reply.position = at + length + 2;
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
