// Sums of short decimal texts, as `long-double.ts` has them but without big integers: amounts of
// money, counters that grow by 0.1. The texts are read as integers over a power of ten, which
// doubles add exactly. That sum is what Redis prints where its long doubles lose nothing, or so
// little that 17 decimals do not show it; `add` refuses all others.

import { writeInteger } from './integer.ts';

/** More digits may not fit a double. */
const MAX_DIGITS = 15;
const MAX_SUM: number = Number.MAX_SAFE_INTEGER;
const TENS: Float64Array = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 10 ** i);
const FIVES: Float64Array = Float64Array.from({ length: MAX_DIGITS + 1 }, (_, i) => 5 ** i);
/**
 * Each of the three numbers of a sum is rounded by at most 2^-64 of itself; while they are together
 * below this, that is less than half a unit of the last decimal printed, 10^-17.
 */
const MAX_INEXACT = 90;
const MAX_TEXT_BYTES = 24;

export class DecimalSum {
  /** The text of the last sum; true until the next. */
  readonly bytes: Uint8Array = new Uint8Array(MAX_TEXT_BYTES);
  length = 0;
  /** The number that was read last: `#digits` over ten to the `#decimals`. */
  #digits = 0;
  #decimals = 0;
  #first = 0;
  #firstDecimals = 0;

  /** Reads the first term. @returns false when it is no short decimal number. */
  begin(bytes: Uint8Array, offset: number, length: number): boolean {
    if (!this.#read(bytes, offset, length)) return false;
    this.#first = this.#digits;
    this.#firstDecimals = this.#decimals;
    return true;
  }

  /** Adds the second term. @returns false when the sum is not for this way. */
  add(bytes: Uint8Array, offset: number, length: number): boolean {
    return this.#read(bytes, offset, length) && this.#sum();
  }

  /** Adds nothing: the sum is the first term. */
  addZero(): boolean {
    this.#digits = 0;
    this.#decimals = 0;
    return this.#sum();
  }

  #sum(): boolean {
    const decimals = Math.max(this.#decimals, this.#firstDecimals);
    const a = this.#first * TENS[decimals - this.#firstDecimals]!;
    const b = this.#digits * TENS[decimals - this.#decimals]!;
    const sum = a + b;
    const total = Math.abs(a) + Math.abs(b);
    if (total > MAX_SUM) return false;
    const isExact =
      total + Math.abs(sum) <= MAX_INEXACT * TENS[decimals]! ||
      (this.#first % FIVES[this.#firstDecimals]! === 0 &&
        this.#digits % FIVES[this.#decimals]! === 0);
    if (isExact) this.#write(sum, decimals);
    return isExact;
  }

  #read(bytes: Uint8Array, offset: number, length: number): boolean {
    const end = offset + length;
    const isNegative = bytes[offset] === 45;
    let at = isNegative ? offset + 1 : offset;
    if (end - at > MAX_DIGITS + 1) return false;
    let value = 0;
    let count = 0;
    let point = -1;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === 46 && point < 0) {
        point = count;
        continue;
      }
      if (byte < 48 || byte > 57) return false;
      value = value * 10 + (byte - 48);
      count++;
    }
    if (count === 0 || count > MAX_DIGITS) return false;
    this.#digits = isNegative ? -value : value;
    this.#decimals = point < 0 ? 0 : count - point;
    return true;
  }

  #write(sum: number, decimals: number): void {
    const { bytes } = this;
    let rest = Math.abs(sum);
    let places = decimals;
    while (places > 0 && rest % 10 === 0) {
      rest /= 10;
      places--;
    }
    const whole = Math.floor(rest / TENS[places]!);
    let fraction = rest - whole * TENS[places]!;
    let at = 0;
    if (sum < 0) bytes[at++] = 45;
    at += writeInteger(bytes, at, whole);
    if (places > 0) bytes[at++] = 46;
    for (let i = places - 1; i >= 0; i--) {
      const tenth = Math.floor(fraction / 10);
      bytes[at + i] = 48 + (fraction - tenth * 10);
      fraction = tenth;
    }
    this.length = at + places;
  }
}
