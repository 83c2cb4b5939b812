// What replication needs of the server around it: options, the network, snapshots and loading. The
// server implements it, so that this folder knows neither sockets nor files nor persistence.

import type { Duplex, Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import type { Client } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';

/** Where a data set stands in the stream, as a snapshot tells it. */
export interface StreamPosition {
  readonly id: string;
  readonly offset: number;
  /** Database that the stream had selected. */
  readonly dbId: number;
}

export interface SnapshotRequest {
  readonly position: StreamPosition | null;
  readonly excludesData: boolean;
  readonly excludesFunctions: boolean;
}

/** Gets a snapshot piece by piece. */
export interface SnapshotReceiver {
  /** The bytes do not change any more. @returns false to be given more only after `resume`. */
  write(bytes: Uint8Array): boolean;
  /** All has been written, or it failed; called later, never from `stream`. */
  end(error: Error | null): void;
}

export interface SnapshotHandle {
  resume(): void;
  abort(): void;
}

/** Snapshots of the data set as it is when they begin. */
export interface Snapshots {
  /** A save, a rewrite or another snapshot is under way: none can begin. */
  readonly isBusy: boolean;
  stream(request: SnapshotRequest, receiver: SnapshotReceiver): SnapshotHandle;
  /**
   * Saves to the dump file in the background.
   * @param done gets the path of the file.
   */
  save(position: StreamPosition, done: (error: Error | null, path: string) => void): void;
  /** Gives such a save up: its `done` is told of an error. */
  abandonSave(): void;
}

/** Something that takes the snapshot which a master sends. */
export interface SnapshotSink {
  /** It loads what comes at once, and does not wait for the end. */
  readonly loadsAsItComes: boolean;
  /** @returns false to be given more only after `onRoom`. */
  write(bytes: Uint8Array, start: number, end: number): boolean;
  /** All bytes were given. `done` is called when the data set is what the snapshot said. */
  finish(done: (error: Error | null, position: StreamPosition | null) => void): void;
  /** The transfer has failed: nothing of it may be left. Too late once the old data has gone. */
  abort(): void;
}

/** What is known of a snapshot before its first byte. */
export interface IncomingSnapshot {
  /** The data that this server has is an earlier state of the same history. */
  readonly isSameHistory: boolean;
  /** A mark ends it, and its length is not known. */
  readonly usesMark: boolean;
  readonly totalBytes: number;
}

export interface SinkEvents {
  /** The old data is about to go. */
  onReplace(): void;
  /** A sink that was full can take more. */
  onRoom(): void;
  /** What has come so far cannot be loaded; never told after `finish`. */
  onFailed(error: Error): void;
}

export interface Loading {
  /** A data set is being loaded: another must wait. */
  readonly isBusy: boolean;
  /** Begins to take a snapshot. */
  begin(snapshot: IncomingSnapshot, events: SinkEvents): SnapshotSink;
}

/** How replicas were synchronized since the start. */
export interface SyncStatistics {
  full: number;
  partialOk: number;
  partialFailed: number;
}

export interface ReplicationHost {
  readonly engine: Engine;
  readonly config: Config;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly port: number;
  /** Counted for INFO. */
  readonly sync: SyncStatistics;
  readonly snapshots: Snapshots;
  readonly loading: Loading;
  /**
   * Opens a connection to a master, with TLS where `tls-replication` says so.
   * @param onReady called when bytes can be sent.
   */
  connect(host: string, port: number, onReady: () => void): Duplex;
  /** A file of a snapshot, to be sent to a replica. */
  openFile(path: string): { readonly byteCount: number; stream(): Readable };
  /** So many bytes of a snapshot or of the stream have come from the master. */
  onMasterBytes(count: number): void;
  /** The server is a replica now, or a master. */
  onRole(role: 'master' | 'replica'): void;
  /** A command of the master has failed, or a replica is answered with an error. */
  onUnexpectedError(to: 'master' | 'replica', client: Client, error: ReplyError): void;
  /** The server may not go on. */
  panic(reason: string): void;
  log(level: 'debug' | 'verbose' | 'notice' | 'warning', text: string): void;
}
