// Reads streams that have one node and no groups, as KeyRuns finds them: all of one lies in the
// input, so there are no steps. What is not sound is left to StreamReader, which says what is
// wrong with it.
//
//   01 | 10 ID, 16 | node, a string | entries | last ID | first ID | deleted ID | added | 00
//
// The numbers behind the node have the form of lengths, two of them an ID.

import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import type { Streams } from '../values/stream.ts';
import { StreamNodes } from '../values/stream-nodes.ts';
import { STREAM_COUNTER_WORDS } from '../values/stream-root.ts';
import { LENGTH_32, LENGTH_64 } from './format.ts';
import { soundStreamNodeCount } from './packed-checks.ts';

const ID_BYTES = 16;
/** Bytes before the node: how many there are, length of the ID and the ID. */
export const STREAM_HEAD_BYTES: number = 2 + ID_BYTES;
const NUMBERS = STREAM_COUNTER_WORDS / 2 + 1;
const LONGEST_NUMBER = 9;

export class ShortStreams {
  readonly #arena: Arena;
  readonly #streams: Streams;
  readonly #id = new StreamId();
  readonly #counters = new Int32Array(STREAM_COUNTER_WORDS);
  // The number that `#read` has read last.
  #high = 0;
  #low = 0;

  constructor(arena: Arena, streams: Streams) {
    this.#arena = arena;
    this.#streams = streams;
  }

  /** Whether a stream begins so, of which STREAM_HEAD_BYTES are there. */
  hasOneNode(bytes: Uint8Array, at: number): boolean {
    return bytes[at] === 1 && bytes[at + 1] === ID_BYTES;
  }

  /** Where a stream ends whose numbers begin at `start`; 0: not seen, or it has groups. */
  endOf(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < NUMBERS * LONGEST_NUMBER + 1) return 0;
    let at = start;
    for (let left = NUMBERS; left > 0; left--) {
      const first = bytes[at]!;
      if (first < LENGTH_32) at += first < 0x40 ? 1 : 2;
      else if (first === LENGTH_32) at += 5;
      else if (first === LENGTH_64) at += LONGEST_NUMBER;
      else return 0;
    }
    return bytes[at] === 0 ? at + 1 : 0;
  }

  /**
   * Makes the stream.
   * @param headAt where it begins in `bytes`; its numbers begin at `numbersAt`.
   * @param node a block with its node's listpack, of `length` bytes, behind NODE_PREFIX_BYTES.
   * @returns its root, or 0 when it is not sound, and the block still the caller's.
   */
  create(
    bytes: Uint8Array,
    headAt: number,
    numbersAt: number,
    node: number,
    length: number,
  ): number {
    const data = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    const live = soundStreamNodeCount(data, StreamNodes.startOf(node), length);
    let at = this.#read(bytes, numbersAt);
    if (live < 0 || this.#high !== 0 || this.#low !== live) return NULL_REF;
    const counters = this.#counters;
    for (let i = 0; i < STREAM_COUNTER_WORDS; i += 2) {
      at = this.#read(bytes, at);
      counters[i] = this.#high;
      counters[i + 1] = this.#low;
    }
    const streams = this.#streams;
    const stream = streams.create();
    const idAt = headAt + 2;
    this.#id.set(
      wordAt(bytes, idAt),
      wordAt(bytes, idAt + 4),
      wordAt(bytes, idAt + 8),
      wordAt(bytes, idAt + 12),
    );
    streams.appendNode(stream, this.#id, node);
    streams.setLength(stream, live);
    streams.setCounters(stream, counters);
    return stream;
  }

  /** Reads a number that `endOf` has seen. @returns where it ends. */
  #read(bytes: Uint8Array, at: number): number {
    const first = bytes[at]!;
    this.#high = 0;
    if (first < 0x40) {
      this.#low = first;
      return at + 1;
    }
    if (first < LENGTH_32) {
      this.#low = ((first & 63) << 8) | bytes[at + 1]!;
      return at + 2;
    }
    if (first === LENGTH_64) {
      this.#high = wordAt(bytes, at + 1);
      this.#low = wordAt(bytes, at + 5);
      return at + LONGEST_NUMBER;
    }
    this.#low = wordAt(bytes, at + 1);
    return at + 5;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
