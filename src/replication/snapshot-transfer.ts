// The snapshot of a master on its way into this server: read from the connection, given to the
// loader, loaded. Once all of it is here it no longer depends on the connection that brought it.

import { BulkReceiver } from './bulk-receiver.ts';
import type { ReplicationHost, SnapshotSink, StreamPosition } from './host.ts';

/** What the link does when its transfer gets on. */
export interface TransferOwner {
  /** The old data is about to go. */
  onReplacing(): void;
  /** The loader has no room: the connection must not be read. */
  onFull(): void;
  /** The loader has room again. */
  onRoom(): void;
  /** What was sent is no snapshot: why, for the log. */
  onRefused(reason: string): void;
  /** What has come so far cannot be loaded. */
  onFailed(error: Error): void;
  /** It is loaded, or is not. */
  onLoaded(error: Error | null, position: StreamPosition | null): void;
}

export class SnapshotTransfer {
  readonly receiver: BulkReceiver;
  /** The whole snapshot is here, and takes the place of the old data. */
  isLoading = false;
  /** The loader has no room, so nothing is read from the master. */
  isFull = false;
  /** What came behind the snapshot. */
  readonly rest: Buffer[] = [];
  readonly #server: ReplicationHost;
  readonly #owner: TransferOwner;
  readonly #isSameHistory: boolean;
  /** Null until the first line has come. */
  #sink: SnapshotSink | null = null;

  /** @param isSameHistory the data of this server is an earlier state of what comes. */
  constructor(server: ReplicationHost, owner: TransferOwner, isSameHistory: boolean) {
    this.#server = server;
    this.#owner = owner;
    this.#isSameHistory = isSameHistory;
    this.receiver = new BulkReceiver(
      () => this.#begin(),
      (bytes, start, end) => {
        if (this.#sink?.write(bytes, start, end) !== false) return;
        this.isFull = true;
        owner.onFull();
      },
    );
  }

  /** What comes is loaded at once, so the master must hear that this server is alive. */
  get loadsAsItComes(): boolean {
    return this.#sink?.loadsAsItComes ?? false;
  }

  #begin(): void {
    const owner = this.#owner;
    const { usesMark, totalBytes } = this.receiver;
    this.#sink = this.#server.loading.begin(
      { isSameHistory: this.#isSameHistory, usesMark, totalBytes },
      {
        onReplace: () => owner.onReplacing(),
        onRoom: () => {
          // What follows the snapshot waits until it is loaded.
          if (!this.isFull || this.isLoading) return;
          this.isFull = false;
          owner.onRoom();
        },
        onFailed: (error) => owner.onFailed(error),
      },
    );
  }

  /** Takes bytes of the connection. */
  feed(bytes: Buffer): void {
    if (this.isLoading) {
      this.rest.push(Buffer.from(bytes));
      return;
    }
    const { receiver } = this;
    const count = receiver.feed(bytes);
    if (receiver.failure !== '') {
      const { failure } = receiver;
      this.#owner.onRefused(
        failure.startsWith('-')
          ? `MASTER aborted replication with an error: ${failure.slice(1)}`
          : `Bad protocol from MASTER, the first byte is not '$' (we received '${failure}'), ` +
              'are you sure the host and port are right?',
      );
      return;
    }
    if (receiver.progress !== 'done') return;
    if (count < bytes.length) this.rest.push(Buffer.from(bytes.subarray(count)));
    this.isLoading = true;
    // What follows waits until the data set is loaded.
    this.#owner.onFull();
    this.#sink?.finish((error, position) => {
      this.isLoading = false;
      this.#owner.onLoaded(error, position);
    });
  }

  /** Nothing of it may be left; too late once the old data has gone. */
  abort(): void {
    this.#sink?.abort();
  }
}
