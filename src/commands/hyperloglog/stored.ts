// Finding a HyperLogLog in a string, and writing it back.

import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { type ReplyError, replyError } from '../../protocol/reply-errors.ts';
import { ENCODING_RAW, setTypeAndEncoding, TYPE_STRING } from '../../structures/entry.ts';
import { type HyperLogLog, isHyperLogLog } from '../../values/hyperloglog.ts';

const NOT_ONE = replyError('WRONGTYPE Key is not a valid HyperLogLog string value.');
export const CORRUPT: ReplyError = replyError('INVALIDOBJ Corrupted HLL object detected');

/** Whether an entry is a HyperLogLog; otherwise the error has been replied. */
function isOne(call: Call, ref: number): boolean {
  if (!call.isString(ref)) return false;
  const { strings } = call;
  strings.view(ref);
  if (isHyperLogLog(strings.bytes, strings.offset, strings.length)) return true;
  call.reply.error(NOT_ONE);
  return false;
}

/** Opens the string of an entry for reading. @returns false after an error. */
export function openToRead(call: Call, ref: number): HyperLogLog | null {
  if (!isOne(call, ref)) return null;
  const { strings } = call;
  const { hyperLogLog } = call.keyspace.values;
  hyperLogLog.open(strings.bytes, strings.offset, strings.length);
  return hyperLogLog;
}

/**
 * Opens the string of the key in argument `i`, which the last lookup found, for changing: a dense
 * one where it lies, a sparse one in a copy. @returns null after an error.
 */
export function openToWrite(call: Call, ref: number, i: number): HyperLogLog | null {
  const opened = openToRead(call, ref);
  if (opened === null) return null;
  const { strings } = call;
  if (opened.isDense) {
    strings.view(call.editString(ref, i, strings.length));
    opened.open(strings.bytes, strings.offset, strings.length);
  } else if (!opened.load(strings.bytes, strings.offset, strings.length)) {
    call.reply.error(CORRUPT);
    return null;
  }
  return opened;
}

/** Writes a changed one back to the key in argument `i`, unless that is where it lies. */
export function store(call: Call, i: number, changed: HyperLogLog): void {
  const found = call.lookupQuietly(i);
  const { bytes, offset, length } = changed;
  const { strings, args, db } = call;
  if (found !== NULL_REF) {
    strings.view(found);
    if (strings.bytes === bytes && strings.offset === offset) return;
  }
  const key = args.offsets[i] ?? 0;
  const keyLength = args.lengths[i] ?? 0;
  const ref = db.setString(found, args.bytes, key, keyLength, bytes, offset, length, true);
  setTypeAndEncoding(call.keyspace.arena, ref, TYPE_STRING, ENCODING_RAW);
}

/** Tells of a change. */
export function tell(call: Call, i: number, changes: number): void {
  call.changed(i, NOTIFY_STRING, 'pfadd', changes);
}
