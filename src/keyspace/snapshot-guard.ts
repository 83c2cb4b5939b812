// What the keyspace asks while a snapshot is being taken, so that the snapshot shows every key as
// it was when it began: before a key changes or goes, it is written.
//
// Each entry has a colour, one bit. When no snapshot runs all entries have the colour of the
// keyspace (`strings.colour`), with which new ones are born. A snapshot turns the colour of the
// keyspace, so all that was there has the other one; it paints what it has written. Whoever looks a
// key up in order to change it asks the guard first, and so does whatever deletes or moves an
// entry. See docs/internals/snapshot.md.

import type { Dict } from '../structures/dict.ts';
import type { ExpiryHeap } from '../structures/expiry-heap.ts';
import type { Database } from './database.ts';

export interface SnapshotGuard {
  /**
   * The key of a large value that is being written, a part at a time, and the table it is in; null
   * while there is none.
   */
  readonly openKey: Uint8Array | null;
  readonly openDict: Dict | null;
  /** Called when it is written, maybe in the middle of a command. */
  onClosed: () => void;
  /** Whoever takes the snapshot wants no more for now: the value goes on when he does. */
  readonly isStuck: boolean;
  /** Has the rest of that value go on all the same: it waits in memory then. */
  hurry(): void;
  /** An entry of a database may change or go: it is written first unless it has been. */
  beforeChange(db: Database, ref: number): void;
  /**
   * A database is being emptied. @returns true when the snapshot still needs its tables: then they
   * are the guard's, which gives them to lazyFree when they are written.
   */
  keeps(dict: Dict, expires: ExpiryHeap): boolean;
}
