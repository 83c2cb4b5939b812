// One connection: bytes in, commands through the engine, bytes out. The bytes of a read lie in a
// buffer that all connections share; only what is left of an unfinished command is copied to a
// buffer of the connection's own. Replies of a turn leave in one write; when the system does not
// take them, no further command of this client is read until it does, so a slow reader holds itself
// up and nobody else.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { BufferSizes, Client, Transport } from '../engine/client.ts';
import { type Engine, HELD } from '../engine/engine.ts';
import type { LogLevel } from '../introspection/server-context.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { COMMAND, NEED_MORE, PROTOCOL_ERROR, RequestReader } from '../protocol/request-reader.ts';
import { BATCH_SIZE, type CommandBatch } from './command-batch.ts';
import type { SharedReads } from './fast-read.ts';
import { type FastWriter, queuedBytes } from './fast-write.ts';
import type { WriterPool } from './writer-pool.ts';

/** Output of one turn after which a client's commands wait for the system to take it. */
const TURN_OUTPUT_BYTES = 1024 * 1024;
/** Output that the system has not taken, from which on no further command of the client is read. */
const HOLD_UP_BYTES = 16 * 1024;
const PENDING_INITIAL_BYTES = 16 * 1024;

export interface ConnectionLimits {
  protoMaxBulkBytes: number;
  /** `client-query-buffer-limit` in bytes. */
  queryBufferBytes: number;
  /** `client-output-buffer-limit normal`: bytes, bytes, seconds; 0 for none. */
  outputHardBytes: number;
  outputSoftBytes: number;
  outputSoftSeconds: number;
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
  netInputBytes: number;
  netOutputBytes: number;
  onClosed(connection: Connection): void;
  log(level: LogLevel, text: string): void;
  /** Whether a line of this level is written: whoever would build a long one asks first. */
  logs(level: LogLevel): boolean;
}

export class Connection implements Transport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLocal: boolean;
  client!: Client;
  readonly #host: ConnectionHost;
  readonly #stream: Duplex;
  readonly #reader: RequestReader;
  /** True when a finished write leaves the buffer to us: the system copies it at once. */
  readonly #writesAtOnce: boolean;
  readonly #onDrain = (): void => this.resume(this.client);
  /** Writes past the stream that the system has not finished. */
  #queuedWrites = 0;
  readonly #onWritten = (): void => {
    this.#queuedWrites--;
    this.resume(this.client);
  };
  /** Bytes of a command whose end has not come, in a buffer of the connection's own. */
  #pending: Uint8Array | null = null;
  /** Arguments of that command. */
  #ownArgs: Args | null = null;
  /** Which arguments of the batch hold the beginning of the next command. */
  #partialIndex = 0;
  /** Arguments of the command that runs. */
  #current: Args | null = null;
  #isPaused = false;
  #isProcessing = false;

  constructor(host: ConnectionHost, stream: Duplex, addresses: ConnectionAddresses) {
    this.#host = host;
    this.#stream = stream;
    this.remoteAddress = addresses.remote;
    this.localAddress = addresses.local;
    this.isUnix = addresses.isUnix;
    this.isLocal = addresses.isLocal;
    this.#reader = new RequestReader(host.limits);
    this.#writesAtOnce = stream instanceof Socket && stream.constructor === Socket;
  }

  get fd(): number {
    const handle = (this.#stream as { _handle?: { fd?: number } })._handle;
    return handle?.fd ?? -1;
  }

  /** Begins to read. */
  start(client: Client): void {
    this.client = client;
    const stream = this.#stream;
    const { reads } = this.#host;
    const isFast =
      this.#writesAtOnce &&
      reads.attach(stream as Socket, (count) => this.#onBytes(reads.buffer, count));
    if (!isFast) {
      stream.on('data', (data: Buffer) => {
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
        this.#onBytes(bytes, data.length);
      });
    }
    stream.on('drain', this.#onDrain);
    stream.on('end', () => this.#stream.end());
    stream.on('error', () => this.#stream.destroy());
    stream.on('close', () => this.#onClose());
    stream.resume();
  }

  #onClose(): void {
    this.client.closed = true;
    this.client.closing = true;
    this.client.writer = null;
    this.#pending = null;
    this.#host.onClosed(this);
  }

  #onBytes(bytes: Uint8Array, count: number): void {
    const { client } = this;
    const host = this.#host;
    if (client.closing) return;
    host.netInputBytes += count;
    client.totalBytesIn += count;
    host.engine.beginTurn();
    client.lastInteractionMs = host.engine.keyspace.nowMs;
    if (this.#pending === null) this.#reader.feed(bytes, 0, count);
    else if (!this.#appendPending(bytes, count)) return;
    this.#process();
  }

  /**
   * Adds bytes to the connection's own buffer. @returns false when that passes the limit and the
   * client was closed.
   */
  #appendPending(bytes: Uint8Array, count: number): boolean {
    const reader = this.#reader;
    if (reader.end + count > this.#pending!.length) {
      const start = reader.isMidCommand ? reader.commandStart : reader.position;
      const used = reader.end - start;
      // Room grows with what has come, not with what was announced: a length alone costs nobody
      // memory.
      const announced = Math.min(used + reader.bytesMissing, used * 4);
      const size = Math.max(used + count, announced, Math.ceil(used * 1.5));
      this.#movePending(start, Math.max(PENDING_INITIAL_BYTES, size));
    }
    this.#pending!.set(bytes.subarray(0, count), reader.end);
    reader.end += count;
    if (reader.end - reader.commandStart <= this.#host.limits.queryBufferBytes) return true;
    this.#host.log(
      'warning',
      `Closing client that reached max query buffer length: ${this.describe()}`,
    );
    this.close(this.client, false);
    return false;
  }

  /** Moves the unread bytes from `start` on to the beginning of a buffer of `size` bytes. */
  #movePending(start: number, size: number): void {
    const reader = this.#reader;
    const used = reader.end - start;
    const source = reader.bytes;
    const kept = this.#pending;
    const target = kept !== null && kept.length >= size ? kept : new Uint8Array(size);
    if (target === source) target.copyWithin(0, start, reader.end);
    else target.set(source.subarray(start, reader.end));
    this.#pending = target;
    reader.rebase(target, -start, used);
    if (this.#ownArgs !== null) this.#ownArgs.rebase(target, -start);
  }

  /** Runs the commands that are here. */
  #process(): void {
    const { client } = this;
    const { engine } = this.#host;
    this.#isProcessing = true;
    let status = COMMAND;
    while (status === COMMAND && this.#mayRun) {
      this.#reader.restricted = !client.authenticated;
      status = this.#ownArgs === null ? this.#runBatch() : this.#runSplit(this.#ownArgs);
    }
    engine.endTurn();
    if (status === PROTOCOL_ERROR) this.#protocolError(this.#reader.errorText);
    this.#isProcessing = false;
    if (client.closed) return;
    this.#keepRest();
    this.flush();
    if (client.closing) this.#end();
  }

  /** Whether the next command may run now. */
  get #mayRun(): boolean {
    return !this.client.closing && this.client.hold === 'none' && !this.#isPaused;
  }

  /** Goes on with a command of which part had come before. */
  #runSplit(args: Args): number {
    const status = this.#reader.next(args);
    if (status !== COMMAND) return status;
    this.#execute(args);
    args.clear();
    this.#ownArgs = null;
    return COMMAND;
  }

  /**
   * Reads commands ahead and runs them. @returns what the reader said behind the last, or COMMAND
   * to go on.
   */
  #runBatch(): number {
    const { batch, engine } = this.#host;
    const reader = this.#reader;
    // What an unauthenticated client may send depends on the command before.
    const limit = this.client.authenticated ? BATCH_SIZE : 1;
    let count = 0;
    let status = COMMAND;
    while (count < limit) {
      status = reader.next(batch.args[count]!);
      if (status !== COMMAND) break;
      batch.ends[count++] = reader.position;
    }
    this.#partialIndex = count;
    if (count > 1) engine.prefetch(this.client, batch.args, count);
    for (let i = 0; i < count; i++) {
      this.#execute(batch.args[i]!);
      if (this.#mayRun) continue;
      if (i + 1 < count || status !== COMMAND) reader.rewind(batch.ends[i]!);
      status = NEED_MORE;
      break;
    }
    engine.endPrefetch();
    return status;
  }

  #execute(args: Args): void {
    const { client } = this;
    const { engine, writers } = this.#host;
    const writer = (client.writer ??= writers.take());
    this.#current = args;
    engine.execute(client, args, writer);
    this.#current = null;
    if (writer.pendingBytes > TURN_OUTPUT_BYTES) this.flush();
  }

  #protocolError(text: string): void {
    const { client } = this;
    const writer = (client.writer ??= this.#host.writers.take());
    writer.error(replyError(`ERR ${text}`));
    if (this.#host.logs('verbose')) {
      this.#host.log(
        'verbose',
        `Protocol error (${text.slice(16)}) from client: ${this.describe()}`,
      );
    }
    this.close(client, true);
  }

  /** Copies what is left of the shared buffer, because the next read overwrites it. */
  #keepRest(): void {
    const reader = this.#reader;
    const midCommand = reader.isMidCommand;
    const start = midCommand ? reader.commandStart : reader.position;
    if (start >= reader.end) {
      this.#pending = null;
      return;
    }
    if (midCommand && this.#ownArgs === null) {
      this.#ownArgs = this.#host.batch.take(this.#partialIndex);
    }
    if (reader.bytes !== this.#pending) {
      this.#movePending(start, Math.max(PENDING_INITIAL_BYTES, reader.end - start));
    }
  }

  /** Hands the client's output to the system. */
  flush(): void {
    const { client } = this;
    const writer = client.writer;
    if (writer === null) return;
    const byteCount = writer.pendingBytes;
    if (byteCount > 0 && !client.closed) {
      this.#host.netOutputBytes += byteCount;
      client.totalBytesOut += byteCount;
      this.#send(writer);
    } else {
      writer.reset();
    }
    client.writer = null;
    this.#host.writers.give(writer);
    if (this.#waitingBytes > 0) this.#holdUp();
  }

  /** Bytes that the system has not taken yet. */
  get #waitingBytes(): number {
    const stream = this.#stream;
    const queued = this.#queuedWrites > 0 ? queuedBytes(stream as Socket) : 0;
    return stream.writableLength + queued;
  }

  /**
   * Writes past the stream, where that is possible. @returns false when the stream must be used.
   */
  #sendFast(writer: ReplyWriter): boolean {
    const bytes = writer.bytes.subarray(0, writer.position);
    const socket = this.#stream as Socket;
    const outcome = this.#host.fastWriter.write(socket, bytes, this.#onWritten);
    if (outcome === 'unavailable') return false;
    if (outcome === 'failed') this.#stream.destroy();
    if (outcome === 'queued') {
      this.#queuedWrites++;
      writer.renew();
    } else {
      writer.reset();
    }
    return true;
  }

  #send(writer: ReplyWriter): void {
    const stream = this.#stream;
    if (this.#writesAtOnce && writer.chunks.length === 0 && this.#sendFast(writer)) return;
    const last = Buffer.from(writer.bytes.buffer as ArrayBuffer, 0, writer.position);
    if (writer.chunks.length > 0) {
      stream.cork();
      for (const chunk of writer.chunks) stream.write(chunk);
      if (last.length > 0) stream.write(last);
      stream.uncork();
      writer.renew();
    } else if (this.#writesAtOnce) {
      stream.write(last);
      if (stream.writableLength > 0) writer.renew();
      else writer.reset();
    } else {
      stream.write(Buffer.from(last));
      writer.reset();
    }
  }

  /**
   * Stops reading while the system holds output of ours, and closes a client that is past its
   * limits.
   */
  #holdUp(): void {
    const { client } = this;
    const { outputHardBytes, outputSoftBytes } = this.#host.limits;
    const waiting = this.#waitingBytes;
    if (outputHardBytes > 0 && waiting > outputHardBytes) {
      this.#host.log(
        'warning',
        `Client ${this.describe()} scheduled to be closed ASAP for overcoming of output buffer limits.`,
      );
      this.close(client, false);
      return;
    }
    if (outputSoftBytes === 0 || waiting <= outputSoftBytes) client.softLimitSinceMs = 0;
    else if (client.softLimitSinceMs === 0) {
      client.softLimitSinceMs = this.#host.engine.keyspace.nowMs;
    }
    if (!this.#isPaused && waiting >= HOLD_UP_BYTES) {
      this.#isPaused = true;
      this.#stream.pause();
    }
  }

  write(client: Client, write: (reply: ReplyWriter) => void): void {
    if (client.closed) return;
    const writer = (client.writer ??= this.#host.writers.take());
    writer.resp3 = client.resp3;
    write(writer);
    if (!this.#isProcessing && client.writer !== null) this.flush();
  }

  reply(client: Client, write: (reply: ReplyWriter) => void): void {
    this.write(client, write);
    this.resume(client);
  }

  resume(client: Client): void {
    if (client.closed) return;
    if (this.#isPaused && this.#waitingBytes < HOLD_UP_BYTES) {
      this.#isPaused = false;
      client.softLimitSinceMs = 0;
      this.#stream.resume();
    }
    if (this.#isProcessing || client.hold === 'blocked' || this.#isPaused) return;
    const { engine, writers } = this.#host;
    engine.beginTurn();
    if (client.hold === 'paused') {
      const writer = (client.writer ??= writers.take());
      if (engine.executeHeld(client, writer) === HELD) return;
    }
    this.#process();
  }

  close(client: Client, afterReplies: boolean): void {
    client.closing = true;
    if (!afterReplies) {
      this.#stream.destroy();
      return;
    }
    this.flush();
    this.#end();
  }

  /** Closes when the output has left; whatever the other side still sends is not read. */
  #end(): void {
    const stream = this.#stream;
    stream.end(() => stream.destroy());
  }

  bufferSizes(): BufferSizes {
    const reader = this.#reader;
    // A command that runs counts with all that came with it, as in Redis, where the buffer is cut
    // after the turn.
    const start = this.#isProcessing ? 0 : reader.position;
    const queryBytes = Math.max(0, reader.end - start);
    const room = this.#pending?.length ?? 0;
    return {
      argumentBytes: this.#argumentBytes(),
      queryBytes,
      queryFreeBytes: Math.max(0, room - queryBytes),
      outputBytes: this.#waitingBytes,
      outputChunks: this.#waitingBytes > 0 ? 1 : 0,
      replyBufferBytes: this.client.writer?.bytes.length ?? 0,
      replyBufferPosition: this.client.writer?.position ?? 0,
    };
  }

  heldBytes(): number {
    const room = this.#pending?.length ?? 0;
    return (
      room + this.#argumentBytes() + this.#waitingBytes + (this.client.writer?.pendingBytes ?? 0)
    );
  }

  #argumentBytes(): number {
    const args = this.#current ?? this.#ownArgs;
    if (args === null) return 0;
    let sum = 0;
    for (let i = 0; i < args.count; i++) sum += args.lengths[i]!;
    return sum;
  }

  /** The line by which logs name a client. */
  describe(): string {
    const { client } = this;
    return `id=${client.id} addr=${this.remoteAddress} laddr=${this.localAddress} fd=${this.fd} name=${client.name}`;
  }
}

export interface ConnectionAddresses {
  readonly remote: string;
  readonly local: string;
  readonly isUnix: boolean;
  readonly isLocal: boolean;
}
