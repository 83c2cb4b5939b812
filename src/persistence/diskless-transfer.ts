// The snapshot of a master, loaded as it comes (`repl-diskless-load`). With `swapdb` it fills
// databases and libraries beside those of the server, which take their place once all is there, so
// that a transfer that fails loses nothing; of the same history, clients go on reading meanwhile.
// Otherwise the data set was empty, and is so again when the transfer fails.

import type { Database } from '../keyspace/database.ts';
import type { Done, IncomingSnapshot, TransferEvents } from './loaded-position.ts';
import { positionIn } from './loaded-position.ts';
import type { Persistence } from './persistence.ts';
import type { PersistenceHost, SpareFunctions } from './persistence-host.ts';
import { RdbLoad } from './rdb-load.ts';
import { StreamSource } from './stream-source.ts';

const FAILED =
  'Failed trying to load the MASTER synchronization DB from socket, check server logs.';
/** A script that has given way must end before the data goes from under it. */
const RETRY_MS = 10;

/** What is filled beside the data that clients see. */
interface Spare {
  readonly databases: Database[];
  readonly functions: SpareFunctions;
}

export class DisklessTransfer {
  readonly loadsAsItComes = true;
  readonly #host: PersistenceHost;
  readonly #persistence: Persistence;
  readonly #events: TransferEvents;
  readonly #usesMark: boolean;
  readonly #source: StreamSource;
  readonly #load: RdbLoad;
  readonly #spare: Spare | null;
  #done: Done | null = null;
  #isEnded = false;

  constructor(
    host: PersistenceHost,
    persistence: Persistence,
    snapshot: IncomingSnapshot,
    events: TransferEvents,
    swaps: boolean,
  ) {
    this.#host = host;
    this.#persistence = persistence;
    this.#events = events;
    this.#usesMark = snapshot.usesMark;
    const { engine, log, config } = host;
    if (persistence.aof.state !== 'off') persistence.aof.stop();
    persistence.background.kill();
    this.#spare = swaps
      ? { databases: engine.keyspace.spare(), functions: host.spareFunctions() }
      : null;
    if (!swaps) {
      events.onReplace();
      log('notice', 'MASTER <-> REPLICA sync: Flushing old data');
      persistence.empty(config.values['replica-lazy-flush']);
    }
    log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    this.#source = new StreamSource(() => events.onRoom());
    const functions = this.#spare?.functions;
    this.#load = new RdbLoad(host, this.#source, {
      keepsExpired: true,
      replaces: false,
      isStream: true,
      ...(this.#spare === null ? {} : { databases: this.#spare.databases }),
      ...(functions === undefined ? {} : { loadFunctions: (code) => functions.load(code) }),
    });
    this.#load.totalBytes = snapshot.totalBytes;
    void persistence.loading
      .run(this.#load, swaps && snapshot.isSameHistory)
      .then(() => this.#onEnd());
  }

  /** Takes bytes. @returns false when it has enough for now */
  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isEnded) return true;
    const hasRoom = this.#source.push(bytes.subarray(start, end));
    this.#persistence.loading.wake();
    return hasRoom;
  }

  /** All has come. */
  finish(done: Done): void {
    this.#done = done;
    this.#source.finish();
    this.#persistence.loading.wake();
  }

  #onEnd(): void {
    if (this.#isEnded) return;
    const load = this.#load;
    if (load.fault === null && !load.isDone) return;
    if (load.fault !== null || load.restBytes + this.#source.queuedBytes > 0) {
      if (load.fault === null && this.#usesMark) {
        this.#host.log('warning', 'Replication stream EOF marker is broken');
      }
      this.#giveUp();
      const error = new Error(FAILED);
      if (this.#done === null) this.#events.onFailed(error);
      else this.#done(error, null);
      return;
    }
    this.#replace();
  }

  #replace(): void {
    const { engine, log, timers } = this.#host;
    if (this.#isEnded) return;
    if (this.#spare !== null && engine.suspended !== null) {
      timers.after(RETRY_MS, () => this.#replace());
      return;
    }
    this.#isEnded = true;
    if (this.#spare !== null) {
      this.#events.onReplace();
      log('notice', 'MASTER <-> REPLICA sync: Swapping active DB with loaded DB');
      this.#adopt(this.#spare);
      log('notice', 'MASTER <-> REPLICA sync: Discarding old DB in background');
    }
    engine.dirty++;
    this.#persistence.restartAof();
    this.#done?.(null, positionIn(this.#load.fields));
  }

  #adopt({ databases, functions }: Spare): void {
    const { engine } = this.#host;
    const { keyspace, events } = engine;
    this.#persistence.background.kill();
    for (const [index, db] of keyspace.databases.entries()) {
      events.onSwapping(db, databases[index]!);
    }
    keyspace.adopt(databases);
    functions.adopt();
    engine.blocking.serve();
  }

  /** Nothing of what has come is left. */
  #giveUp(): void {
    this.#isEnded = true;
    this.#source.close();
    if (this.#spare === null) this.#persistence.empty();
    else {
      this.#host.engine.keyspace.discard(this.#spare.databases);
      this.#host.log('notice', 'MASTER <-> REPLICA sync: Discarding temporary DB in background');
    }
  }

  /** The connection is lost, or the master is no longer this one. */
  abort(): void {
    if (this.#isEnded) return;
    this.#load.cutOff();
    this.#persistence.loading.cancel(this.#load);
    this.#giveUp();
  }
}
