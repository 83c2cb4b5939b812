// Sorts numbers of 64 bits, of which an order names the owners, digit by digit: the lowest first,
// so that equal ones keep their order. Digits that are the same in all numbers cost a count only.

import { IS_LITTLE_ENDIAN } from '../../structures/key-words.ts';

const DIGIT_BITS = 11;
const DIGITS = 2048;
/** Bits of a half at which its digits begin. */
const SHIFTS: readonly number[] = [0, DIGIT_BITS, 2 * DIGIT_BITS];

const SIGN_BIT: number = 0x80000000 | 0;
/** Which half of a double in memory is the high one. */
const HIGH_HALF: number = IS_LITTLE_ENDIAN ? 1 : 0;

export class RadixSort {
  /** The halves of the number of owner `i`, without signs. */
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly #double = new Float64Array(1);
  readonly #halves = new Int32Array(this.#double.buffer);
  readonly #sizes = new Int32Array(DIGITS);
  readonly #room: Int32Array;

  /** @param count owners there are. */
  constructor(count: number) {
    this.high = new Int32Array(count);
    this.low = new Int32Array(count);
    this.#room = new Int32Array(count);
  }

  /** Gives owner `i` a number that is as large among others as `value` is among doubles. */
  setDouble(i: number, value: number, descending: boolean): void {
    // Both zeros are equal.
    this.#double[0] = value + 0;
    const halves = this.#halves;
    const top = halves[HIGH_HALF]!;
    const sign = top < 0 ? -1 : 0;
    const flip = descending ? -1 : 0;
    this.high[i] = top ^ (sign | SIGN_BIT) ^ flip;
    this.low[i] = halves[1 - HIGH_HALF]! ^ sign ^ flip;
  }

  /** Sorts the owners from index `from` to before `to` of `order` by their numbers. */
  sort(order: Int32Array, from: number, to: number): void {
    for (const shift of SHIFTS) this.#sortBy(this.low, shift, order, from, to);
    for (const shift of SHIFTS) this.#sortBy(this.high, shift, order, from, to);
  }

  #sortBy(keys: Int32Array, shift: number, order: Int32Array, from: number, to: number): void {
    const sizes = this.#sizes;
    sizes.fill(0);
    countDigits(keys, shift, order, from, to, sizes);
    if (sizes[(keys[order[from]!]! >>> shift) & (DIGITS - 1)] === to - from) return;
    let before = from;
    for (let digit = 0; digit < DIGITS; digit++) {
      const size = sizes[digit]!;
      sizes[digit] = before;
      before += size;
    }
    const room = this.#room;
    spread(keys, shift, order, from, to, sizes, room);
    order.set(room.subarray(from, to), from);
  }

  /** Where two and more owners in turn have the same number: begins and ends of the runs. */
  equalRuns(order: Int32Array, from: number, to: number): number[] {
    const { high, low } = this;
    const runs: number[] = [];
    for (let start = from; start < to; ) {
      const owner = order[start]!;
      let end = start + 1;
      while (end < to && low[order[end]!] === low[owner] && high[order[end]!] === high[owner])
        end++;
      if (end - start > 1) runs.push(start, end);
      start = end;
    }
    return runs;
  }
}

function countDigits(
  keys: Int32Array,
  shift: number,
  order: Int32Array,
  from: number,
  to: number,
  sizes: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const digit = (keys[order[i]!]! >>> shift) & (DIGITS - 1);
    sizes[digit] = sizes[digit]! + 1;
  }
}

function spread(
  keys: Int32Array,
  shift: number,
  order: Int32Array,
  from: number,
  to: number,
  places: Int32Array,
  out: Int32Array,
): void {
  for (let i = from; i < to; i++) {
    const owner = order[i]!;
    const digit = (keys[owner]! >>> shift) & (DIGITS - 1);
    const place = places[digit]!;
    places[digit] = place + 1;
    out[place] = owner;
  }
}
