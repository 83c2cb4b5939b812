// A client as the engine knows it: its state and where its replies go. What carries the bytes (a
// socket, a pair of streams in one process, a script) is behind Transport.

import type { Database } from '../keyspace/database.ts';
import type { Args } from '../protocol/args.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Command } from './command.ts';

/** What the engine asks of whatever carries a client's bytes. */
export interface Transport {
  /** `ip:port` of the other side, `path:0` for a unix socket. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** Descriptor number, or -1. */
  readonly fd: number;
  readonly isUnix: boolean;
  /** True when the other side is this machine (loopback or unix socket). */
  readonly isLocal: boolean;
  /** Writes to the client outside of its own command; what it sent meanwhile waits for `resume`. */
  write(client: Client, write: (reply: ReplyWriter) => void): void;
  /** Writes to the client outside of its own command and takes it on its way. */
  reply(client: Client, write: (reply: ReplyWriter) => void): void;
  /** Goes on reading commands after the client was held up. */
  resume(client: Client): void;
  /** Ends the connection after what was written has left, or at once. */
  close(client: Client, afterReplies: boolean): void;
  /**
   * Bytes of input waiting to be read and room for more, and of output not yet taken by the system.
   */
  bufferSizes(): BufferSizes;
  /** Bytes of all buffers that are held for the client alone. */
  heldBytes(): number;
}

export interface BufferSizes {
  /** Bytes of the arguments of the command that runs or is being read. */
  argumentBytes: number;
  queryBytes: number;
  queryFreeBytes: number;
  outputBytes: number;
  outputChunks: number;
  /** Bytes of the fixed reply buffer and the most of it that was used. */
  replyBufferBytes: number;
  replyBufferPosition: number;
}

export type ReplyMode = 'on' | 'off' | 'skip' | 'skip-next';

export interface ClientSettings {
  readonly id: number;
  readonly db: Database;
  readonly transport: Transport;
  readonly nowMs: number;
}

/** Reasons for which a client's commands wait. */
export type HoldReason = 'none' | 'paused' | 'blocked';

/** The classes for which `client-output-buffer-limit` has limits of its own. */
export type BufferClass = 'normal' | 'replica' | 'pubsub';

export class Client {
  readonly id: number;
  readonly transport: Transport;
  readonly createdMs: number;
  db: Database;
  /** Where replies go; taken from the pool while there is output. */
  writer: ReplyWriter | null = null;
  resp3 = false;
  authenticated = true;
  user = 'default';
  name = '';
  libName = '';
  libVersion = '';
  replyMode: ReplyMode = 'on';
  noEvict = false;
  noTouch = false;
  /** No command runs any more; the connection ends when its output has left. */
  closing = false;
  closed = false;
  /** False where a command may not wait: inside a transaction or a script. */
  mayBlock = true;
  hold: HoldReason = 'none';
  /** The command that waits while `hold` is set. */
  heldCommand: Args | null = null;
  /**
   * Wakes the client from its blocking command, with an error or as after its timeout; set while it
   * waits in one.
   */
  unblock: ((withError: boolean) => boolean) | null = null;
  lastCommand: Command | null = null;
  lastInteractionMs: number;
  /** Whoever makes the client a subscriber or a replica says so here. */
  bufferClass: BufferClass = 'normal';
  /** Bytes of the commands that wait for EXEC, kept by transactions. */
  multiBytes = 0;
  /** Bytes of watched keys, subscriptions, prefixes and the like: each feature adds its part. */
  featureBytes = 0;
  /** What the client was counted with last, and where: see client-memory.ts. */
  memoryBytes = 0;
  countsAsReplica = false;
  totalBytesIn = 0;
  totalBytesOut = 0;
  /** Set while the soft output limit is passed, ms of the Unix epoch. */
  softLimitSinceMs = 0;

  constructor(settings: ClientSettings) {
    this.id = settings.id;
    this.db = settings.db;
    this.transport = settings.transport;
    this.createdMs = settings.nowMs;
    this.lastInteractionMs = settings.nowMs;
  }
}
