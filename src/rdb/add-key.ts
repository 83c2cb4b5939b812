// Adds a key whose value a ValueReader has read to a database: the last step of RESTORE and of
// loading.

import type { Database } from '../keyspace/database.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import { setAccessClock } from '../structures/entry.ts';
import { encodingForBytes } from '../values/string.ts';
import type { ValueReader } from './value-reader.ts';

/** The access clock stays that of now. */
export const CLOCK_OF_NOW = -1;

/**
 * Adds a key that the database does not have.
 * @param reader with a complete value, which is the database's afterwards.
 * @param expiryMs when it expires, or NO_EXPIRY.
 * @param clock its access clock, or CLOCK_OF_NOW.
 * @returns the entry.
 */
export function addReadKey(
  db: Database,
  key: Uint8Array,
  keyOffset: number,
  keyLength: number,
  reader: ValueReader,
  expiryMs: number,
  clock: number,
): number {
  db.dict.find(key, keyOffset, keyLength);
  return insertReadKey(db, key, keyOffset, keyLength, reader, expiryMs, clock);
}

/** The same of a key that the last lookup has not found. */
export function insertReadKey(
  db: Database,
  key: Uint8Array,
  keyOffset: number,
  keyLength: number,
  reader: ValueReader,
  expiryMs: number,
  clock: number,
): number {
  const { keyspace } = db;
  const isTagged = expiryMs !== NO_EXPIRY;
  let ref: number;
  if (reader.isString) {
    const { bytes, offset, length } = reader.text;
    const encoding = encodingForBytes(bytes, offset, length);
    ref = keyspace.strings.create(
      key,
      keyOffset,
      keyLength,
      bytes,
      offset,
      length,
      isTagged,
      keyspace.clock,
      encoding,
    );
    db.insertNew(ref);
  } else {
    const { built } = reader;
    built.take();
    const { type, encoding, root } = built;
    ref = db.insertValue(key, keyOffset, keyLength, type, encoding, root, isTagged);
    db.fieldExpiry.arrived(ref);
  }
  if (isTagged) db.expires.add(ref, expiryMs);
  if (clock !== CLOCK_OF_NOW) setAccessClock(keyspace.arena, ref, clock);
  return ref;
}
