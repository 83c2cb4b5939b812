// Arrays and maps whose number of elements is known only when they have been written. Room for the
// header is left, and closed where the number turns out shorter. One object for each level of
// nesting; kept by whoever writes the reply.

import { integerLength, writeInteger } from '../../bytes/integer.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';

const ARRAY = 42;
const MAP = 37;
/** The header's type and its line end. */
const FRAME_BYTES = 3;
const MAX_DIGITS = 10;

export class DeferredHeader {
  #chunkCount = 0;
  #position = 0;
  #digits = 0;

  /** Leaves room for the header of an array or map of at most `bound` elements. */
  open(reply: ReplyWriter, bound: number): void {
    const digits = integerLength(bound);
    this.#digits = digits < MAX_DIGITS ? digits : MAX_DIGITS;
    reply.ensure(this.#digits + FRAME_BYTES);
    this.#chunkCount = reply.chunks.length;
    this.#position = reply.position;
    reply.position += this.#digits + FRAME_BYTES;
  }

  /** Writes the header of an array of `count` elements. */
  closeArray(reply: ReplyWriter, count: number): void {
    this.#close(reply, ARRAY, count);
  }

  /** Writes the header of a map of `count` pairs, each pair an array in RESP2. */
  closeMapOfPairs(reply: ReplyWriter, count: number): void {
    this.#close(reply, reply.resp3 ? MAP : ARRAY, count);
  }

  #close(reply: ReplyWriter, type: number, count: number): void {
    const isCurrent = this.#chunkCount === reply.chunks.length;
    const bytes = isCurrent ? reply.bytes : reply.chunks[this.#chunkCount]!;
    const start = this.#position;
    bytes[start] = type;
    const digits = writeInteger(bytes, start + 1, count);
    bytes[start + 1 + digits] = 13;
    bytes[start + 2 + digits] = 10;
    const unused = this.#digits - digits;
    if (unused === 0) return;
    const end = start + digits + FRAME_BYTES;
    if (isCurrent) {
      bytes.copyWithin(end, end + unused, reply.position);
      reply.position -= unused;
    } else {
      const rest = bytes.subarray(end + unused);
      reply.chunks.splice(this.#chunkCount, 1, bytes.subarray(0, end), rest);
      reply.chunkBytes -= unused;
    }
  }
}
