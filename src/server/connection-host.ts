// What a connection needs of its server: the engine, shared buffers and writers, and the limits of
// its own buffers, which are kept equal to the options of the configuration.

import type { Client } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import type { LogLevel } from '../introspection/server-context.ts';
import type { CommandBatch } from './command-batch.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import type { DroppedBuffers } from './dropped-buffers.ts';
import type { SharedReads } from './fast-read.ts';
import type { FastWriter } from './fast-write.ts';
import type { OutputRound } from './output-round.ts';
import type { OwnBuffers } from './query-buffer.ts';
import type { WriterPool } from './writer-pool.ts';

/** Bytes of all connections, and how often they came and left. */
export interface TrafficCounters {
  netInputBytes: number;
  netOutputBytes: number;
  readsProcessed: number;
  writesProcessed: number;
  /** The part of the output that went to replicas. */
  replicationOutputBytes: number;
}

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly engine: Engine;
  readonly writers: WriterPool;
  readonly fastWriter: FastWriter;
  readonly limits: ConnectionLimits;
  /** The buffer that sockets read into, and the arguments for commands that lie in it. */
  readonly reads: SharedReads;
  readonly batch: CommandBatch;
  readonly ownBuffers: OwnBuffers;
  readonly droppedBuffers: DroppedBuffers;
  readonly round: OutputRound;
  readonly statistics: TrafficCounters;
  onClosed(client: Client): void;
  /** A client is closed for the output that it did not read. */
  onOutputLimit(): void;
  log(level: LogLevel, text: string): void;
  /** Whether a line of this level is written: whoever would build a long one asks first. */
  logs(level: LogLevel): boolean;
}

export interface ConnectionAddresses {
  readonly remote: string;
  readonly local: string;
  readonly isUnix: boolean;
  readonly isLocal: boolean;
}
