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
  const { keyspace } = db;
  db.dict.find(key, keyOffset, keyLength);
  let ref: number;
  if (reader.isString) {
    const { bytes, offset, length } = reader.text;
    const encoding = encodingForBytes(bytes, offset, length);
    const isTagged = expiryMs !== NO_EXPIRY;
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
    if (isTagged) db.expires.add(ref, expiryMs);
    db.insertNew(ref);
  } else {
    const { built } = reader;
    built.take();
    ref = db.insertValue(key, keyOffset, keyLength, built.type, built.encoding, built.root);
    db.fieldExpiry.arrived(ref);
    if (expiryMs !== NO_EXPIRY) {
      db.dict.find(key, keyOffset, keyLength);
      ref = db.setExpiryFound(ref, expiryMs);
    }
  }
  if (clock !== CLOCK_OF_NOW) setAccessClock(keyspace.arena, ref, clock);
  return ref;
}
