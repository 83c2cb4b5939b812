// Keys with an expiry that clients have set on a writable replica: its master knows nothing of
// them, so the replica itself must let them go. All others wait for the master's DEL.

import type { Call } from '../engine/call.ts';
import type { Command } from '../engine/command.ts';
import { findKeys, KeyList } from '../engine/key-extraction.ts';
import type { Database } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { NULL_REF } from '../memory/arena.ts';
import type { Args } from '../protocol/args.ts';

export class OwnExpiry {
  readonly #keyspace: Keyspace;
  /** Keys by database, one character a byte. */
  readonly #keys: Map<Database, Set<string>> = new Map();
  readonly #found = new KeyList();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Keys that may have to go. */
  get count(): number {
    let count = 0;
    for (const keys of this.#keys.values()) count += keys.size;
    return count;
  }

  /** A client has changed keys. */
  onChanged(call: Call, command: Command, args: Args): void {
    const found = this.#found;
    found.clear();
    if (!findKeys(command.spec, args, found)) return;
    const { db } = call;
    for (const index of found.indexes) {
      const offset = args.offsets[index]!;
      const ref = db.dict.find(args.bytes, offset, args.lengths[index]!);
      if (ref === NULL_REF || db.expiryOf(ref) < 0) continue;
      const keys = this.#keys.get(db) ?? new Set();
      this.#keys.set(db, keys.add(args.latin1(index)));
    }
  }

  /**
   * Lets go of what is due. Not to be called while a file is loaded: that says itself which keys
   * go, and may let one live on.
   */
  tick(): void {
    const keyspace = this.#keyspace;
    for (const [db, keys] of this.#keys) {
      for (const key of keys) {
        const bytes = Buffer.from(key, 'latin1');
        const ref = db.dict.find(bytes, 0, bytes.length);
        const expiryMs = ref === NULL_REF ? -1 : db.expiryOf(ref);
        if (expiryMs >= 0 && expiryMs >= keyspace.nowMs) continue;
        keys.delete(key);
        if (expiryMs < 0) continue;
        keyspace.deletesExpired = true;
        db.lookup(bytes, 0, bytes.length);
        keyspace.deletesExpired = false;
      }
      if (keys.size === 0) this.#keys.delete(db);
    }
  }

  /** The data set is another now, or the server a master, which lets all keys go by itself. */
  forget(): void {
    this.#keys.clear();
  }
}
