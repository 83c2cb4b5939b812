// Finding the hash that a command is about. Fields that are due are removed first, so a command
// sees none of them.

import type { Call } from '../../engine/call.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ENCODING_LISTPACK, TYPE_HASH } from '../../structures/entry.ts';

/** What the functions below return when the key holds another type, which has been replied. */
export const WRONG_TYPE: unique symbol = Symbol('wrong type');

/** The hash in argument 1 for reading; 0 when there is none. */
export function hashToRead(call: Call): number | typeof WRONG_TYPE {
  return checked(call, call.lookupRead(1));
}

/** The hash in argument 1 for writing; 0 when there is none. */
export function hashToWrite(call: Call): number | typeof WRONG_TYPE {
  return checked(call, call.lookupWrite(1));
}

function checked(call: Call, ref: number): number | typeof WRONG_TYPE {
  if (ref === NULL_REF) return NULL_REF;
  if (!call.isType(ref, TYPE_HASH)) return WRONG_TYPE;
  return call.db.fieldExpiry.count === 0 ? ref : withoutDueFields(call, ref);
}

/** Removes the fields of a hash that are due. @returns the entry, or 0 when the key is gone. */
export function withoutDueFields(call: Call, ref: number): number {
  const { keyspace, db } = call;
  const nextMs = keyspace.values.hashes.nextExpiryMs(ref);
  if (nextMs < 0 || nextMs >= keyspace.expiryNowMs || !keyspace.deletesExpired) return ref;
  return db.fieldExpiry.purge(ref);
}

/** The hash in argument 1 for writing, created when it is missing. */
export function hashToFill(call: Call): number | typeof WRONG_TYPE {
  const ref = hashToWrite(call);
  if (ref !== NULL_REF) return ref;
  const { hashes } = call.keyspace.values;
  return call.insertValue(1, TYPE_HASH, ENCODING_LISTPACK, hashes.create());
}

/** Keeps the database's knowledge of the hash's times true, after fields were changed. */
export function timesChanged(call: Call, ref: number): void {
  const { fieldExpiry } = call.db;
  if (fieldExpiry.count > 0) fieldExpiry.sync(ref);
}
