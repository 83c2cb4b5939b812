// Writes all keys at once, where nothing else runs meanwhile: SAVE, the first base of an
// append-only file, DEBUG RELOAD. It needs no colours, so a snapshot may be under way beside it.

import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { SnapshotSink } from './snapshot-walk.ts';

export function writeAllKeys(keyspace: Keyspace, sink: SnapshotSink): void {
  for (const db of keyspace.databases) {
    const { dict, expires } = db;
    if (dict.count === 0) continue;
    sink.beginDatabase(db.id, dict.count, expires.count);
    dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
      const expiryMs = db.expiryOf(ref);
      const isWhole = sink.beginKey(db.id, ref, expiryMs === NO_EXPIRY ? -1 : expiryMs);
      if (!isWhole) while (!sink.writeMore());
    });
  }
}
