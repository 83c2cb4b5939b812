// BCAST: which clients listen to which prefixes, and which keys with these prefixes have changed
// since the last round of messages. Prefixes are found by their length first, so that a changed key
// costs one look for each length there is, however many prefixes there are. Keys and prefixes are
// strings of one character a byte.

import type { Client } from '../engine/client.ts';
import { Invalidation } from './invalidation.ts';

/** A prefix that somebody listens to. */
interface Listened {
  readonly prefix: string;
  readonly clients: Set<Client>;
  /** Keys that changed, and who changed them last, null for nobody. */
  changes: Map<string, Client | null>;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : 1;
}

export class Prefixes {
  readonly #byLength: Map<number, Map<string, Listened>> = new Map();
  #count = 0;
  /** Prefixes with changes. */
  #changed: Listened[] = [];

  /** Prefixes that somebody listens to. */
  get count(): number {
    return this.#count;
  }

  get hasChanges(): boolean {
    return this.#changed.length > 0;
  }

  add(client: Client, prefix: string): void {
    let ofLength = this.#byLength.get(prefix.length);
    if (ofLength === undefined) {
      ofLength = new Map();
      this.#byLength.set(prefix.length, ofLength);
    }
    const listened = ofLength.get(prefix);
    if (listened !== undefined) {
      listened.clients.add(client);
      return;
    }
    ofLength.set(prefix, { prefix, clients: new Set([client]), changes: new Map() });
    this.#count++;
  }

  /** The client listens no more; a prefix that nobody listens to is forgotten with its changes. */
  remove(client: Client, prefix: string): void {
    const ofLength = this.#byLength.get(prefix.length);
    const listened = ofLength?.get(prefix);
    if (ofLength === undefined || listened === undefined) return;
    listened.clients.delete(client);
    if (listened.clients.size > 0) return;
    ofLength.delete(prefix);
    if (ofLength.size === 0) this.#byLength.delete(prefix.length);
    this.#count--;
    if (listened.changes.size === 0) return;
    this.#changed = this.#changed.filter((each) => each !== listened);
  }

  /** A key was changed by a client, or by nobody. */
  onChanged(key: string, by: Client | null): void {
    for (const [length, ofLength] of this.#byLength) {
      if (length > key.length) continue;
      const listened = ofLength.get(key.slice(0, length));
      if (listened === undefined) continue;
      if (listened.changes.size === 0) this.#changed.push(listened);
      listened.changes.set(key, by);
    }
  }

  /** Hands out what has changed: a message for each prefix and client, prefixes in their order. */
  broadcast(send: (client: Client, message: Invalidation) => void): void {
    const changed = this.#changed.sort((a, b) => inOrder(a.prefix, b.prefix));
    this.#changed = [];
    for (const listened of changed) {
      const { changes, clients } = listened;
      listened.changes = new Map();
      const keys = [...changes.keys()].sort(inOrder);
      const authors = new Set(changes.values());
      const forAll = Invalidation.ofKeys(keys);
      for (const client of clients) {
        if (client.tracking?.isNoLoop !== true || !authors.has(client)) {
          send(client, forAll);
          continue;
        }
        const others = keys.filter((key) => changes.get(key) !== client);
        if (others.length > 0) send(client, Invalidation.ofKeys(others));
      }
    }
  }
}
