// What happens to keys, told to whom it concerns: the journals, WATCH and client-side caching
// (`watchers`), clients that wait, and keyspace notifications. The keyspace tells of what it does
// by itself (expiry, new and deleted keys, flushes), the handlers of the rest. The engine owns the
// one KeyEvents.

import { latin1String } from '../bytes/ascii.ts';
import { changing } from '../bytes/changing-fields.ts';
import type { Database } from '../keyspace/database.ts';
import type { KeyspaceListener } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import { keyLengthOf, keyOffsetOf } from '../structures/entry.ts';
import { NOTIFY_EVICTED, NOTIFY_EXPIRED, NOTIFY_GENERIC, NOTIFY_HASH, NOTIFY_NEW } from './call.ts';
import type { Engine } from './engine.ts';

/** Hears of changed keys: WATCH and client-side caching. */
export interface Watchers {
  /** The bytes are true during the call. */
  onChanged(db: Database, key: Uint8Array, offset: number, length: number): void;
  /** All keys of a database (or of all, when `db` is null) are about to be deleted. */
  onFlushed(db: Database | null): void;
  /** Two databases are about to be exchanged. */
  onSwapping(a: Database, b: Database): void;
}

/** Tells several in the place of one. */
class ManyWatchers implements Watchers {
  readonly all: readonly Watchers[];

  constructor(all: readonly Watchers[]) {
    this.all = all;
  }

  onChanged(db: Database, key: Uint8Array, offset: number, length: number): void {
    for (const each of this.all) each.onChanged(db, key, offset, length);
  }

  onFlushed(db: Database | null): void {
    for (const each of this.all) each.onFlushed(db);
  }

  onSwapping(a: Database, b: Database): void {
    for (const each of this.all) each.onSwapping(a, b);
  }
}

/** Sends keyspace notifications. */
export interface Notifier {
  publish(
    notifyClass: number,
    event: string,
    db: Database,
    key: Uint8Array,
    offset: number,
    length: number,
  ): void;
}

export class KeyEvents implements KeyspaceListener {
  /** Null while nobody listens, so that a change costs no more than a look at it. */
  watchers: Watchers | null = null;
  notifier: Notifier | null = null;
  /** Set while a key gets another value: to those who are notified or wait it is no new key. */
  isReplacing = false;
  /** Set while watchers are told of a key that no client changed: it expired or was evicted. */
  isByItself = false;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
    changing(this, ['watchers', 'notifier']);
  }

  /** Somebody wants to hear of changes. */
  addWatchers(added: Watchers): void {
    this.#setWatchers([...this.#allWatchers(), added]);
  }

  removeWatchers(removed: Watchers): void {
    this.#setWatchers(this.#allWatchers().filter((each) => each !== removed));
  }

  #allWatchers(): readonly Watchers[] {
    if (this.watchers === null) return [];
    return this.watchers instanceof ManyWatchers ? this.watchers.all : [this.watchers];
  }

  #setWatchers(all: readonly Watchers[]): void {
    const [first = null] = all;
    this.watchers = all.length > 1 ? new ManyWatchers(all) : first;
  }

  /** Sends a keyspace notification. */
  notify(
    notifyClass: number,
    event: string,
    db: Database,
    key: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const { notifier } = this;
    if (notifier === null || (this.#engine.settings.notifyMask & notifyClass) === 0) return;
    notifier.publish(notifyClass, event, db, key, offset, length);
  }

  /**
   * Sets what the keyspace tells: of new keys and deletions only while somebody wants to hear.
   */
  setHooks(): void {
    const { keyspace, blocking, settings } = this.#engine;
    keyspace.tellsNewKeys = blocking.count > 0 || (settings.notifyMask & NOTIFY_NEW) !== 0;
    keyspace.tellsDeletions = blocking.deletionCount > 0;
  }

  /** Tells of a key that changed or went without a command that meant it. */
  #tellWatchers(db: Database, key: Uint8Array, offset: number, length: number): void {
    if (this.watchers === null) return;
    this.isByItself = true;
    this.watchers.onChanged(db, key, offset, length);
    this.isByItself = false;
  }

  onExpired(db: Database, key: Uint8Array, offset: number, length: number): void {
    const { propagation } = this.#engine;
    if (propagation.isHeard) propagation.append(db, ['DEL', key.slice(offset, offset + length)]);
    this.notify(NOTIFY_EXPIRED, 'expired', db, key, offset, length);
    this.#tellWatchers(db, key, offset, length);
  }

  onEvicted(db: Database, key: Uint8Array, offset: number, length: number, lazy: boolean): void {
    const { propagation } = this.#engine;
    const word = lazy ? 'UNLINK' : 'DEL';
    if (propagation.isHeard) propagation.append(db, [word, key.slice(offset, offset + length)]);
    this.#tellWatchers(db, key, offset, length);
    this.notify(NOTIFY_EVICTED, 'evicted', db, key, offset, length);
  }

  onFieldsExpired(
    db: Database,
    key: Uint8Array,
    fields: readonly Uint8Array[],
    isEmpty: boolean,
  ): void {
    this.#engine.propagation.append(db, ['HDEL', key, ...fields]);
    this.#tellWatchers(db, key, 0, key.length);
    this.notify(NOTIFY_HASH, 'hexpired', db, key, 0, key.length);
    if (isEmpty) this.notify(NOTIFY_GENERIC, 'del', db, key, 0, key.length);
  }

  onNewKey(db: Database, ref: number): void {
    if (this.isReplacing) return;
    const { blocking, settings, keyspace } = this.#engine;
    if (blocking.count > 0) blocking.signalEntry(db, ref);
    if ((settings.notifyMask & NOTIFY_NEW) === 0) return;
    const { arena } = keyspace;
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
    this.notify(NOTIFY_NEW, 'new', db, bytes, keyOffsetOf(arena, ref), keyLengthOf(arena, ref));
  }

  onDeleted(db: Database, key: Uint8Array, offset: number, length: number): void {
    const name = latin1String(key, offset, length);
    this.#engine.blocking.signal(db, name);
  }

  /** SWAPDB is about to exchange two databases. */
  onSwapping(a: Database, b: Database): void {
    if (this.watchers !== null) this.watchers.onSwapping(a, b);
  }

  onSwapped(a: Database, b: Database): void {
    const { blocking } = this.#engine;
    if (blocking.count === 0) return;
    blocking.signalAll(a);
    blocking.signalAll(b);
  }

  onFlushed(db: Database | null): void {
    const { blocking, keyspace } = this.#engine;
    if (blocking.deletionCount > 0) {
      for (const each of db === null ? keyspace.databases : [db]) blocking.signalAll(each);
    }
    if (this.watchers !== null) this.watchers.onFlushed(db);
  }
}
