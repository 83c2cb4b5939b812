// One replica as its master sees it: what it has said of itself (REPLCONF), how far its
// synchronization is, what of the stream it was sent and has acknowledged. The bytes of the stream
// lie in the StreamBuffer, once for all replicas; sending hands views of it to the connection.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Client, ReplicaFeed } from '../engine/client.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { StreamBuffer } from './stream-buffer.ts';

/**
 * `waiting`: for a snapshot to begin; `snapshot`: for it to end, or being sent it as it is made;
 * `file`: being sent a file; `online`: it gets the stream; `done`: it wanted the snapshot only.
 */
export type ReplicaState = 'waiting' | 'snapshot' | 'file' | 'online' | 'done';

/** Bytes of the stream that are handed to a connection ahead of what the system has taken. */
const WINDOW_BYTES = 1024 * 1024;

/** What a replica told of itself before it asked for synchronization. */
export interface ReplicaTraits {
  /** `REPLCONF listening-port`, 0 when it has not said. */
  port: number;
  /** `REPLCONF ip-address`, '' when it has not said. */
  address: string;
  /** It can tell the end of a snapshot whose length is not known in advance. */
  readsToMark: boolean;
  /** It understands that the id of the history changes. */
  followsIds: boolean;
  /** It wants the snapshot and no stream. */
  wantsSnapshotOnly: boolean;
  excludesData: boolean;
  excludesFunctions: boolean;
}

export function unknownTraits(): ReplicaTraits {
  return {
    port: 0,
    address: '',
    readsToMark: false,
    followsIds: false,
    wantsSnapshotOnly: false,
    excludesData: false,
    excludesFunctions: false,
  };
}

export class Replica implements ReplicaFeed {
  readonly client: Client;
  readonly traits: ReplicaTraits;
  state: ReplicaState = 'waiting';
  /** It speaks SYNC: it acknowledges nothing and never times out. */
  readonly isOld: boolean;
  /** Offset up to which the stream was handed to its connection, or where it will begin. */
  sentOffset: number = DOUBLE_ZERO;
  /** The stream is sent as it comes; until then it gathers. */
  streams = false;
  /** The stream begins with its next acknowledgement. */
  startsOnAck = false;
  ackOffset: number = DOUBLE_ZERO;
  /** Offset up to which its AOF is on disk. */
  aofOffset: number = DOUBLE_ZERO;
  ackMs: number;
  /** Since when more waits than the soft limit, ms of the Unix epoch; 0 while it does not. */
  softLimitSinceMs: number = DOUBLE_ZERO;
  /** Since when it waits for a snapshot, ms of the Unix epoch. */
  readonly sinceMs: number;
  /** When the system has taken something for it last, ms of the Unix epoch. */
  roomMs: number;
  readonly #nowMs: () => number;
  readonly #onRoom: (replica: Replica) => void;
  readonly #onReplied: (replica: Replica, isError: boolean) => void;
  #buffer: StreamBuffer | null = null;

  constructor(
    client: Client,
    traits: ReplicaTraits,
    isOld: boolean,
    now: () => number,
    onRoom: (replica: Replica) => void,
    onReplied: (replica: Replica, isError: boolean) => void,
  ) {
    const nowMs = now();
    this.roomMs = nowMs;
    this.#nowMs = now;
    this.client = client;
    this.traits = traits;
    this.isOld = isOld;
    this.ackMs = nowMs;
    this.sinceMs = nowMs;
    this.#onRoom = onRoom;
    this.#onReplied = onReplied;
  }

  /** From here on the stream is for it. */
  follow(buffer: StreamBuffer, offset: number): void {
    this.#buffer = buffer;
    this.sentOffset = offset;
  }

  /** Whether the stream gathers for it, or is sent to it. */
  get needsStream(): boolean {
    return this.#buffer !== null && this.state !== 'done';
  }

  /** When it was heard of last, ms of the Unix epoch: while it loads it only sends newlines. */
  get heardMs(): number {
    return Math.max(this.ackMs, this.client.lastInteractionMs);
  }

  get waitingBytes(): number {
    if (this.#buffer === null) return 0;
    return this.#buffer.end - this.sentOffset;
  }

  run(writer: ReplyWriter, execute: () => void): void {
    const { pendingBytes, errorCount } = writer;
    execute();
    if (writer.pendingBytes === pendingBytes) return;
    this.#onReplied(this, writer.errorCount !== errorCount);
  }

  onRoom(): void {
    this.roomMs = this.#nowMs();
    this.#onRoom(this);
  }

  /**
   * Hands what it may have of the stream to its connection.
   * @returns true when more could be handed over as soon as this has left.
   */
  pump(): boolean {
    const buffer = this.#buffer;
    if (buffer === null || !this.streams || this.client.closing) return false;
    if (this.sentOffset === buffer.end) return false;
    let room = WINDOW_BYTES - this.client.transport.bufferSizes().outputBytes;
    while (room > 0 && this.sentOffset < buffer.end) {
      const view = buffer.view(this.sentOffset);
      this.client.transport.push(this.client, view);
      this.sentOffset += view.length;
      room -= view.length;
    }
    return room <= 0 && this.sentOffset < buffer.end;
  }

  /** `ip:port` as the log names it. */
  get name(): string {
    const { port } = this.traits;
    const suffix = port === 0 ? '<unknown-replica-port>' : String(port);
    return `${this.host}:${suffix}`;
  }

  /** Its address: what it announced, or where its connection comes from. */
  get host(): string {
    const { address } = this.traits;
    if (address !== '') return address;
    return hostOf(this.client);
  }
}

/** The address that a client's connection comes from, without the port. */
export function hostOf({ transport }: Client): string {
  const { remoteAddress } = transport;
  const end = remoteAddress.lastIndexOf(':');
  return remoteAddress.slice(0, end).replace(/^\[|\]$/g, '');
}
