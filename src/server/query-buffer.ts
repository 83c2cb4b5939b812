// What a client has sent and nobody has run yet (Redis's query buffer). Most of it never leaves the
// buffer that all sockets are read into: a read that ends with whole commands leaves nothing
// behind. The beginning of an unfinished command is copied out, because the next read overwrites
// it; when the rest has come, a short beginning goes back in front of it, into room that is left
// there, so that neither is memory taken per read nor a read copied. A long command gathers in a
// buffer of the client's own, which grows with what comes.

import { unsetBytes } from '../bytes/unset-bytes.ts';
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
/** From so many missing bytes of an argument on they are read to where it gathers. */
const DIRECT_BYTES = 32 * 1024;
/** Buffers of that size that wait for a client, at most. */
const KEPT_BUFFERS = 64;
const KEPT_LONG_BYTES = 16 * 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** Clients' own buffers that wait for whoever needs one next. */
export class OwnBuffers {
  readonly #free: Uint8Array[] = [];
  /** Longer ones that were given since the last trim; a new one costs as much as filling it. */
  #long: Uint8Array[] = [];
  #longBytes = 0;

  take(): Uint8Array {
    return this.#free.pop() ?? new Uint8Array(OWN_BUFFER_BYTES);
  }

  give(buffer: Uint8Array): void {
    if (this.#free.length < KEPT_BUFFERS) this.#free.push(buffer);
  }

  /** @returns a buffer of `size` bytes, or some more. */
  takeLong(size: number): Uint8Array {
    const index = this.#long.findIndex(({ length }) => length >= size && length <= size * 1.25);
    if (index < 0) return unsetBytes(size);
    const [found] = this.#long.splice(index, 1);
    this.#longBytes -= found!.length;
    return found!;
  }

  /** @returns whether the buffer is kept, which nobody may use any more. */
  giveLong(buffer: Uint8Array): boolean {
    if (this.#longBytes + buffer.length > KEPT_LONG_BYTES) return false;
    this.#long.push(buffer);
    this.#longBytes += buffer.length;
    return true;
  }

  /** Lets go of the long ones. @returns their bytes. */
  trim(): number {
    const bytes = this.#longBytes;
    this.#longBytes = 0;
    if (bytes > 0) this.#long = [];
    return bytes;
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
    if (reader.end + count > this.#own!.length) this.#grow(count);
    this.#own!.set(bytes.subarray(offset, offset + count), reader.end);
    return this.addDirect(count);
  }

  /** Makes room for `count` more bytes at least. */
  #grow(count: number): void {
    const { reader } = this;
    const { limits, engine } = this.#host;
    const first = this.#firstUnread();
    const used = reader.end - first;
    // Room grows with what has come, not with what was announced: a length alone costs nobody
    // memory.
    const announced = Math.min(used + reader.bytesMissing, used * 4);
    const wanted = Math.max(announced, Math.ceil(used * 1.5), OWN_BUFFER_BYTES);
    const room = roomWithinLimits(limits, engine.clientMemory, wanted, used);
    this.#moveToOwn(first, Math.max(used + count, room));
  }

  /**
   * Where the next read should go to save a copy: behind what has come of a long argument; or null,
   * when not much of one is missing. True until the client's commands are looked at again.
   */
  readTarget(): Uint8Array | null {
    const { reader } = this;
    const { bytesMissing } = reader;
    if (bytesMissing < DIRECT_BYTES || this.#own === null) return null;
    if (reader.end + DIRECT_BYTES > this.#own.length) this.#grow(DIRECT_BYTES);
    return this.#own.subarray(reader.end, reader.end + bytesMissing);
  }

  /**
   * Takes `count` bytes that lie where `readTarget` said.
   * @returns false when they pass `client-query-buffer-limit`.
   */
  addDirect(count: number): boolean {
    const { reader } = this;
    reader.end += count;
    return reader.end - reader.commandStart <= this.#host.limits.queryBufferBytes;
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
    else target = this.#host.ownBuffers.takeLong(size);
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
    const { ownBuffers, droppedBuffers, batch } = this.#host;
    if (this.reader.bytes === own) this.reader.feed(NOTHING, 0, 0);
    batch.forget(own);
    if (!ownBuffers.giveLong(own)) droppedBuffers.count(own.length);
  }
}
