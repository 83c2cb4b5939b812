// A client as the engine knows it: its state and where its replies go. What carries the bytes (a
// socket, a pair of streams in one process, a script) is behind Transport.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Database } from '../keyspace/database.ts';
import type { Args } from '../protocol/args.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { OPEN_USER, type User } from './access.ts';
import type { ClientTracking } from './client-tracking.ts';
import type { Command } from './command.ts';
import type { Transaction } from './transaction.ts';

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
  /**
   * Sends bytes that are no reply, behind all that was written; they may be shared with others and
   * do not change.
   */
  push(client: Client, bytes: Uint8Array): void;
  /** Goes on reading commands after the client was held up. */
  resume(client: Client): void;
  /** Whether what is written leaves at once (TCP_NODELAY), where the connection knows of it. */
  setNoDelay(isOn: boolean): void;
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

/** True when CLIENT REPLY holds replies back. */
export function isSilentMode(mode: ReplyMode): boolean {
  return mode === 'off' || mode === 'skip';
}

export interface ClientSettings {
  readonly id: number;
  readonly db: Database;
  readonly transport: Transport;
  readonly nowMs: number;
}

export interface WrittenOffsets {
  readonly streamOffset: number;
  readonly aofOffset: number;
}

/** What a client is sent as a replica. */
export interface ReplicaFeed {
  /** Bytes of the stream that wait for it, beside those that its transport holds. */
  readonly waitingBytes: number;
  /** Its transport has handed something to the system. */
  onRoom(): void;
  /** Runs a command of the client, which must not be answered: its link carries the stream. */
  run(writer: ReplyWriter, execute: () => void): void;
}

/** What a client is in the middle of, as bits of `modes`; for most it is nothing. */
export const MODE_MULTI = 1;
export const MODE_SUBSCRIBER = 2;
export const MODE_MONITOR = 4;
/** Its connection carries the stream of replication. */
export const MODE_REPLICA = 8;
const MODES = 15;
// What else sets a client apart, as bits of `apart`.
const IS_MASTER = 16;
const IS_AOF = 32;
const IS_STRANGER = 64;
const IS_CLOSING = 128;
const HOLD_SHIFT = 8;
const REPLY_MODE_SHIFT = 10;
const IS_HELD: number = 3 << HOLD_SHIFT;
const KEEPS_REPLIES: number = 3 << REPLY_MODE_SHIFT;
/** Reasons for which no further command of a client runs now. */
export const APART_WAITS: number = IS_CLOSING | IS_HELD;
/** What must be looked at when a command has run. */
export const APART_AFTER: number = IS_HELD | KEEPS_REPLIES;

/** What a client listens to, as names of one character a byte. */
export interface Subscriptions {
  readonly channels: Set<string>;
  readonly patterns: Set<string>;
  readonly shards: Set<string>;
}

/** Reasons for which a client's commands wait. */
export type HoldReason = 'none' | 'paused' | 'blocked';

const HOLD_REASONS: readonly HoldReason[] = ['none', 'paused', 'blocked'];
const REPLY_MODES: readonly ReplyMode[] = ['on', 'off', 'skip', 'skip-next'];

/** Memory that a subscription takes besides its name, which all who have it share. */
const SUBSCRIPTION_BYTES = 64;

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
  user: User = OPEN_USER;
  name = '';
  libName = '';
  libVersion = '';
  /**
   * All that sets the client apart from one that sends commands and gets replies, in one word that
   * is 0 for most: a command looks at it once. What it says is read and set by the names below.
   */
  apart = 0;
  /** What it watches and has queued, or null. */
  transaction: Transaction | null = null;
  /** What it listens to, or null. */
  subscriptions: Subscriptions | null = null;
  /** What the server sends it as to a replica, or null. */
  replica: ReplicaFeed | null = null;
  /** Where the stream of replication was after the client's last change: WAIT. */
  writeOffset: number = DOUBLE_ZERO;
  /** How much the append-only log had taken then: WAITAOF. */
  aofOffset: number = DOUBLE_ZERO;
  /** What CLIENT TRACKING has set, or null. */
  tracking: ClientTracking | null = null;
  noEvict = false;
  noTouch = false;
  closed = false;
  /** It is no client: scripts run their commands as it. */
  runsScripts = false;
  /** False where a command may not wait: inside a transaction or a script. */
  mayBlock = true;
  /** The command that waits while `hold` is set. */
  heldCommand: Args | null = null;
  /**
   * Wakes the client from its blocking command, with an error or as after its timeout; set while it
   * waits in one.
   */
  unblock: ((withError: boolean) => boolean) | null = null;
  lastCommand: Command | null = null;
  lastInteractionMs: number;
  /** What the client was counted with last, and where: see client-memory.ts. */
  memoryBytes = 0;
  countsAsReplica = false;
  totalBytesIn: number = DOUBLE_ZERO;
  totalBytesOut: number = DOUBLE_ZERO;
  /** Set while the soft output limit is passed, ms of the Unix epoch. */
  softLimitSinceMs: number = DOUBLE_ZERO;

  constructor(settings: ClientSettings) {
    this.id = settings.id;
    this.db = settings.db;
    this.transport = settings.transport;
    this.createdMs = settings.nowMs;
    this.lastInteractionMs = settings.nowMs;
  }

  /** It has changed something: notes how far replication and the append-only log are. */
  hasWritten({ streamOffset, aofOffset }: WrittenOffsets): void {
    this.writeOffset = streamOffset;
    this.aofOffset = aofOffset;
  }

  /** Bits of MODE_...; 0 for a client with nothing out of the ordinary. */
  get modes(): number {
    return this.apart & MODES;
  }

  set modes(modes: number) {
    this.apart = (this.apart & ~MODES) | modes;
  }

  /** True for the link to the master. */
  get isMaster(): boolean {
    return (this.apart & IS_MASTER) !== 0;
  }

  set isMaster(isMaster: boolean) {
    this.#set(IS_MASTER, isMaster);
  }

  /** True for what an append-only file is loaded through. */
  get isAof(): boolean {
    return (this.apart & IS_AOF) !== 0;
  }

  set isAof(isAof: boolean) {
    this.#set(IS_AOF, isAof);
  }

  get authenticated(): boolean {
    return (this.apart & IS_STRANGER) === 0;
  }

  set authenticated(isKnown: boolean) {
    this.#set(IS_STRANGER, !isKnown);
  }

  /** No command runs any more; the connection ends when its output has left. */
  get closing(): boolean {
    return (this.apart & IS_CLOSING) !== 0;
  }

  set closing(isClosing: boolean) {
    this.#set(IS_CLOSING, isClosing);
  }

  get hold(): HoldReason {
    return HOLD_REASONS[(this.apart & IS_HELD) >> HOLD_SHIFT]!;
  }

  set hold(hold: HoldReason) {
    this.apart = (this.apart & ~IS_HELD) | (HOLD_REASONS.indexOf(hold) << HOLD_SHIFT);
  }

  get replyMode(): ReplyMode {
    return REPLY_MODES[(this.apart & KEEPS_REPLIES) >> REPLY_MODE_SHIFT]!;
  }

  set replyMode(mode: ReplyMode) {
    const bits = REPLY_MODES.indexOf(mode) << REPLY_MODE_SHIFT;
    this.apart = (this.apart & ~KEEPS_REPLIES) | bits;
  }

  #set(bit: number, isSet: boolean): void {
    this.apart = isSet ? this.apart | bit : this.apart & ~bit;
  }

  /** What it sends was accepted before: by a master, or when the append-only file was written. */
  get mustBeObeyed(): boolean {
    return (this.apart & (IS_MASTER | IS_AOF)) !== 0;
  }

  /** The class whose output limits hold for it. */
  get bufferClass(): BufferClass {
    if (this.replica !== null) return 'replica';
    return (this.modes & MODE_SUBSCRIBER) === 0 ? 'normal' : 'pubsub';
  }

  /** Bytes of the commands that wait for EXEC. */
  get multiBytes(): number {
    return this.transaction?.bytes ?? 0;
  }

  /** Bytes of what features keep for it: subscriptions, prefixes of tracking. */
  get featureBytes(): number {
    const prefixBytes = this.tracking?.prefixBytes ?? 0;
    if (this.subscriptions === null) return prefixBytes;
    const { channels, patterns, shards } = this.subscriptions;
    return prefixBytes + (channels.size + patterns.size + shards.size) * SUBSCRIPTION_BYTES;
  }
}
