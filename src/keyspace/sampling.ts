// Answers about a database that come from a sample of its keys: RANDOMKEY, and the mean time to
// live of INFO keyspace.

import { NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { keyLengthOf, keyOffsetOf } from '../structures/entry.ts';
import { type Database, NO_EXPIRY } from './database.ts';

const TTL_SAMPLE = 20;
/** A replica keeps expired keys; when all are expired the hundredth is answered, as Redis does. */
const REPLICA_TRIES = 100;

/** A key chosen uniformly among those that have not expired, or 0. */
export function randomKey(db: Database): number {
  const { arena, randomBelow, expiryNowMs, deletesExpired } = db.keyspace;
  for (let tries = deletesExpired ? Number.POSITIVE_INFINITY : REPLICA_TRIES; tries > 0; tries--) {
    const ref = db.dict.randomEntry(randomBelow);
    if (ref === NULL_REF) return NULL_REF;
    const expiry = db.expiryOf(ref);
    if (expiry === NO_EXPIRY || expiryNowMs <= expiry) return ref;
    if (!deletesExpired) {
      if (tries === 1) return ref;
      continue;
    }
    const offset = keyOffsetOf(arena, ref);
    const key = arena.bytes[ref >>> SLOT_SHIFT]!.slice(offset, offset + keyLengthOf(arena, ref));
    db.lookup(key, 0, key.length);
  }
  return NULL_REF;
}

/** Mean time to live of the volatile keys in ms, over a sample, as INFO keyspace shows it. */
export function averageTtlMs(db: Database): number {
  const { count } = db.expires;
  if (count === 0) return 0;
  const { randomBelow, nowMs } = db.keyspace;
  const sample = Math.min(count, TTL_SAMPLE);
  let sum = 0;
  for (let i = 0; i < sample; i++) {
    const position = count <= TTL_SAMPLE ? i : randomBelow(count);
    sum += Math.max(0, db.expires.timeAt(position) - nowMs);
  }
  return Math.floor(sum / sample);
}
