// The digest of a data set: 20 bytes that are equal for equal keys, values and databases, in
// whatever order they lie in memory. Tests compare two servers by it, so it must be bit for bit
// Redis's own:
//
//   xor(d, x)  d := d ^ SHA1(x)                 order does not matter
//   mix(d, x)  d := SHA1(d ^ SHA1(x))           order matters
//   value      mix type (4 bytes, big endian), then the content by type, then xor "!!expire!!" when it expires
//   data set   per database that has keys: mix its number, then for each key xor the digest of (mix key, value)

import type { Database } from '../../keyspace/database.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import type { Keyspace } from '../../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../../memory/arena.ts';
import { keyLengthOf, keyOffsetOf, typeOf } from '../../structures/entry.ts';
import { contentDigests } from './content-digests.ts';
import { Digest } from './digest-state.ts';

const EXPIRES = Buffer.from('!!expire!!');

/** Adds the value of an entry, and that it expires. */
export function addValue(digest: Digest, db: Database, ref: number): void {
  const { arena } = db.keyspace;
  const type = typeOf(arena, ref);
  digest.mixInteger(type);
  contentDigests[type]?.(digest, db.keyspace, ref);
  if (db.expiryOf(ref) !== NO_EXPIRY) digest.xor(EXPIRES);
}

/**
 * The digest of all keys of all databases, those included that have expired and wait to be deleted.
 */
export function digestOfAll(keyspace: Keyspace): string {
  const { arena } = keyspace;
  const total = new Digest();
  const one = new Digest();
  for (const db of keyspace.databases) {
    if (db.dict.count === 0) continue;
    total.mixInteger(db.id);
    db.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
      const start = keyOffsetOf(arena, ref);
      one.bytes.fill(0);
      one.mix(arena.bytes[ref >>> SLOT_SHIFT]!.subarray(start, start + keyLengthOf(arena, ref)));
      addValue(one, db, ref);
      total.xor(one.bytes);
    });
  }
  return total.hex;
}
