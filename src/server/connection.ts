// One connection: bytes in, commands through the engine, bytes out. Replies of a turn leave in one
// write. What the client does not read waits for it, up to its limits; where it has none, its
// commands wait from some size on.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  APART_WAITS,
  type BufferSizes,
  type Client,
  MODE_MULTI,
  type Transport,
} from '../engine/client.ts';
import { describeClient } from '../engine/client-line.ts';
import type { Command } from '../engine/command.ts';
import { HELD } from '../engine/engine.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { COMMAND, NEED_MORE, PROTOCOL_ERROR } from '../protocol/request-reader.ts';
import { BATCH_SIZE } from './command-batch.ts';
import type { ConnectionAddresses, ConnectionHost } from './connection-host.ts';
import { holdUpBytes, isPastHardLimit, limitOf } from './connection-limits.ts';
import { Output } from './output.ts';
import type { OutputSender } from './output-round.ts';
import { QueryBuffer } from './query-buffer.ts';

/** Most bytes of output that wait for a client that has not authenticated. */
const STRANGER_OUTPUT_BYTES = 1024;

export class Connection implements Transport, OutputSender {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnix: boolean;
  readonly isLocal: boolean;
  client!: Client;
  readonly #host: ConnectionHost;
  readonly #stream: Duplex;
  readonly #query: QueryBuffer;
  readonly #output: Output;
  /** Which arguments of the batch hold the beginning of the next command. */
  #partialIndex = 0;
  /** Messages that wait, and their bytes. */
  #pushes: Uint8Array[] = [];
  #pushBytes = 0;
  /** Its output leaves with that of the others in this turn. */
  #isInRound = false;
  /** Commands wait until the client has read more of its output. */
  #isHeldUp = false;
  /** And nothing is read from it meanwhile. */
  #isReadingPaused = false;
  #isProcessing = false;
  /** The client sends no more. */
  #hasEnded = false;

  constructor(host: ConnectionHost, stream: Duplex, addresses: ConnectionAddresses) {
    this.#host = host;
    this.#stream = stream;
    this.remoteAddress = addresses.remote;
    this.localAddress = addresses.local;
    this.isUnix = addresses.isUnix;
    this.isLocal = addresses.isLocal;
    this.#query = new QueryBuffer(host);
    this.#output = new Output(stream, host, () => this.#onOutputTaken());
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
      this.#output.isPlain &&
      reads.attach(stream as Socket, {
        onRead: (count) => this.#onBytes(reads.buffer, reads.offset, count),
        onDirectRead: (count) => this.#onBytes(null, 0, count),
        readTarget: () => this.#query.readTarget(),
      });
    if (!isFast) {
      stream.on('data', (data: Buffer) => {
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
        this.#onBytes(bytes, 0, data.length);
      });
    }
    // Whoever sends no more may read on.
    stream.allowHalfOpen = true;
    stream.on('end', () => this.#onEnd());
    stream.on('error', () => this.#stream.destroy());
    stream.on('close', () => this.#onClose());
    stream.resume();
  }

  /**
   * Nothing more comes. What came in the same turn is answered first, what waits only because the
   * client reads slowly, and what stands behind a command that Redis would not have left in its
   * middle. Who listens would hear on until then, and more would wait.
   */
  #onEnd(): void {
    this.#hasEnded = true;
    // The read that finds the end is one of those that INFO counts.
    this.#host.statistics.readsProcessed++;
    const listens = (this.client.modes & ~MODE_MULTI) !== 0;
    if (this.#host.engine.holding.outlivesEnd(this.client)) return;
    if (!this.#isHeldUp || listens) this.close(this.client, true);
  }

  /** The client is gone for everybody, as soon as its connection is destroyed. */
  #onClose(): void {
    if (this.client.closed) return;
    this.client.closed = true;
    this.client.closing = true;
    this.client.writer = null;
    this.#query.clear();
    this.#pushes = [];
    this.#pushBytes = 0;
    this.#output.clear();
    this.#host.onClosed(this.client);
  }

  /** Bytes have come; null: to the query buffer's own target. */
  #onBytes(bytes: Uint8Array | null, offset: number, count: number): void {
    const { client } = this;
    const query = this.#query;
    const host = this.#host;
    if (client.closing) return;
    host.statistics.netInputBytes += count;
    host.statistics.readsProcessed++;
    client.totalBytesIn += count;
    host.engine.beginTurn();
    client.lastInteractionMs = host.engine.keyspace.nowMs;
    const fits = bytes === null ? query.addDirect(count) : query.add(bytes, offset, count);
    if (!fits) {
      this.#closeForInput();
      return;
    }
    if (host.engine.clientMemory.isTracked && !this.#account()) return;
    this.#process();
  }

  /** Takes note of what the client holds. @returns false when it was closed for it. */
  #account(): boolean {
    const { clientMemory } = this.#host.engine;
    clientMemory.update(this.client);
    clientMemory.evict();
    return !this.client.closing;
  }

  #closeForInput(): void {
    this.#host.log(
      'warning',
      `Closing client that reached max query buffer length: ${this.describe()}`,
    );
    this.close(this.client, false);
  }

  /** Runs the commands that are here. */
  #process(): void {
    const { client } = this;
    const { engine } = this.#host;
    const query = this.#query;
    this.#isProcessing = true;
    let status = COMMAND;
    while (status === COMMAND && this.#mayRun()) {
      query.reader.restricted = !client.authenticated && engine.access.mustAuthenticate(client);
      status = query.args === null ? this.#runBatch() : this.#runSplit(query.args);
    }
    engine.endTurn();
    if (status === PROTOCOL_ERROR) this.#protocolError(query.reader.errorText);
    this.#isProcessing = false;
    if (client.closed) return;
    query.keepRest(this.#partialIndex);
    if (this.#hasEnded && !this.#isHeldUp && !engine.holding.outlivesEnd(client)) {
      client.closing = true;
    }
    if (client.closing) {
      this.flush();
      this.#end();
    } else if (client.writer === null) {
      if (engine.clientMemory.isTracked) this.#account();
    } else if (!this.#isInRound) {
      this.#isInRound = true;
      this.#host.round.add(this);
    }
  }

  /** Whether the next command may run now. */
  #mayRun(): boolean {
    return (this.client.apart & APART_WAITS) === 0 && !this.#isHeldUp;
  }

  /** Goes on with a command of which part had come before. */
  #runSplit(args: Args): number {
    const status = this.#query.reader.next(args);
    if (status !== COMMAND) return status;
    this.#execute(args, null);
    this.#query.giveArgs();
    return COMMAND;
  }

  /**
   * Reads commands ahead and runs them. @returns what the reader said behind the last, or COMMAND
   * to go on.
   */
  #runBatch(): number {
    const { batch, engine } = this.#host;
    const { reader } = this.#query;
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
    const { lookahead } = engine;
    if (count > 1) lookahead.begin(this.client, batch.args, count);
    for (let i = 0; i < count; i++) {
      this.#execute(batch.args[i]!, count > 1 ? lookahead.found[i]! : null);
      if (this.#mayRun()) continue;
      if (i + 1 < count || status !== COMMAND) reader.rewind(batch.ends[i]!);
      status = NEED_MORE;
      break;
    }
    if (count > 1) lookahead.end();
    return status;
  }

  #execute(args: Args, known: Command | null): void {
    const { client } = this;
    const { engine, limits } = this.#host;
    const writer = client.writer ?? this.#takeWriter();
    const { replica } = client;
    if (replica === null) engine.execute(client, args, writer, known);
    else replica.run(writer, () => void engine.execute(client, args, writer, known));
    if (writer.pendingBytes >= limits.turnOutputBytes) this.flush();
  }

  /** A writer for output that follows the messages which wait: `flush` sends those before. */
  #takeWriter(): ReplyWriter {
    const { client } = this;
    const writer = this.#host.writers.take();
    client.writer = writer;
    const { hardBytes } = limitOf(this.#host.limits, client.bufferClass);
    const freeBytes = Math.max(0, hardBytes - this.#output.waitingBytes);
    writer.limitBytes = hardBytes === 0 ? Number.POSITIVE_INFINITY : freeBytes;
    return writer;
  }

  #protocolError(text: string): void {
    const { client } = this;
    const writer = client.writer ?? this.#takeWriter();
    writer.error(replyError(`ERR ${text}`));
    if (this.#host.logs('verbose')) {
      this.#host.log(
        'verbose',
        `Protocol error (${text.slice(16)}) from client: ${this.describe()}`,
      );
    }
    this.close(client, true);
  }

  /** Hands the client's output to the system. */
  flush(): void {
    const { client } = this;
    const writer = client.writer;
    if (this.#pushes.length > 0) this.#sendPushes();
    if (writer === null) return;
    const output = this.#output;
    const byteCount = writer.pendingBytes;
    client.writer = null;
    if (byteCount === 0 || client.closed || this.#stream.destroyed) {
      writer.reset();
    } else if (this.#isPastHardLimit(output.waitingBytes + byteCount)) {
      writer.reset();
      this.#closeForOutput();
    } else {
      this.#countOutput(byteCount);
      this.#host.statistics.writesProcessed++;
      output.send(writer);
    }
    this.#host.writers.give(writer);
    if (output.waitingBytes > 0) this.#onOutputWaits();
    else this.#noteTaken(this.#host.engine.keyspace.nowMs);
  }

  /** What the client was sent is taken: it is not idle. Replicas tell so by themselves. */
  #noteTaken(nowMs: number): void {
    if (this.client.replica === null) this.client.lastInteractionMs = nowMs;
  }

  /**
   * Whether the client has read some of a long reply, of which the system tells nothing before its
   * end, since this was asked last.
   */
  isRead(): boolean {
    if (!this.#output.hasMoved()) return false;
    this.#noteTaken(this.#host.engine.clock.nowMs());
    return true;
  }

  #countOutput(bytes: number): void {
    const { statistics } = this.#host;
    statistics.netOutputBytes += bytes;
    if (this.client.replica !== null) statistics.replicationOutputBytes += bytes;
    this.client.totalBytesOut += bytes;
  }

  #isPastHardLimit(bytes: number): boolean {
    return isPastHardLimit(limitOf(this.#host.limits, this.client.bufferClass), bytes);
  }

  #closeForOutput(): void {
    this.#host.onOutputLimit();
    this.#host.log(
      'warning',
      `Client ${this.describe()} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    );
    this.close(this.client, false);
  }

  /** The system holds output of ours: looks at the limits, and holds the client up. */
  #onOutputWaits(): void {
    const { client } = this;
    const { engine, limits } = this.#host;
    const waiting = this.#output.waitingBytes;
    if (this.#isPastStrangersLimit(waiting)) {
      this.#closeForOutput();
      return;
    }
    // From here on `isRead` looks whether it becomes less.
    this.#output.hasMoved();
    const limit = limitOf(limits, client.bufferClass);
    if (limit.softBytes === 0 || waiting < limit.softBytes) client.softLimitSinceMs = 0;
    else if (client.softLimitSinceMs === 0) client.softLimitSinceMs = engine.clock.nowMs();
    if (waiting < holdUpBytes(limit, engine.memory)) return;
    this.#isHeldUp = true;
    if (this.#isReadingPaused || !engine.memory.isExceeded) return;
    this.#isReadingPaused = true;
    this.#stream.pause();
  }

  /** Who has not authenticated may not make the server keep replies for it. */
  #isPastStrangersLimit(waiting: number): boolean {
    const { client } = this;
    if (client.authenticated || waiting <= STRANGER_OUTPUT_BYTES) return false;
    return this.#host.engine.access.mustAuthenticate(client);
  }

  #onOutputTaken(): void {
    const { client } = this;
    if (client.closed) return;
    const { engine, limits } = this.#host;
    this.#noteTaken(engine.clock.nowMs());
    const waiting = this.#output.waitingBytes;
    const limit = limitOf(limits, client.bufferClass);
    if (waiting < limit.softBytes) client.softLimitSinceMs = 0;
    if (engine.clientMemory.isTracked) engine.clientMemory.update(client);
    client.replica?.onRoom();
    if (!this.#isHeldUp || waiting >= holdUpBytes(limit, engine.memory)) return;
    this.#isHeldUp = false;
    if (this.#isReadingPaused) {
      this.#isReadingPaused = false;
      this.#stream.resume();
    }
    this.resume(client);
  }

  write(client: Client, write: (reply: ReplyWriter) => void): void {
    if (client.closed || this.#stream.destroyed) return;
    const writer = client.writer ?? this.#takeWriter();
    writer.resp3 = client.resp3;
    write(writer);
    if (this.#isProcessing || client.writer === null) return;
    this.flush();
    if (this.#host.engine.clientMemory.isTracked) this.#account();
  }

  push(client: Client, bytes: Uint8Array): void {
    if (client.closing) return;
    // Behind what its own commands of this turn have answered.
    if (client.writer !== null && client.writer.pendingBytes > 0) {
      client.writer.raw(bytes);
      return;
    }
    this.#pushes.push(bytes);
    this.#pushBytes += bytes.length;
    if (!this.#isInRound) {
      this.#isInRound = true;
      this.#host.round.plan(this);
    }
    if (this.#isPastHardLimit(this.#output.waitingBytes + this.#pushBytes)) this.#closeForOutput();
  }

  /** Hands what waits for the end of the turn to the system: either messages or replies. */
  sendWaiting(): void {
    this.#isInRound = false;
    if (this.client.closed) return;
    this.flush();
    if (this.#host.engine.clientMemory.isTracked) this.#account();
  }

  /** Hands the messages that wait to the system. */
  #sendPushes(): void {
    const { client } = this;
    const [first, ...more] = this.#pushes;
    if (first === undefined || client.closed) return;
    const bytes = this.#pushBytes;
    this.#output.sendAll(first, more, bytes);
    this.#pushes = [];
    this.#pushBytes = 0;
    this.#countOutput(bytes);
    if (this.#output.waitingBytes > 0) this.#onOutputWaits();
    else this.#noteTaken(this.#host.engine.keyspace.nowMs);
  }

  reply(client: Client, write: (reply: ReplyWriter) => void): void {
    this.write(client, write);
    this.resume(client);
  }

  resume(client: Client): void {
    if (client.closed) return;
    if (this.#isProcessing || client.hold === 'blocked' || this.#isHeldUp) return;
    const { engine } = this.#host;
    engine.beginTurn();
    if (client.hold === 'paused') {
      const writer = client.writer ?? this.#takeWriter();
      if (engine.executeHeld(client, writer) === HELD) {
        this.flush();
        return;
      }
    }
    this.#process();
  }

  setNoDelay(isOn: boolean): void {
    (this.#stream as Partial<Socket>).setNoDelay?.(isOn);
  }

  close(client: Client, afterReplies: boolean): void {
    client.closing = true;
    if (!afterReplies) {
      this.#stream.destroy();
      this.#onClose();
      return;
    }
    this.flush();
    this.#end();
  }

  #end(): void {
    // What it waits for is no longer for it, however long its output takes to leave.
    const { blocking, lateWaits } = this.#host.engine;
    blocking.forget(this.client);
    lateWaits.forget(this.client);
    if (!this.#stream.destroyed) this.#output.end();
  }

  bufferSizes(): BufferSizes {
    const query = this.#query;
    // A command that runs counts with all that came with it, as in Redis.
    const queryBytes = this.#isProcessing ? query.turnBytes : query.restBytes;
    return {
      argumentBytes: this.#argumentBytes(),
      queryBytes,
      queryFreeBytes: Math.max(0, query.room - queryBytes),
      outputBytes: this.#output.waitingBytes + this.#pushBytes,
      outputChunks: this.#output.chunkCount,
      replyBufferBytes: this.#output.roomBytes,
      replyBufferPosition: this.client.writer?.pendingBytes ?? 0,
    };
  }

  heldBytes(): number {
    const unsent = (this.client.writer?.pendingBytes ?? 0) + this.#pushBytes;
    const query = this.#query.heldBytes - this.#query.largeArgumentBytes;
    return query + this.#argumentBytes() + this.#output.heldBytes + unsent;
  }

  fitReplyRoom(nowMs: number, peakResetMs: number): number {
    return this.#output.fitRoom(nowMs, peakResetMs);
  }

  #argumentBytes(): number {
    const running = this.#host.engine.argumentsOf(this.client);
    return (running ?? this.#query.args)?.totalBytes ?? 0;
  }

  /** The line by which logs name a client. */
  describe(): string {
    return describeClient(this.client, this.#host.engine.clock.nowMs());
  }
}
