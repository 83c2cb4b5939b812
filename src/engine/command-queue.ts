// The commands that a transaction has queued, kept small: their bytes lie one behind the other in
// chunks, and an array of integers says where each argument begins. No argument is an object.
//
//   chunks  [SETkeyvalueINCRn.........]  [SETbig<...>]
//   index   chunk 0, start 0, count 3, 3 3 5 | chunk 0, start 11, count 2, 4 1 | chunk 1, ...
//
// It owns the chunks; arguments that `load` fills are views into them, true as long as the queue.

import type { Args } from '../protocol/args.ts';
import type { Command } from './command.ts';

const FIRST_CHUNK_BYTES = 256;
const CHUNK_BYTES = 16384;
const FIRST_INDEX_LENGTH = 32;
const BYTES_PER_INDEX = 4;
/** Chunk, start and count stand before the lengths of a command's arguments. */
const HEAD = 3;

export class CommandQueue {
  readonly commands: Command[] = [];
  readonly #chunks: Uint8Array[] = [];
  /** Bytes used of the last chunk. */
  #used = 0;
  #chunkBytes = 0;
  #index = new Int32Array(FIRST_INDEX_LENGTH);
  #indexLength = 0;

  /** Bytes that the queue takes. */
  get bytes(): number {
    return this.#chunkBytes + this.#index.length * BYTES_PER_INDEX;
  }

  /** Adds a command; its arguments are copied. */
  add(command: Command, args: Args): void {
    let size = 0;
    for (let i = 0; i < args.count; i++) size += args.lengths[i]!;
    const chunk = this.#chunkFor(size);
    this.#makeIndexRoom(HEAD + args.count);
    const index = this.#index;
    let at = this.#indexLength;
    index[at++] = this.#chunks.length - 1;
    index[at++] = this.#used;
    index[at++] = args.count;
    for (let i = 0; i < args.count; i++) {
      const offset = args.offsets[i]!;
      const length = args.lengths[i]!;
      chunk.set(args.bytes.subarray(offset, offset + length), this.#used);
      this.#used += length;
      index[at++] = length;
    }
    this.#indexLength = at;
    this.commands.push(command);
  }

  #chunkFor(size: number): Uint8Array {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#used + size <= last.length) return last;
    const usual = Math.min(CHUNK_BYTES, Math.max(FIRST_CHUNK_BYTES, this.#chunkBytes));
    const chunk = new Uint8Array(Math.max(size, usual));
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
    this.#used = 0;
    return chunk;
  }

  #makeIndexRoom(count: number): void {
    const needed = this.#indexLength + count;
    if (needed <= this.#index.length) return;
    const larger = new Int32Array(Math.max(needed, this.#index.length * 2));
    larger.set(this.#index);
    this.#index = larger;
  }

  /**
   * Fills `args` with the command that stands at `position` of the index: 0 for the first.
   * @returns the position of the next one.
   */
  load(position: number, args: Args): number {
    const index = this.#index;
    let at = position;
    args.clear();
    args.bytes = this.#chunks[index[at++]!]!;
    let offset = index[at++]!;
    const count = index[at++]!;
    for (let i = 0; i < count; i++) {
      const length = index[at++]!;
      args.push(offset, length);
      offset += length;
    }
    return at;
  }
}
