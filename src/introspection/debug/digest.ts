// The digest of a data set: 20 bytes that are equal for equal keys, values and databases, in
// whatever order they lie in memory. Tests compare two servers by it, so it must be bit for bit
// Redis's own:
//
//   xor(d, x)  d := d ^ SHA1(x)                 order does not matter
//   mix(d, x)  d := SHA1(d ^ SHA1(x))           order matters
//   value      mix type (4 bytes, big endian), then the content by type, then xor "!!expire!!" when it expires
//   data set   per database that has keys: mix its number, then for each key xor the digest of (mix key, value)

import { hash } from 'node:crypto';
import type { Database } from '../../keyspace/database.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import type { Keyspace } from '../../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../../memory/arena.ts';
import { keyLengthOf, keyOffsetOf, typeOf } from '../../structures/entry.ts';

const DIGEST_BYTES = 20;
const EXPIRES = Buffer.from('!!expire!!');

export class Digest {
  readonly bytes: Buffer = Buffer.alloc(DIGEST_BYTES);

  /** Adds data whose order among its kind does not matter. */
  xor(data: Uint8Array): void {
    const digest = hash('sha1', data, 'buffer');
    for (let i = 0; i < DIGEST_BYTES; i++) this.bytes[i] = this.bytes[i]! ^ digest[i]!;
  }

  /** Adds data after that which was added before. */
  mix(data: Uint8Array): void {
    this.xor(data);
    hash('sha1', this.bytes, 'buffer').copy(this.bytes);
  }

  mixInteger(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    this.mix(bytes);
  }

  get hex(): string {
    return this.bytes.toString('hex');
  }
}

/** Adds the value of an entry, and that it expires. */
export function addValue(digest: Digest, db: Database, ref: number): void {
  const { arena, strings } = db.keyspace;
  digest.mixInteger(typeOf(arena, ref));
  strings.view(ref);
  const { bytes, offset, length } = strings;
  digest.mix(bytes.subarray(offset, offset + length));
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
