// A sink whose bytes go to a writer of snapshots, which may want the walk to wait.

import type { BackgroundSink } from './background.ts';
import type { SnapshotSink } from './snapshot-walk.ts';
import type { SnapshotWriter } from './snapshot-writer.ts';

/** A sink that makes bytes of keys; `finish` makes the last ones. */
export interface KeySink extends SnapshotSink {
  finish(): void;
}

export class WriterSink implements BackgroundSink {
  readonly #keys: KeySink;
  readonly #writer: SnapshotWriter;

  constructor(keys: KeySink, writer: SnapshotWriter) {
    this.#keys = keys;
    this.#writer = writer;
  }

  get isFull(): boolean {
    return this.#writer.isFull;
  }

  get onRoom(): () => void {
    return this.#writer.onRoom;
  }

  set onRoom(run: () => void) {
    this.#writer.onRoom = run;
  }

  beginDatabase(id: number, keyCount: number, expiryCount: number): void {
    this.#keys.beginDatabase(id, keyCount, expiryCount);
  }

  beginKey(databaseId: number, ref: number, expiryMs: number): boolean {
    return this.#keys.beginKey(databaseId, ref, expiryMs);
  }

  writeMore(): boolean {
    return this.#keys.writeMore();
  }

  writeAside(databaseId: number, ref: number, expiryMs: number): void {
    this.#keys.writeAside(databaseId, ref, expiryMs);
  }

  end(): void {
    this.#keys.finish();
    this.#writer.end();
  }

  kill(): void {
    this.#writer.kill();
  }
}
