// What is on its way to a client. Nearly always the system takes a turn's replies at once and there
// is nothing here. What it does not take waits in a queue of chunks, handed on as the system has
// room: the chunks are small while a client asks for little, so that ten thousand slow readers hold
// no more than their replies. Owned by one connection; knows nothing of limits.
//
//   writer --> (fast write) --> system            nothing waits
//   writer --> chunk | chunk | tail --> stream     something waits; the tail is filled up first

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { CHUNK_BYTES, type ReplyWriter } from '../protocol/reply-writer.ts';
import type { DroppedBuffers } from './dropped-buffers.ts';
import type { FastWriter, WriteOutcome } from './fast-write.ts';

/** Bounds of the room for replies that a client is given at a time, as Redis's reply buffer. */
export const MIN_ROOM_BYTES = 1024;
export const MAX_ROOM_BYTES: number = 16 * 1024;
/** Bytes that are handed to the stream together, and that it may hold before it gets more. */
const HAND_OVER_BYTES = 1024 * 1024;
const STREAM_BYTES = 64 * 1024;
/** From so many bytes on a writer's buffer is kept, below they are copied. */
const KEEP_FROM_BYTES = 32 * 1024;

/** What a socket's handle tells of its queue; of TLS, the handle below knows what has left. */
interface WriteQueue {
  readonly writeQueueSize?: number;
  readonly _parent?: WriteQueue;
}

/** What the outputs of a server have in common. */
export interface OutputHost {
  readonly fastWriter: FastWriter;
  readonly droppedBuffers: DroppedBuffers;
}

export class Output {
  /** Bytes of one turn, the most since `peakSinceMs`. */
  peakBytes = 0;
  /** Room for replies that the client is given when something must wait. */
  roomBytes: number = MAX_ROOM_BYTES;
  #peakSinceMs: number = DOUBLE_ZERO;
  readonly #stream: Duplex;
  readonly #fastWriter: FastWriter;
  readonly #dropped: DroppedBuffers;
  /** True when a finished write leaves the buffer to us: the system copies it at once. */
  readonly #writesAtOnce: boolean;
  /** Called when the system has taken something that waited. */
  readonly #onTaken: () => void;
  #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  /** The last chunk, when there is room in it. */
  #tail: Uint8Array | null = null;
  #tailUsed = 0;
  /** Bytes of a write past the stream that the system has not finished, and of its buffer. */
  #fastBytes = 0;
  #fastRoomBytes = 0;
  /** Bytes that the system had not taken when `hasMoved` was asked last. */
  #queuedBytes = 0;
  readonly #onFastWritten = (): void => {
    this.#fastBytes = 0;
    this.#fastRoomBytes = 0;
    this.#onWritten();
  };
  readonly #onWritten = (): void => {
    this.#handOver();
    this.#onTaken();
  };

  constructor(stream: Duplex, host: OutputHost, onTaken: () => void) {
    this.#stream = stream;
    this.#fastWriter = host.fastWriter;
    this.#dropped = host.droppedBuffers;
    this.#onTaken = onTaken;
    this.#writesAtOnce = stream instanceof Socket && stream.constructor === Socket;
  }

  /** True for a plain socket, which can be read and written past its stream. */
  get isPlain(): boolean {
    return this.#writesAtOnce;
  }

  /** Bytes that the system has not taken. */
  get waitingBytes(): number {
    return this.#chunkBytes + this.#fastBytes + this.#stream.writableLength;
  }

  /** Bytes that are held for them. */
  get heldBytes(): number {
    return this.#chunkBytes + this.#fastRoomBytes + this.#stream.writableLength;
  }

  /** Pieces in which they lie. */
  get chunkCount(): number {
    const inFlight = this.#fastBytes > 0 || this.#stream.writableLength > 0 ? 1 : 0;
    return this.#chunks.length + (this.#tail === null ? 0 : 1) + inFlight;
  }

  /** Whether the system has taken some of a write that is under way since this was asked last. */
  hasMoved(): boolean {
    const { _handle } = this.#stream as { _handle?: WriteQueue | null };
    const queuedBytes = (_handle?._parent ?? _handle)?.writeQueueSize ?? 0;
    const moved = queuedBytes !== this.#queuedBytes;
    this.#queuedBytes = queuedBytes;
    return moved;
  }

  /** Takes a writer's output and leaves it empty. */
  send(writer: ReplyWriter): void {
    if (this.#fastWriter.before !== null) this.#fastWriter.before();
    if (writer.pendingBytes > this.peakBytes) this.peakBytes = writer.pendingBytes;
    const mayWrite = this.#chunkBytes === 0 && this.#fastBytes === 0;
    if (mayWrite && writer.chunks.length === 0) {
      const room = writer.bytes.length;
      if (this.#writeDirectly(writer)) {
        if (room > CHUNK_BYTES) this.#dropped.count(room);
        return;
      }
    }
    this.#enqueue(writer);
    this.#handOver();
  }

  /** Sends bytes that will not change any more: they may be shared with others. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#fastWriter.before !== null) this.#fastWriter.before();
    const mayWrite = this.#chunkBytes === 0 && this.#fastBytes === 0;
    if (mayWrite && this.#writesAtOnce) {
      const outcome = this.#tryFast(bytes);
      if (outcome !== 'unavailable') {
        if (outcome === 'queued') this.#fastRoomBytes = bytes.length;
        return;
      }
    }
    if (bytes.length >= KEEP_FROM_BYTES) this.#push(bytes);
    else this.#copy(bytes, bytes.length);
    this.#handOver();
  }

  /** Sends several such messages: together where joining them costs little. */
  sendAll(first: Uint8Array, more: readonly Uint8Array[], byteCount: number): void {
    if (more.length === 0) this.sendBytes(first);
    else if (byteCount < KEEP_FROM_BYTES) this.sendBytes(Buffer.concat([first, ...more]));
    else for (const bytes of [first, ...more]) this.sendBytes(bytes);
  }

  #writeDirectly(writer: ReplyWriter): boolean {
    const stream = this.#stream;
    const { position } = writer;
    if (this.#writesAtOnce && this.#writeFast(writer)) return true;
    if (stream.writableLength >= STREAM_BYTES) return false;
    const bytes = Buffer.from(writer.bytes.buffer as ArrayBuffer, 0, position);
    if (!this.#writesAtOnce) {
      stream.write(Buffer.from(bytes), this.#onWritten);
      writer.reset();
      return true;
    }
    stream.write(bytes, this.#onWritten);
    if (stream.writableLength > 0) writer.renew();
    else writer.reset();
    return true;
  }

  /** Writes past the stream. @returns false when the stream must be used. */
  #writeFast(writer: ReplyWriter): boolean {
    const outcome = this.#tryFast(writer.currentBytes());
    if (outcome === 'unavailable') return false;
    if (outcome === 'queued') {
      this.#fastRoomBytes = writer.bytes.length;
      writer.renew();
    } else {
      writer.reset();
    }
    return true;
  }

  #tryFast(bytes: Uint8Array): WriteOutcome {
    const socket = this.#stream as Socket;
    const outcome = this.#fastWriter.write(socket, bytes, this.#onFastWritten);
    if (outcome === 'failed') this.#stream.destroy();
    if (outcome === 'queued') this.#fastBytes = bytes.length;
    return outcome;
  }

  #enqueue(writer: ReplyWriter): void {
    for (const chunk of writer.chunks) this.#push(chunk);
    if (writer.position >= KEEP_FROM_BYTES) {
      this.#push(writer.bytes.subarray(0, writer.position));
      writer.renew();
    } else {
      this.#copy(writer.bytes, writer.position);
      writer.reset();
    }
  }

  #push(chunk: Uint8Array): void {
    this.#endTail();
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.buffer.byteLength;
  }

  #copy(bytes: Uint8Array, length: number): void {
    let done = 0;
    while (done < length) {
      if (this.#tail === null) {
        this.#tail = new Uint8Array(this.roomBytes);
        this.#tailUsed = 0;
        this.#chunkBytes += this.roomBytes;
      }
      const count = Math.min(length - done, this.#tail.length - this.#tailUsed);
      this.#tail.set(bytes.subarray(done, done + count), this.#tailUsed);
      this.#tailUsed += count;
      done += count;
      if (this.#tailUsed === this.#tail.length) this.#endTail();
    }
  }

  #endTail(): void {
    if (this.#tail === null) return;
    this.#chunks.push(this.#tail.subarray(0, this.#tailUsed));
    this.#tail = null;
  }

  /** Gives the stream as much as it may hold. */
  #handOver(): void {
    const stream = this.#stream;
    while (this.#chunkBytes > 0 && this.#fastBytes === 0 && stream.writableLength < STREAM_BYTES) {
      if (stream.destroyed) {
        this.clear();
        return;
      }
      this.#endTail();
      this.#writeChunks(this.#countToHandOver());
    }
  }

  #countToHandOver(): number {
    let bytes = 0;
    let count = 0;
    while (count < this.#chunks.length && bytes < HAND_OVER_BYTES) {
      bytes += this.#chunks[count++]!.length;
    }
    return count;
  }

  #writeChunks(count: number): void {
    const stream = this.#stream;
    const given = this.#chunks.splice(0, count);
    let bytes = 0;
    for (const chunk of given) bytes += chunk.buffer.byteLength;
    this.#chunkBytes -= bytes;
    this.#dropped.count(bytes);
    stream.cork();
    for (let i = 0; i < given.length; i++) {
      if (i === given.length - 1) stream.write(given[i]!, this.#onWritten);
      else stream.write(given[i]!);
    }
    stream.uncork();
  }

  /** Ends the stream when all has left; whatever the other side still sends is not read. */
  end(): void {
    const stream = this.#stream;
    this.#endTail();
    if (this.#chunks.length > 0) this.#writeChunks(this.#chunks.length);
    stream.end(() => stream.destroy());
  }

  /** Forgets what waits. */
  clear(): void {
    this.#chunks = [];
    this.#chunkBytes = 0;
    this.#tail = null;
    this.#fastBytes = 0;
    this.#fastRoomBytes = 0;
  }

  /**
   * Fits the room to what the client asked for since the peak was forgotten last: to be called some
   * times a second. @param peakResetMs after which the peak is forgotten, negative: never.
   * @returns -1 when the room shrank, 1 when it grew, 0 otherwise.
   */
  fitRoom(nowMs: number, peakResetMs: number): number {
    const before = this.roomBytes;
    if (before / 2 >= MIN_ROOM_BYTES && this.peakBytes < before / 2) {
      this.roomBytes = Math.max(MIN_ROOM_BYTES, this.peakBytes + 1);
    } else if (before < MAX_ROOM_BYTES && this.peakBytes >= before) {
      this.roomBytes = Math.min(MAX_ROOM_BYTES, before * 2);
    }
    if (peakResetMs >= 0 && nowMs - this.#peakSinceMs >= peakResetMs) {
      this.peakBytes = 0;
      this.#peakSinceMs = nowMs;
    }
    return Math.sign(this.roomBytes - before);
  }
}
