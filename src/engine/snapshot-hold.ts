// Clients that want to change a value of very many elements while just that value is being written
// to a snapshot: their commands wait until it is written, as they do in CLIENT PAUSE, so that the
// others need not wait with them. Inside transactions and scripts nobody waits: there the value is
// written to its end at once.

import { equalBytes } from '../bytes/compare.ts';
import type { SnapshotGuard } from '../keyspace/snapshot-guard.ts';
import type { Args } from '../protocol/args.ts';
import type { Timers } from '../runtime/clock.ts';
import { type Client, MODE_MULTI } from './client.ts';
import { type Command, changesNoKey } from './command.ts';
import { findKeys, KeyList } from './key-extraction.ts';

export class SnapshotHold {
  #clients: Client[] = [];
  readonly #keys = new KeyList();
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** @returns true when the command must wait; it is run again then */
  holds(client: Client, command: Command, args: Args, guard: SnapshotGuard): boolean {
    const { openKey, openDatabase } = guard;
    if (openKey === null || openDatabase !== client.db) return false;
    if (changesNoKey(command.mask) || (client.modes & MODE_MULTI) !== 0) return false;
    const keys = this.#keys;
    keys.clear(0);
    findKeys(command.spec, args, keys);
    const isMeant = keys.indexes.some((i) => {
      const length = args.lengths[i]!;
      const offset = args.offsets[i]!;
      return length === openKey.length && equalBytes(args.bytes, offset, openKey, 0, length);
    });
    if (!isMeant) return false;
    this.#clients.push(client);
    guard.onClosed = () => this.#timers.soon(() => this.#release());
    return true;
  }

  #release(): void {
    const clients = this.#clients;
    this.#clients = [];
    for (const client of clients) {
      if (client.hold === 'paused') client.transport.resume(client);
    }
  }
}
