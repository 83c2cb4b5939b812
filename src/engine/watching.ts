// WATCH: which clients watch which keys, and what makes a transaction fail. A change of a watched
// key by anybody marks those who watch it; they watch nothing from then on, because their EXEC
// fails in any case. A key that had expired already when it was watched may go without a trace.
// The engine owns the one Watching; it hears of changes only while somebody watches.
// https://redis.io/docs/latest/commands/watch/

import { latin1String } from '../bytes/ascii.ts';
import type { Database } from '../keyspace/database.ts';
import { NULL_REF } from '../memory/arena.ts';
import type { Client } from './client.ts';
import type { KeyEvents, Watchers } from './key-events.ts';
import { Transaction } from './transaction.ts';

/** One key that one client watches. */
export interface Watch {
  readonly client: Client;
  readonly db: Database;
  readonly key: string;
  /** The key had expired, but was still there, when it was watched. */
  wasExpired: boolean;
}

export class Watching implements Watchers {
  /** Keys that are watched, counted once for each client. */
  count = 0;
  readonly #events: KeyEvents;
  readonly #watches: Map<Database, Map<string, Set<Watch>>> = new Map();

  constructor(events: KeyEvents) {
    this.#events = events;
  }

  /** Clients that watch some key. */
  get clientCount(): number {
    const clients = new Set<Client>();
    for (const keys of this.#watches.values()) {
      for (const watches of keys.values()) for (const { client } of watches) clients.add(client);
    }
    return clients.size;
  }

  /** A client watches a key of its database from now on. @param key one character a byte. */
  watch(client: Client, key: string): void {
    const { db } = client;
    client.transaction ??= new Transaction();
    const { watches } = client.transaction;
    if (watches.some((watch) => watch.db === db && watch.key === key)) return;
    const watch: Watch = { client, db, key, wasExpired: stateOf(db, key) === 'expired' };
    watches.push(watch);
    let keys = this.#watches.get(db);
    if (keys === undefined) {
      keys = new Map();
      this.#watches.set(db, keys);
    }
    const others = keys.get(key);
    if (others === undefined) keys.set(key, new Set([watch]));
    else others.add(watch);
    if (this.count++ === 0) this.#events.addWatchers(this);
  }

  /** A client watches no key any more. */
  unwatch(client: Client): void {
    const watches = client.transaction?.watches.splice(0) ?? [];
    for (const watch of watches) {
      const keys = this.#watches.get(watch.db);
      const others = keys?.get(watch.key);
      others?.delete(watch);
      if (others?.size === 0) keys?.delete(watch.key);
      if (--this.count === 0) this.#events.removeWatchers(this);
    }
  }

  /** True when a key that a client watches has expired since, and nobody has touched it yet. */
  hasExpired(client: Client): boolean {
    return (client.transaction?.watches ?? []).some(
      (watch) => !watch.wasExpired && stateOf(watch.db, watch.key) === 'expired',
    );
  }

  onChanged(db: Database, key: Uint8Array, offset: number, length: number): void {
    const keys = this.#watches.get(db);
    if (keys === undefined || keys.size === 0) return;
    const name = latin1String(key, offset, length);
    for (const watch of [...(keys.get(name) ?? [])]) {
      if (watch.wasExpired) {
        // It was as good as gone; that it goes is no change.
        if (stateOf(db, name) === 'missing') watch.wasExpired = false;
        continue;
      }
      this.#fail(watch.client);
      this.unwatch(watch.client);
    }
  }

  onFlushed(db: Database | null): void {
    for (const [each, keys] of this.#watches) {
      if (db !== null && each !== db) continue;
      for (const [key, watches] of keys) {
        if (stateOf(each, key) !== 'missing') this.#onReplaced(watches, 'present', 'missing');
      }
    }
  }

  onSwapping(a: Database, b: Database): void {
    this.#onSwappedIn(a, b);
    this.#onSwappedIn(b, a);
  }

  /** The keys of `db` are about to be those of `other`. */
  #onSwappedIn(db: Database, other: Database): void {
    for (const [key, watches] of this.#watches.get(db) ?? []) {
      const before = stateOf(db, key);
      const after = stateOf(other, key);
      if (before !== 'missing' || after !== 'missing') this.#onReplaced(watches, before, after);
    }
  }

  #onReplaced(watches: Set<Watch>, before: KeyState, after: KeyState): void {
    for (const watch of watches) {
      if (watch.wasExpired && after === 'missing') watch.wasExpired = false;
      else if (watch.wasExpired && after === 'expired') continue;
      else if (!watch.wasExpired && before === 'missing' && after === 'expired') {
        watch.wasExpired = true;
      } else this.#fail(watch.client);
    }
  }

  #fail(client: Client): void {
    if (client.transaction !== null) client.transaction.isDirty = true;
  }
}

type KeyState = 'missing' | 'expired' | 'present';

/** What there is of a key, without deleting it when it has expired. */
function stateOf(db: Database, key: string): KeyState {
  const bytes = Buffer.from(key, 'latin1');
  const ref = db.dict.find(bytes, 0, bytes.length);
  if (ref === NULL_REF) return 'missing';
  return db.isExpired(ref) ? 'expired' : 'present';
}
