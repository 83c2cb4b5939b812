// What a client has sent and nobody has run yet (Redis's query buffer). Most of it never leaves the
// buffer that all sockets are read into: a read that ends with whole commands leaves nothing
// behind. The beginning of an unfinished command is copied out, because the next read overwrites
// it; when the rest has come, a short beginning goes back in front of it, into room that is left
// there, so that neither is memory taken per read nor a read copied. A long command gathers in a
// buffer of the client's own, which grows with what comes.

import type { ClientMemory } from '../engine/client-memory.ts';
import type { Args } from '../protocol/args.ts';
import { RequestReader } from '../protocol/request-reader.ts';
import type { CommandBatch } from './command-batch.ts';
import { type ConnectionLimits, roomWithinLimits } from './connection-limits.ts';
import type { DroppedBuffers } from './dropped-buffers.ts';

/** Least size of a client's own buffer: also the room in front of what is read. */
export const OWN_BUFFER_BYTES: number = 16 * 1024;
/** An argument of this size is counted once while its command is not all here, as in Redis. */
const LARGE_BYTES = 32 * 1024;
/** Buffers of that size that wait for a client, at most. */
const KEPT_BUFFERS = 64;

const NOTHING = new Uint8Array(0);

/** Own buffers of the least size, for whoever needs one next. */
export class OwnBuffers {
  readonly #free: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(OWN_BUFFER_BYTES);
  }

  give(buffer: Uint8Array): void {
    if (this.#free.length < KEPT_BUFFERS) this.#free.push(buffer);
  }
}

/** What the query buffers of a server have in common. */
export interface QueryBufferHost {
  readonly limits: ConnectionLimits;
  readonly ownBuffers: OwnBuffers;
  readonly droppedBuffers: DroppedBuffers;
  readonly batch: CommandBatch;
  readonly engine: { readonly clientMemory: ClientMemory };
}

export class QueryBuffer {
  readonly reader: RequestReader;
  /** Arguments of the command of which only a part has come. */
  args: Args | null = null;
  readonly #host: QueryBufferHost;
  /** Holds what is left between two reads. */
  #own: Uint8Array | null = null;
  /** Where in the reader's bytes begins what is here since the last read. */
  #start = 0;

  constructor(host: QueryBufferHost) {
    this.#host = host;
    this.reader = new RequestReader(host.limits);
  }

  /** Bytes that are here, those of commands that have run since the last read included. */
  get turnBytes(): number {
    return Math.max(0, this.reader.end - this.#start);
  }

  /** Bytes that are here and belong to no command that has run. */
  get restBytes(): number {
    return Math.max(0, this.reader.end - this.reader.position);
  }

  /** Size of the client's own buffer. */
  get room(): number {
    return this.#own?.length ?? 0;
  }

  /**
   * Memory that is the client's own. Room that was not written to yet is none: the system gives
   * pages when they are touched.
   */
  get heldBytes(): number {
    return this.#own === null ? 0 : this.reader.end;
  }

  /**
   * Bytes of the large arguments of a command of which a part has come. Redis holds small ones
   * twice, as arguments and in its buffer, and makes arguments of the buffer where they are large.
   */
  get largeArgumentBytes(): number {
    const { args } = this;
    let sum = 0;
    if (args === null || this.#own === null) return sum;
    for (let i = 0; i < args.count; i++) {
      if (args.lengths[i]! >= LARGE_BYTES) sum += args.lengths[i]!;
    }
    return sum;
  }

  /**
   * Takes `count` bytes at `offset` of `bytes`; what is in front of them there may be overwritten.
   * They are read from there, so they must stay until `keepRest`.
   * @returns false when they pass `client-query-buffer-limit`.
   */
  add(bytes: Uint8Array, offset: number, count: number): boolean {
    if (this.#own === null) {
      this.reader.feed(bytes, offset, offset + count);
      this.#start = offset;
      return true;
    }
    if (this.#joinInFront(bytes, offset, count)) return true;
    return this.#append(bytes, offset, count);
  }

  /** Puts what was left in front of the bytes, where there is room and they complete it. */
  #joinInFront(bytes: Uint8Array, offset: number, count: number): boolean {
    const { reader } = this;
    const first = this.#firstUnread();
    const used = reader.end - first;
    if (used > offset || reader.bytesMissing > count) return false;
    const to = offset - used;
    bytes.set(this.#own!.subarray(first, reader.end), to);
    this.#rebase(bytes, to - first, offset + count);
    this.#start = to;
    this.#giveOwn();
    return true;
  }

  #append(bytes: Uint8Array, offset: number, count: number): boolean {
    const { reader } = this;
    const { limits, engine } = this.#host;
    if (reader.end + count > this.#own!.length) {
      const first = this.#firstUnread();
      const used = reader.end - first;
      // Room grows with what has come, not with what was announced: a length alone costs nobody
      // memory.
      const announced = Math.min(used + reader.bytesMissing, used * 4);
      const wanted = Math.max(announced, Math.ceil(used * 1.5), OWN_BUFFER_BYTES);
      const room = roomWithinLimits(limits, engine.clientMemory, wanted, used);
      this.#moveToOwn(first, Math.max(used + count, room));
    }
    this.#own!.set(bytes.subarray(offset, offset + count), reader.end);
    reader.end += count;
    return reader.end - reader.commandStart <= limits.queryBufferBytes;
  }

  /**
   * Copies what is left of the bytes that were read, after the commands among them have run.
   * @param partialIndex which arguments of the batch hold the beginning of an unfinished command.
   */
  keepRest(partialIndex: number): void {
    const { reader } = this;
    const first = this.#firstUnread();
    if (first >= reader.end) {
      if (this.#own !== null) this.#giveOwn();
      return;
    }
    if (reader.isMidCommand && this.args === null) {
      this.args = this.#host.batch.take(partialIndex);
    }
    if (reader.bytes !== this.#own) this.#moveToOwn(first, reader.end - first);
  }

  /** The command whose beginning was kept has run. */
  giveArgs(): void {
    if (this.args !== null) this.#host.batch.give(this.args);
    this.args = null;
  }

  /**
   * The client is gone. A command of its may be running, and reads its arguments to the end: they
   * and their bytes are nobody else's from now on.
   */
  clear(): void {
    this.args = null;
    this.#host.droppedBuffers.count(this.room);
    this.#own = null;
  }

  #firstUnread(): number {
    const { reader } = this;
    return reader.isMidCommand ? reader.commandStart : reader.position;
  }

  /** Moves the unread bytes from `first` on to the beginning of an own buffer of `size` or more. */
  #moveToOwn(first: number, size: number): void {
    const { reader } = this;
    const source = reader.bytes;
    const own = this.#own;
    const used = reader.end - first;
    let target: Uint8Array;
    if (own !== null && own.length >= size) target = own;
    else if (size <= OWN_BUFFER_BYTES) target = this.#host.ownBuffers.take();
    else target = new Uint8Array(size);
    if (target === source) target.copyWithin(0, first, reader.end);
    else target.set(source.subarray(first, reader.end));
    this.#rebase(target, -first, used);
    this.#start = 0;
    if (own !== null && own !== target) this.#giveOwn();
    this.#own = target;
  }

  #rebase(bytes: Uint8Array, delta: number, end: number): void {
    this.reader.rebase(bytes, delta, end);
    this.args?.rebase(bytes, delta);
  }

  /** Lets the own buffer go: nobody may hold on to a large one. */
  #giveOwn(): void {
    const own = this.#own!;
    this.#own = null;
    if (own.length === OWN_BUFFER_BYTES) {
      this.#host.ownBuffers.give(own);
      return;
    }
    this.#host.droppedBuffers.count(own.length);
    if (this.reader.bytes === own) this.reader.feed(NOTHING, 0, 0);
    this.#host.batch.forget(own);
  }
}
