// Takes the snapshot that a master sends: into a temporary file, which becomes the dump file when
// it is whole; only then the old data goes and the new is loaded, in slices. So a transfer that
// fails loses nothing. With `repl-diskless-load` it goes into memory as it comes
// (diskless-transfer.ts).

import { systemWords } from '../config/node-disk.ts';
import { type Files, folderOf, pathIn } from '../runtime/files.ts';
import { writeAll } from './aof-folder.ts';
import { DisklessTransfer } from './diskless-transfer.ts';
import { FileSource } from './file-source.ts';
import {
  type Done,
  type IncomingSnapshot,
  positionIn,
  type TransferEvents,
} from './loaded-position.ts';
import type { Persistence } from './persistence.ts';
import type { PersistenceHost } from './persistence-host.ts';
import { RdbLoad } from './rdb-load.ts';

/** Until a script that is busy is looked at again. */
const RETRY_MS = 10;
/** Bytes between two syncs, so that the one at the end is short. */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;
/** Where no file can be made, the next try waits so long. */
const REOPEN_MS = 5000;

export class ReplicaLoading {
  readonly #host: PersistenceHost;
  readonly #persistence: Persistence;

  constructor(host: PersistenceHost, persistence: Persistence) {
    this.#host = host;
    this.#persistence = persistence;
  }

  /** Begins to take a snapshot: by way of a file, or at once into memory. */
  begin(snapshot: IncomingSnapshot, events: TransferEvents): Transfer | DisklessTransfer {
    const host = this.#host;
    const mode = host.config.values['repl-diskless-load'];
    // A script that is busy may still write.
    const isEmpty = host.engine.keyspace.keyCount === 0 && host.engine.suspended === null;
    const isDiskless = mode === 'swapdb' || (mode === 'on-empty-db' && isEmpty);
    const what = snapshot.usesMark ? 'streamed RDB' : `${snapshot.totalBytes} bytes`;
    const where = `${snapshot.usesMark ? ' with EOF' : ''} ${isDiskless ? 'to parser' : 'to disk'}`;
    host.log('notice', `MASTER <-> REPLICA sync: receiving ${what} from master${where}`);
    if (isDiskless) {
      return new DisklessTransfer(host, this.#persistence, snapshot, events, mode === 'swapdb');
    }
    return new Transfer(host, this.#persistence, events);
  }
}

class Transfer {
  readonly loadsAsItComes = false;
  readonly #host: PersistenceHost;
  readonly #persistence: Persistence;
  readonly #events: TransferEvents;
  readonly #files: Files;
  readonly #path: string;
  #fd = -1;
  #unsyncedBytes = 0;
  #failure: Error | null = null;
  #isAborted = false;
  /** Set where all has come, and could not be written. */
  #done: Done | null = null;

  constructor(host: PersistenceHost, persistence: Persistence, events: TransferEvents) {
    this.#host = host;
    this.#persistence = persistence;
    this.#events = events;
    this.#files = host.files;
    const seconds = Math.floor(host.clock.nowMs() / 1000);
    const { dir } = host.config.values;
    this.#path = pathIn(dir, `temp-${seconds}.${host.fileNumber}.rdb`);
    this.#attempt(() => {
      this.#fd = this.#files.open(this.#path, 'overwrite');
    }, 'Opening the temp file needed for MASTER <-> REPLICA synchronization');
    if (this.#failure !== null) host.timers.after(REOPEN_MS, () => this.#tellFailure());
  }

  /** Does something with the file; the first failure is kept. */
  #attempt(run: () => void, what: string): void {
    if (this.#failure !== null) return;
    try {
      run();
    } catch (error) {
      this.#failure = new Error(`${what}: ${systemWords(error)}`, { cause: error });
    }
  }

  /** The master is asked anew. */
  #tellFailure(): void {
    const error = this.#failure;
    // Whoever has given the transfer up may be at another one by now.
    if (this.#isAborted || error === null) return;
    if (this.#done !== null) {
      this.abort();
      this.#done(error, null);
    } else this.#events.onFailed(error);
  }

  /** Takes bytes. @returns false when there is nothing to be done with them */
  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#failure !== null) return false;
    this.#attempt(() => {
      writeAll(this.#files, this.#fd, bytes.subarray(start, end));
      this.#unsyncedBytes += end - start;
      if (this.#unsyncedBytes < SYNC_EVERY_BYTES) return;
      this.#unsyncedBytes = 0;
      this.#files.syncSoon(this.#fd, () => {});
    }, 'Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization');
    if (this.#failure === null) return true;
    this.#host.timers.soon(() => this.#tellFailure());
    return false;
  }

  /** All has come: the new data takes the place of the old. */
  finish(done: Done): void {
    const { dir, dbfilename } = this.#host.config.values;
    const path = pathIn(dir, dbfilename);
    if (this.#failure !== null) {
      this.#done = done;
      return;
    }
    this.#files.syncSoon(this.#fd, (error) => {
      if (this.#isAborted) return;
      if (error !== null) {
        const text = `Failed trying to sync the temp DB to disk in MASTER <-> REPLICA synchronization: ${systemWords(error)}`;
        this.#host.log('warning', text);
        this.#fail(error, done);
        return;
      }
      this.#rename(path);
      if (this.#failure !== null) this.#fail(this.#failure, done);
      else this.#replace(path, done);
    });
  }

  #fail(error: Error, done: Done): void {
    this.abort();
    this.#host.timers.soon(() => done(error, null));
  }

  #rename(path: string): void {
    this.#attempt(() => {
      this.#files.close(this.#fd);
      this.#fd = -1;
      // A save that is under way would put the old data in the place of the new.
      if (this.#persistence.rdb.isInProgress) {
        this.#host.log(
          'notice',
          'Replica is about to load the RDB file received from the master, but there is a pending ' +
            'RDB child running. Killing it and removing its temp file to avoid any race',
        );
        this.#persistence.rdb.kill();
      }
      this.#files.rename(this.#path, path);
      this.#files.syncFolder(folderOf(path));
    }, 'Failed trying to rename the temp DB in MASTER <-> REPLICA synchronization');
  }

  #replace(path: string, done: Done): void {
    if (this.#isAborted) return;
    const { engine, log, timers } = this.#host;
    if (engine.suspended !== null) {
      // A script that is busy keeps the data that it began with.
      timers.after(RETRY_MS, () => this.#replace(path, done));
      return;
    }
    const persistence = this.#persistence;
    let load: RdbLoad;
    try {
      load = new RdbLoad(this.#host, new FileSource(this.#files, path), {
        keepsExpired: true,
        replaces: false,
      });
      load.totalBytes = this.#files.sizeOf(path);
    } catch (error) {
      log('warning', `Can't open the received RDB file: ${systemWords(error)}`);
      this.#fail(error as Error, done);
      return;
    }
    if (persistence.aof.state !== 'off') persistence.aof.stop();
    persistence.background.kill();
    this.#events.onReplace();
    log('notice', 'MASTER <-> REPLICA sync: Flushing old data');
    persistence.empty(this.#host.config.values['replica-lazy-flush']);
    log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory');
    void persistence.loading.run(load).then(() => {
      load.close();
      this.#forget(path);
      if (load.fault !== null) {
        persistence.empty();
        done(new Error(load.fault), null);
        return;
      }
      persistence.restartAof();
      done(null, positionIn(load.fields));
    });
  }

  /** `rdb-del-sync-files`: a server that keeps nothing on disk keeps no file of its master's. */
  #forget(path: string): void {
    const { values } = this.#host.config;
    if (!values['rdb-del-sync-files'] || values.appendonly || values.save.length > 0) return;
    this.#host.log(
      'notice',
      'Removing the RDB file obtained from the master. This replica has persistence disabled',
    );
    this.#files.removeSoon(path);
  }

  /** The transfer has failed: nothing of it is left. */
  abort(): void {
    this.#isAborted = true;
    if (this.#fd < 0) return;
    try {
      this.#files.close(this.#fd);
    } catch {
      // It is given up in any case.
    }
    this.#fd = -1;
    this.#files.removeSoon(this.#path);
  }
}
