// Snapshots for replicas: straight to whoever sends them on, as the walk makes them, or as the dump
// file. Only one snapshot of a server is under way at a time, whatever it is for.

import { pathIn } from '../runtime/files.ts';
import type { Background } from './background.ts';
import type { PersistenceHost } from './persistence-host.ts';
import type { RdbSaving } from './rdb-saving.ts';
import { RdbSink } from './rdb-sink.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';
import { WriterSink } from './writer-sink.ts';

/** Gets a snapshot piece by piece. */
export interface PieceReceiver {
  /** The bytes do not change any more. @returns false to be given more only after `resume`. */
  write(bytes: Uint8Array): boolean;
  /** All has been written, or it failed; called later, never from `stream`. */
  end(error: Error | null): void;
}

export interface PartRequest {
  readonly excludesData: boolean;
  readonly excludesFunctions: boolean;
}

/** A writer whose disk is the receiver. */
class ReceiverWriter implements SnapshotWriter {
  readonly id = 0;
  isFull = false;
  onRoom: () => void = () => {};
  readonly #receiver: PieceReceiver;
  readonly #onEnd: (error: Error | null) => void;

  constructor(receiver: PieceReceiver, onEnd: (error: Error | null) => void) {
    this.#receiver = receiver;
    this.#onEnd = onEnd;
  }

  write(bytes: Uint8Array, length: number): void {
    if (!this.#receiver.write(bytes.slice(0, length))) this.isFull = true;
  }

  /** The receiver takes more. */
  resume(): void {
    if (!this.isFull) return;
    this.isFull = false;
    this.onRoom();
  }

  end(): void {
    this.#onEnd(null);
  }

  kill(): void {
    this.#onEnd(new Error('the snapshot was given up'));
  }
}

export class ReplicaSnapshots {
  readonly #host: PersistenceHost;
  readonly #background: Background;
  readonly #rdb: RdbSaving;

  constructor(host: PersistenceHost, background: Background, rdb: RdbSaving) {
    this.#host = host;
    this.#background = background;
    this.#rdb = rdb;
  }

  get isBusy(): boolean {
    return this.#background.isBusy;
  }

  /** Begins a snapshot for a receiver. Nothing else may be under way. */
  stream(request: PartRequest, receiver: PieceReceiver): { resume(): void; abort(): void } {
    const { timers } = this.#host;
    const writer = new ReceiverWriter(receiver, (error) => {
      if (error === null) this.#background.finish();
      timers.soon(() => receiver.end(error));
    });
    const keys = new RdbSink(this.#host, (bytes, length) => writer.write(bytes, length), {
      isAofBase: false,
      sums: true,
      excludesData: request.excludesData,
      excludesFunctions: request.excludesFunctions,
    });
    const sink = new WriterSink(keys, writer);
    this.#background.start('replicas', sink);
    this.#host.log('notice', `Background RDB transfer started by pid ${process.pid}`);
    return {
      resume: () => writer.resume(),
      abort: () => {
        if (this.#background.kind === 'replicas') this.#background.kill();
      },
    };
  }

  /** Gives up a save that was begun for replicas: its `done` is told of an error. */
  abandonSave(): void {
    this.#rdb.kill();
  }

  /** Saves to the dump file. @param done gets the path of the file */
  save(done: (error: Error | null, path: string) => void): void {
    const { dir, dbfilename } = this.#host.config.values;
    const path = pathIn(dir, dbfilename);
    if (!this.#rdb.saveInBackground()) {
      const error = new Error('a background save could not be started');
      this.#host.timers.soon(() => done(error, path));
      return;
    }
    this.#rdb.onEnded = (error) => done(error, path);
  }
}
