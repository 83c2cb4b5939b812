// Puts many texts in the order of their bytes: by numbers of eight bytes each, taken behind what
// all of them begin with, which are sorted digit by digit; those whose eight bytes are equal are
// sorted by what follows in the same way. No two texts are compared but where few are left. Equal
// ones keep their order, be it ascending or descending.

import { compareBytes } from '../../bytes/compare.ts';
import { RadixSort } from './sort-radix.ts';

/** Texts that are compared with each other: up to the first number by insertion. */
const FEW = 24;
const SOME = 1024;
/** Where texts have been equal so often, those that are left are compared. */
const MOST_ROUNDS = 16;
const KEY_BYTES = 8;

/** Texts by their numbers: text `i` is `lengths[i]` bytes at `offsets[i]`. */
export interface Texts {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
}

export class TextSort {
  readonly #texts: Texts;
  readonly #descending: boolean;
  #radix: RadixSort | null;

  /**
   * @param radix has room for all texts; its keys are overwritten. Without one it is made where
   *   there are enough texts to need it.
   */
  constructor(texts: Texts, descending: boolean, radix: RadixSort | null = null) {
    this.#texts = texts;
    this.#descending = descending;
    this.#radix = radix;
  }

  /** Sorts the numbers of texts from index `from` to before `to` of `order`. */
  sort(order: Int32Array, from: number, to: number): void {
    this.#sortRound(order, from, to, 0);
  }

  #sortRound(order: Int32Array, from: number, to: number, round: number): void {
    if (to - from <= FEW) {
      this.#sortFew(order, from, to);
      return;
    }
    const shared = this.#sharedBytes(order, from, to);
    if (shared < 0) return;
    if (to - from <= SOME || round === MOST_ROUNDS) {
      order.subarray(from, to).sort((a, b) => this.#compare(a, b));
      return;
    }
    this.#radix ??= new RadixSort(this.#texts.offsets.length);
    const radix = this.#radix;
    this.#setKeys(radix, order, from, to, shared);
    radix.sort(order, from, to);
    // The keys are overwritten by the sorting of a run, so that all runs are found before.
    const runs = radix.equalRuns(order, from, to);
    for (let i = 0; i < runs.length; i += 2) {
      this.#sortRound(order, runs[i]!, runs[i + 1]!, round + 1);
    }
  }

  #compare(a: number, b: number): number {
    const { bytes, offsets, lengths } = this.#texts;
    const compared = compareBytes(bytes, offsets[a]!, lengths[a]!, bytes, offsets[b]!, lengths[b]!);
    return this.#descending ? -compared : compared;
  }

  #sortFew(order: Int32Array, from: number, to: number): void {
    for (let i = from + 1; i < to; i++) {
      const text = order[i]!;
      let at = i;
      for (; at > from && this.#compare(order[at - 1]!, text) > 0; at--) order[at] = order[at - 1]!;
      order[at] = text;
    }
  }

  /** Bytes that all texts begin with; -1 when the texts are all equal. */
  #sharedBytes(order: Int32Array, from: number, to: number): number {
    const { bytes, offsets, lengths } = this.#texts;
    const first = offsets[order[from]!]!;
    const firstLength = lengths[order[from]!]!;
    let shared = firstLength;
    let isEqual = true;
    for (let i = from + 1; i < to; i++) {
      const offset = offsets[order[i]!]!;
      const length = lengths[order[i]!]!;
      if (length !== firstLength) isEqual = false;
      if (length < shared) shared = length;
      let at = 0;
      while (at < shared && bytes[first + at] === bytes[offset + at]) at++;
      shared = at;
      if (shared === 0 && !isEqual) return 0;
    }
    return isEqual && shared === firstLength ? -1 : shared;
  }

  /** The eight bytes behind the shared ones, as the halves of a number; none is less than 0. */
  #setKeys(
    { high, low }: RadixSort,
    order: Int32Array,
    from: number,
    to: number,
    shared: number,
  ): void {
    const { bytes, offsets, lengths } = this.#texts;
    const flip = this.#descending ? -1 : 0;
    for (let i = from; i < to; i++) {
      const text = order[i]!;
      const start = offsets[text]! + shared;
      const left = lengths[text]! - shared;
      let first = 0;
      let second = 0;
      if (left >= KEY_BYTES) {
        first = wordAt(bytes, start);
        second = wordAt(bytes, start + 4);
      } else {
        for (let at = 0; at < 4; at++) first = (first << 8) | (at < left ? bytes[start + at]! : 0);
        for (let at = 4; at < 8; at++)
          second = (second << 8) | (at < left ? bytes[start + at]! : 0);
      }
      high[text] = first ^ flip;
      low[text] = second ^ flip;
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
