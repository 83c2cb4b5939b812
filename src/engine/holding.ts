// Commands that must wait before they run: CLIENT PAUSE, and a value that is just being written to
// a snapshot. The command is kept, the client reads no further, and runs it when it is resumed.

import type { Args } from '../protocol/args.ts';
import type { Timers } from '../runtime/clock.ts';
import { type Client, MODE_MONITOR, MODE_REPLICA } from './client.ts';
import { ClientPause } from './client-registry.ts';
import type { Command } from './command.ts';
import type { Engine } from './engine.ts';
import { COND_PAUSED } from './engine-state.ts';
import { SnapshotHold } from './snapshot-hold.ts';

export class Holding {
  readonly pause: ClientPause;
  readonly #engine: Engine;
  readonly #timers: Timers;
  /** Whom the pause holds, in the order in which they came. */
  readonly #paused: Set<Client> = new Set();
  #isReleasing = false;
  readonly #snapshotHold: SnapshotHold;

  constructor(engine: Engine, timers: Timers) {
    this.#engine = engine;
    this.#timers = timers;
    this.#snapshotHold = new SnapshotHold(timers);
    this.pause = new ClientPause(timers, (isPaused) => this.#onPause(isPaused));
    engine.releases.push((client) => this.#paused.delete(client));
  }

  /** @returns true when the command must wait: it is kept. */
  keeps(client: Client, command: Command, args: Args): boolean {
    const { guard } = this.#engine.keyspace;
    if (this.#isPausedFor(client, command, args)) this.#paused.add(client);
    else if (guard === null || !this.#snapshotHold.holds(client, command, args, guard))
      return false;
    client.heldCommand = args.copy();
    client.hold = 'paused';
    return true;
  }

  /**
   * True while a command of a client waits for what Redis does at a stretch: a busy script,
   * MIGRATE, a value that is just being saved. There its end is seen only behind all it has sent.
   */
  outlivesEnd(client: Client): boolean {
    if (client.hold === 'blocked') return client.unblock === null;
    return client.hold === 'paused' && !this.pause.isAsked;
  }

  #isPausedFor(client: Client, command: Command, args: Args): boolean {
    if (this.pause.kind === null) return false;
    if (client.modes === 0) return this.pause.holds(command.maskFor(args));
    if ((client.modes & (MODE_MONITOR | MODE_REPLICA)) !== 0) return false;
    return this.pause.holds(this.#engine.transactions.flagsOf(client, command, args));
  }

  #onPause(isPaused: boolean): void {
    const { keyspace, role } = this.#engine;
    const isHeld = this.pause.kind !== null;
    this.#engine.setCondition(COND_PAUSED, isHeld);
    // A key whose time has come is not seen any more, but its deletion would be a change.
    keyspace.deletesExpired = !isHeld && role?.name !== 'replica';
    if (isPaused || this.#isReleasing) return;
    // A pause may end inside a command, or a transaction, which runs to its end first: so do those
    // who waited for its keys, and what its client has sent behind it.
    this.#isReleasing = true;
    this.#timers.soon(() => this.#release());
  }

  /** Whoever still may not go on is held again, in the same order. */
  #release(): void {
    this.#isReleasing = false;
    const clients = [...this.#paused];
    this.#paused.clear();
    for (const client of clients) {
      if (client.hold === 'paused') client.transport.resume(client);
    }
  }
}
