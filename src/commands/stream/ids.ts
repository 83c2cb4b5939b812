// Stream IDs as arguments and in replies.

import type { Call } from '../../engine/call.ts';
import type { StreamId } from '../../structures/id-tree-id.ts';
import {
  ID_INVALID,
  ID_OPEN_SEQUENCE,
  ID_PLAIN,
  ID_RANGE,
  ID_WITHOUT_SEQUENCE,
} from '../../values/stream-id-text.ts';
import { ERR_INVALID_END, ERR_INVALID_ID, ERR_INVALID_START } from './errors.ts';

const OPEN_BRACKET = 40;
const DOLLAR = 36;
/** What a missing sequence number stands for at the end of a range: the largest. */
const LARGEST = -1;

/** Reads argument `i` as an ID. @returns false when it is none. */
export function parseId(call: Call, i: number, id: StreamId): boolean {
  const { args } = call;
  const { reader } = call.keyspace.values.streams.work;
  const { bytes, offsets, lengths } = args;
  return reader.read(bytes, offsets[i]!, lengths[i]!, id, 0, ID_PLAIN) !== ID_INVALID;
}

/** The same; when it is none the error has been written. */
export function readId(call: Call, i: number, id: StreamId): boolean {
  if (parseId(call, i, id)) return true;
  call.reply.error(ERR_INVALID_ID);
  return false;
}

/** Reads argument `i` as an ID, `-` or `+`. @returns false when the error has been written. */
export function readIdOrEdge(call: Call, i: number, id: StreamId): boolean {
  const { args } = call;
  const { reader } = call.keyspace.values.streams.work;
  const { bytes, offsets, lengths } = args;
  if (reader.read(bytes, offsets[i]!, lengths[i]!, id, 0, ID_RANGE) !== ID_INVALID) return true;
  call.reply.error(ERR_INVALID_ID);
  return false;
}

/** The ID of XADD, whose sequence number may be open. @returns as StreamIdReader.read. */
export function readNewId(call: Call, i: number, id: StreamId): number {
  const { args } = call;
  const { reader } = call.keyspace.values.streams.work;
  const { bytes, offsets, lengths } = args;
  const found = reader.read(bytes, offsets[i]!, lengths[i]!, id, 0, ID_OPEN_SEQUENCE);
  if (found === ID_INVALID) call.reply.error(ERR_INVALID_ID);
  return found;
}

/** True when what `readNewId` returned leaves the sequence number open. */
export function isOpenSequence(found: number): boolean {
  return found === ID_WITHOUT_SEQUENCE;
}

/** True when all arguments from `first` on are IDs; otherwise the error has been written. */
export function areIds(call: Call, first: number, id: StreamId): boolean {
  for (let i = first; i < call.args.count; i++) if (!readId(call, i, id)) return false;
  return true;
}

/**
 * Reads argument `i` as the start or end of a range, `(` before it excludes the ID itself.
 * @returns false when the error has been written.
 */
export function readBound(call: Call, i: number, id: StreamId, isEnd: boolean): boolean {
  const { args, reply } = call;
  const { reader } = call.keyspace.values.streams.work;
  const offset = args.offsets[i]!;
  const length = args.lengths[i]!;
  const isOpen = length > 1 && args.bytes[offset] === OPEN_BRACKET;
  const skip = isOpen ? 1 : 0;
  const form = isOpen ? ID_PLAIN : ID_RANGE;
  const missing = isEnd ? LARGEST : 0;
  if (reader.read(args.bytes, offset + skip, length - skip, id, missing, form) === ID_INVALID) {
    reply.error(ERR_INVALID_ID);
    return false;
  }
  if (!isOpen) return true;
  if (isEnd) {
    if (id.decrement()) return true;
    reply.error(ERR_INVALID_END);
  } else {
    if (id.increment()) return true;
    reply.error(ERR_INVALID_START);
  }
  return false;
}

/** True when argument `i` is one character, or that and a NUL. */
export function isCharacter(call: Call, i: number, character: number): boolean {
  const { args } = call;
  const offset = args.offsets[i]!;
  const length = args.lengths[i]!;
  if (length === 0 || args.bytes[offset] !== character) return false;
  return length === 1 || args.bytes[offset + 1] === 0;
}

/** True when argument `i` is `$`: the last ID of the stream. */
export function isDollar(call: Call, i: number): boolean {
  return isCharacter(call, i, DOLLAR);
}

/** Answers with an ID as a bulk string. */
export function replyId(call: Call, id: StreamId): void {
  const { text } = call.keyspace.values.streams.work;
  const length = text.write(id);
  call.reply.bulk(text.bytes, 0, length);
}
