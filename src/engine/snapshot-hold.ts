// Clients that want to change a value of very many elements while just that value is being written
// to a snapshot: their commands wait until it is written, as they do in CLIENT PAUSE, so that the
// others need not wait with them. Inside transactions and scripts nobody waits, nor does the link
// to a master: there the value is written to its end at once. So it is when nobody takes the
// snapshot for a while, a replica that hangs or a disk: the rest goes on into memory then.

import { equalBytes } from '../bytes/compare.ts';
import type { SnapshotGuard } from '../keyspace/snapshot-guard.ts';
import type { Args } from '../protocol/args.ts';
import type { Timer, Timers } from '../runtime/clock.ts';
import { type Client, MODE_MULTI } from './client.ts';
import { type Command, changesNoKey } from './command.ts';
import { findKeys, KeyList } from './key-extraction.ts';

/** Milliseconds after which those who wait look again. */
const PATIENCE_MS = 100;

export class SnapshotHold {
  #clients: Client[] = [];
  readonly #keys = new KeyList();
  readonly #timers: Timers;
  #nextLook: Timer | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** @returns true when the command must wait; it is run again then */
  holds(client: Client, command: Command, args: Args, guard: SnapshotGuard): boolean {
    const { openKey, openDict } = guard;
    if (openKey === null || openDict !== client.db.dict || client.mustBeObeyed) return false;
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
    this.#nextLook ??= this.#timers.after(PATIENCE_MS, () => this.#look(guard));
    return true;
  }

  /** Whoever still has to wait after this is held anew. */
  #look(guard: SnapshotGuard): void {
    this.#nextLook = null;
    if (this.#clients.length > 0 && guard.isStuck) guard.hurry();
    this.#release();
  }

  #release(): void {
    const clients = this.#clients;
    this.#clients = [];
    for (const client of clients) {
      if (client.hold === 'paused') client.transport.resume(client);
    }
  }
}
