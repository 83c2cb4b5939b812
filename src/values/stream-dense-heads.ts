// Reads the heads of a dense node's entries one after the other (stream-dense.ts): each ID is told
// by how it follows from the one before.

import {
  denseNumberAt,
  denseNumberEnd,
  HEAD_MS,
  HEAD_MS_SAME_SEQ,
  HEAD_MS_SEQ,
  HEAD_NEXT_MS,
  HEAD_NEXT_MS_SAME_SEQ,
  HEAD_SEQ,
} from './stream-dense.ts';

export class DenseHeads {
  /** The entry's ms as a difference to the node's, and its seq. */
  ms = 0;
  seq = 0;

  /** Begins a node whose ID has this seq. */
  begin(masterSeq: number): void {
    this.ms = 0;
    this.seq = masterSeq - 1;
  }

  /** Reads the head at `at`, of the entry after the one that was read. @returns where it ends. */
  read(data: Uint8Array, at: number): number {
    const code = data[at]! >> 2;
    if (code < HEAD_NEXT_MS) {
      this.seq += code + 1;
      return at + 1;
    }
    if (code < HEAD_NEXT_MS_SAME_SEQ) {
      this.ms += code - HEAD_NEXT_MS + 1;
      this.seq = 0;
      return at + 1;
    }
    if (code < HEAD_MS) {
      this.ms += code - HEAD_NEXT_MS_SAME_SEQ + 1;
      return at + 1;
    }
    const number = denseNumberAt(data, at + 1);
    const end = denseNumberEnd(data, at + 1);
    if (code === HEAD_SEQ) {
      this.seq += number;
      return end;
    }
    this.ms += number;
    if (code === HEAD_MS_SAME_SEQ) return end;
    if (code !== HEAD_MS_SEQ) {
      this.seq = 0;
      return end;
    }
    this.seq = denseNumberAt(data, end);
    return denseNumberEnd(data, end);
  }
}
