// 64-bit integers as two halves of 32 bits, exact and without BigInt: what integer sets and
// listpacks store. Text is the canonical form of integer.ts.

import { MAX_EXACT, parseInteger, writeInteger } from './integer.ts';

const TWO_32 = 0x100000000;
const MINUS = 45;
const ZERO = 48;
/** Digits that are split off below, so that what remains is exact in a double. */
const LOWER_DIGITS = 6;
const LOWER_UNIT = 1e6;

export class Int64 {
  /** The upper half, signed. */
  high = 0;
  /** The lower half, as a signed number of the same bits. */
  low = 0;

  /** Takes an exact integer (up to 2^53). */
  setNumber(value: number): void {
    this.low = value | 0;
    this.high = Math.floor(value / TWO_32);
  }

  /** Takes a canonical decimal text. @returns false when it is not one of a 64-bit integer. */
  setText(bytes: Uint8Array, offset: number, length: number): boolean {
    const value = parseInteger(bytes, offset, length);
    if (Number.isNaN(value)) return false;
    if (value <= MAX_EXACT && value >= -MAX_EXACT) this.setNumber(value);
    else this.#setDigits(bytes, offset, length);
    return true;
  }

  #setDigits(bytes: Uint8Array, offset: number, length: number): void {
    const isNegative = bytes[offset] === MINUS;
    let high = 0;
    let low = 0;
    for (let i = offset + (isNegative ? 1 : 0); i < offset + length; i++) {
      const sum = low * 10 + (bytes[i]! - ZERO);
      const carry = Math.floor(sum / TWO_32);
      low = sum - carry * TWO_32;
      high = high * 10 + carry;
    }
    this.low = isNegative ? -low | 0 : low | 0;
    this.high = (isNegative ? ~high + (low === 0 ? 1 : 0) : high) | 0;
  }

  /**
   * Writes the decimal text at the beginning of `target`, which has room for 20 bytes.
   * @returns the number of bytes written.
   */
  write(target: Uint8Array): number {
    return writeInt64(target, this.high, this.low);
  }
}

/**
 * Writes the decimal text of an integer given by its halves at the beginning of `target`, which has
 * room for 20 bytes.
 * @returns the number of bytes written.
 */
export function writeInt64(target: Uint8Array, signedHigh: number, lowBits: number): number {
  let high = signedHigh;
  let low = lowBits >>> 0;
  const value = high * TWO_32 + low;
  if (value <= MAX_EXACT && value >= -MAX_EXACT) return writeInteger(target, 0, value);
  const isNegative = high < 0;
  if (isNegative) {
    low = -low >>> 0;
    high = (~high + (low === 0 ? 1 : 0)) >>> 0;
  }
  const rest = (high % LOWER_UNIT) * TWO_32 + low;
  const upper = Math.floor(high / LOWER_UNIT) * TWO_32 + Math.floor(rest / LOWER_UNIT);
  if (isNegative) target[0] = MINUS;
  const start = isNegative ? 1 : 0;
  const end = start + writeInteger(target, start, upper) + LOWER_DIGITS;
  let lower = rest % LOWER_UNIT;
  for (let i = end - 1; i >= end - LOWER_DIGITS; i--) {
    target[i] = ZERO + (lower % 10);
    lower = Math.floor(lower / 10);
  }
  return end;
}
