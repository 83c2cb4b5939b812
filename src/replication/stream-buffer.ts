// The stream of replication: the bytes that replicas are sent, kept once for all of them and for
// those that come back later (the backlog). Blocks of a fixed size hold it; a replica is a position
// in it. Old blocks go when the backlog is longer than its size and no replica needs them.
//
//   offset   0 ........ start                                   end
//   blocks              [ 0 : 64 KB ][ 1 : 64 KB ][ 2 : 12 KB .... ]
//                             ^ replica B               ^ replica A
//
// Offsets count the bytes of the stream since the history began, as Redis's master_repl_offset.

import { copyBytes } from '../bytes/copy.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';

const MAX_BLOCK_BYTES = 64 * 1024;
const MIN_BLOCK_BYTES = 16 * 1024;
const NO_BYTES = new Uint8Array(0);

export class StreamBuffer {
  /** Bytes of the stream up to now. */
  end: number = DOUBLE_ZERO;
  /** How much is kept at least for those that come back. */
  backlogBytes: number;
  readonly #blockBytes: number;
  #blocks: Uint8Array[] = [];
  /** The last of them, and how much of it is used. */
  #block: Uint8Array;
  #used: number;
  /** Offset at which the first block begins. */
  #firstBlockStart: number = DOUBLE_ZERO;

  /**
   * @param start offset at which the history begins.
   * @param backlogBytes how much of it is kept: small backlogs have small blocks.
   */
  constructor(start: number, backlogBytes: number) {
    this.end = start;
    this.#firstBlockStart = start;
    this.backlogBytes = backlogBytes;
    this.#blockBytes = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, backlogBytes >> 4));
    this.#block = NO_BYTES;
    this.#used = this.#blockBytes;
  }

  /** Offset of the first byte that is kept. */
  get start(): number {
    return this.#firstBlockStart;
  }

  /** Bytes that are kept. */
  get length(): number {
    return this.end - this.#firstBlockStart;
  }

  /** Bytes of the blocks. */
  get usedBytes(): number {
    return this.#blocks.length * this.#blockBytes;
  }

  /** Adds bytes to the stream. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length <= this.#blockBytes - this.#used) {
      copyBytes(this.#block, this.#used, bytes, start, length);
      this.#used += length;
      this.end += length;
    } else {
      this.#appendInParts(bytes, start, end);
    }
  }

  #appendInParts(bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    while (from < end) {
      if (this.#used === this.#blockBytes) {
        this.#block = new Uint8Array(this.#blockBytes);
        this.#blocks.push(this.#block);
        this.#used = 0;
      }
      const count = Math.min(end - from, this.#blockBytes - this.#used);
      copyBytes(this.#block, this.#used, bytes, from, count);
      from += count;
      this.#used += count;
      this.end += count;
    }
  }

  /**
   * The bytes from `offset` to the end of their block, or of the stream: they do not change any
   * more, so many may share them.
   */
  view(offset: number): Uint8Array {
    const from = offset - this.#firstBlockStart;
    const index = Math.floor(from / this.#blockBytes);
    const at = from % this.#blockBytes;
    const until = Math.min(this.#blockBytes, this.length - index * this.#blockBytes);
    return this.#blocks[index]!.subarray(at, until);
  }

  /** Whether the backlog can do without the first block. */
  get isOverfull(): boolean {
    return this.end - this.#firstBlockStart - this.#blockBytes >= this.backlogBytes;
  }

  /**
   * Lets old blocks go.
   * @param neededFrom the first offset that somebody still needs.
   */
  trim(neededFrom: number): void {
    let count = 0;
    let start = this.#firstBlockStart;
    while (
      count < this.#blocks.length &&
      this.end - (start + this.#blockBytes) >= this.backlogBytes &&
      start + this.#blockBytes <= neededFrom
    ) {
      start += this.#blockBytes;
      count++;
    }
    if (count === 0) return;
    this.#blocks.splice(0, count);
    this.#firstBlockStart = start;
  }
}
