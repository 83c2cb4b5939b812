// Writes all keys at once, where nothing else runs meanwhile: SAVE, the first base of an
// append-only file, DEBUG RELOAD. It needs no colours, so a snapshot may be under way beside it.

import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { SnapshotSink } from './snapshot-walk.ts';

/** Keys that are looked for together: the processor waits for the memory of several at a time. */
const KEYS_TOGETHER = 64;

export function writeAllKeys(keyspace: Keyspace, sink: SnapshotSink): void {
  const refs: number[] = [];
  const collect = (ref: number): void => {
    refs.push(ref);
  };
  for (const db of keyspace.databases) {
    const { dict, expires } = db;
    if (dict.count === 0) continue;
    sink.beginDatabase(db.id, dict.count, expires.count);
    for (let bucket = 0; bucket >= 0; ) {
      bucket = dict.visitBuckets(bucket, KEYS_TOGETHER, collect);
      for (const ref of refs) {
        const expiryMs = db.expiryOf(ref);
        const isWhole = sink.beginKey(db.id, ref, expiryMs === NO_EXPIRY ? -1 : expiryMs);
        if (!isWhole) while (!sink.writeMore());
      }
      refs.length = 0;
    }
  }
}
