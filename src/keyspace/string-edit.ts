// Making a string writable in place: what APPEND, SETRANGE, SETBIT and BITFIELD do before they
// write into its bytes. A string that outgrows its entry gets a block of its own.

import { GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  accessClockOf,
  bytesBeforeValue,
  ENCODING_RAW,
  hasTag,
  isOutline,
  keyLengthOf,
  keyOffsetOf,
  setAccessClock,
  setTypeAndEncoding,
  TYPE_STRING,
  VALUE_WORD,
  valueWordOf,
} from '../structures/entry.ts';
import { INLINE_MAX_BYTES } from '../values/string.ts';
import type { Database } from './database.ts';

/**
 * Makes a string writable up to `length` bytes: its encoding becomes raw, bytes beyond its end are
 * zero, its length grows to `length` if that is more. Load it with `strings.view` afterwards.
 * @param found what `lookup` of this key, the last call on this database, returned; 0 makes a new
 * key.
 * @returns the entry, which may have moved.
 */
export function editString(
  db: Database,
  found: number,
  keyBytes: Uint8Array,
  keyOffset: number,
  keyLength: number,
  length: number,
): number {
  const { arena, strings } = db.keyspace;
  if (found === NULL_REF) {
    const ref = newZeroString(db, keyBytes, keyOffset, keyLength, length, false);
    setAccessClock(arena, ref, db.keyspace.clock);
    db.insertNew(ref);
    return ref;
  }
  setTypeAndEncoding(arena, found, TYPE_STRING, ENCODING_RAW);
  if (isOutline(arena, found)) {
    strings.growOutline(found, length);
    return found;
  }
  const oldLength = valueWordOf(arena, found);
  if (length <= oldLength) return found;
  const tagged = hasTag(arena, found);
  const before = bytesBeforeValue(keyLength, tagged);
  if (length <= INLINE_MAX_BYTES && before + length <= arena.capacity(found)) {
    const slot = found >>> SLOT_SHIFT;
    const start = ((found & GRANULE_MASK) << 3) + before;
    arena.bytes[slot]!.fill(0, start + oldLength, start + length);
    arena.words[slot]![((found & GRANULE_MASK) << 1) + VALUE_WORD] = length;
    return found;
  }
  // The key's bytes may be given in whatever buffer; those of the old entry are as good.
  const key = arena.bytes[found >>> SLOT_SHIFT]!;
  const offset = keyOffsetOf(arena, found);
  const ref = newZeroString(db, key, offset, keyLengthOf(arena, found), length, tagged);
  setAccessClock(arena, ref, accessClockOf(arena, found));
  strings.copyInto(found, ref);
  db.replaceFound(found, ref);
  return ref;
}

function newZeroString(
  db: Database,
  keyBytes: Uint8Array,
  keyOffset: number,
  keyLength: number,
  length: number,
  tagged: boolean,
): number {
  const { arena, strings } = db.keyspace;
  const ref = strings.createZero(keyBytes, keyOffset, keyLength, length, tagged);
  setTypeAndEncoding(arena, ref, TYPE_STRING, ENCODING_RAW);
  return ref;
}
