// Doubles as text, both ways, as Redis 7.2 reads arguments (string2d) and prints replies
// (d2string). Reading and printing the usual numbers allocates nothing. Invalid text is NaN: Redis
// accepts no NaN from a client, so no valid argument reads as one.

import type { DoubleDigits } from './double-digits.ts';
import { BINARY64, parseExact } from './double-exact.ts';

/** Bytes that `writeDouble` and `writeDouble17` need at most. */
export const MAX_DOUBLE_BYTES = 32;

/** Powers of ten that a double holds exactly. */
const EXACT_POWERS: readonly number[] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
];
/** Digits without their point, read as an integer, are exact up to here. */
const MAX_FAST_MANTISSA: number = Number.MAX_SAFE_INTEGER;
/**
 * JavaScript's conversion is linear, but its strings end at half a gigabyte: longer text is read
 * exactly.
 */
const MAX_TEXT_BYTES = 1024;
/** Integers up to here are printed in full. */
const INTEGER_LIMIT = 2 ** 62;

/**
 * Reads a double that fills the whole range: decimal or hexadecimal (`0x1.8p3`), with a sign, or
 * `inf`/`infinity` in any case. No blanks anywhere.
 * @returns NaN when the text is anything else, or its number overflows, or is not zero but too
 *   small for a double.
 */
export function parseDouble(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  let i = offset;
  const sign = length > 0 ? bytes[i]! : 0;
  const negative = sign === 45;
  if (negative || sign === 43) i++;
  if (i >= end) return Number.NaN;
  const magnitude = parseMagnitude(bytes, i, end);
  return negative ? -magnitude : magnitude;
}

function parseMagnitude(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  if (first > 57) return isInfinity(bytes, start, end) ? Number.POSITIVE_INFINITY : Number.NaN;
  let mantissa = 0;
  let decimals = 0;
  let point = false;
  let i = start;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48);
      if (mantissa > MAX_FAST_MANTISSA) return parseSlow(bytes, start, end);
      if (point) decimals++;
    } else if (byte === 46 && !point) {
      point = true;
    } else {
      return parseSlow(bytes, start, end);
    }
  }
  if (end - start === 1 && point) return Number.NaN;
  if (decimals === 0) return mantissa;
  if (decimals > 22) return parseSlow(bytes, start, end);
  return mantissa / EXACT_POWERS[decimals]!;
}

/** Anything with an exponent, many digits, or hexadecimal; also whatever is not a number. */
function parseSlow(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] === 43 || bytes[start] === 45) return Number.NaN;
  const hexadecimal = end - start > 2 && (bytes[start + 1]! | 32) === 120;
  if (hexadecimal || end - start > MAX_TEXT_BYTES) {
    const exact = parseExact(bytes, start, end, BINARY64);
    if (exact === null) return Number.NaN;
    // Two steps, so that neither factor leaves the range while the product is inside it.
    const half = Math.trunc(exact.exponent / 2);
    return Number(exact.mantissa) * 2 ** half * 2 ** (exact.exponent - half);
  }
  let text = '';
  let nonzero = false;
  let inExponent = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    const isDigit = byte >= 48 && byte <= 57;
    if (!isDigit && byte !== 43 && byte !== 45 && byte !== 46 && (byte | 32) !== 101) {
      return Number.NaN;
    }
    if ((byte | 32) === 101) inExponent = true;
    if (isDigit && byte !== 48 && !inExponent) nonzero = true;
    text += String.fromCharCode(byte);
  }
  const value = Number(text);
  if (value === Number.POSITIVE_INFINITY || (value === 0 && nonzero)) return Number.NaN;
  return value;
}

function isInfinity(bytes: Uint8Array, start: number, end: number): boolean {
  const word = 'infinity';
  const length = end - start;
  if (length !== 3 && length !== 8) return false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== word.charCodeAt(i)) return false;
  }
  return true;
}

function writeText(target: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
  return text.length;
}

/**
 * Writes a double in the form of Redis 7.2's replies: integers up to 2^62 in full, `inf`, `-inf`,
 * `nan`, `-0`, and anything else with the digits of Grisu2, with an exponent (`1e+20`, `1.5e-7`)
 * only where that is shorter.
 * @param target has room for MAX_DOUBLE_BYTES at `offset`.
 * @param scratch the caller's work space.
 * @returns the number of bytes written.
 */
export function writeDouble(
  target: Uint8Array,
  offset: number,
  value: number,
  scratch: DoubleDigits,
): number {
  if (Number.isNaN(value)) return writeText(target, offset, 'nan');
  let at = offset;
  let magnitude = value;
  if (value < 0 || (value === 0 && 1 / value < 0)) {
    target[at++] = 45;
    magnitude = -value;
  }
  if (magnitude === Number.POSITIVE_INFINITY) return at - offset + writeText(target, at, 'inf');
  if (magnitude <= INTEGER_LIMIT && Math.floor(magnitude) === magnitude) {
    return at - offset + writeWhole(target, at, magnitude);
  }
  scratch.find(magnitude);
  return at - offset + layOut(target, at, scratch);
}

function writeWhole(target: Uint8Array, offset: number, value: number): number {
  if (value > Number.MAX_SAFE_INTEGER) return writeText(target, offset, BigInt(value).toString());
  let length = 1;
  for (let rest = value; rest >= 10; length++) rest = Math.floor(rest / 10);
  let rest = value;
  for (let i = offset + length - 1; i >= offset; i--) {
    const quotient = Math.floor(rest / 10);
    target[i] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  return length;
}

/**
 * Arranges digits and exponent: in full with zeros behind, with a point, or in the scientific way.
 */
function layOut(target: Uint8Array, offset: number, found: DoubleDigits): number {
  const { digits, count, exponent } = found;
  let at = offset;
  const scientific = exponent + count - 1;
  if (exponent >= 0 && exponent < 8) {
    for (let i = 0; i < count; i++) target[at++] = digits[i]!;
    for (let i = 0; i < exponent; i++) target[at++] = 48;
    return at - offset;
  }
  if (exponent < 0 && (exponent > -7 || Math.abs(scientific) < 4)) {
    const whole = count + exponent;
    if (whole <= 0) {
      target[at++] = 48;
      target[at++] = 46;
      for (let i = whole; i < 0; i++) target[at++] = 48;
    }
    for (let i = 0; i < count; i++) {
      if (i === whole && whole > 0) target[at++] = 46;
      target[at++] = digits[i]!;
    }
    return at - offset;
  }
  for (let i = 0; i < count; i++) {
    if (i === 1) target[at++] = 46;
    target[at++] = digits[i]!;
  }
  target[at++] = 101;
  target[at++] = scientific < 0 ? 45 : 43;
  return at - offset + writeWhole(target, at, Math.abs(scientific));
}

/**
 * Writes a double as C's `%.17g` does: the form of Lua's numbers, and of doubles in Redis 7.0's
 * replies.
 * @param target has room for MAX_DOUBLE_BYTES at `offset`.
 * @returns the number of bytes written.
 */
export function writeDouble17(target: Uint8Array, offset: number, value: number): number {
  return writeText(target, offset, formatDouble17(value));
}

/** The text of `writeDouble17`. */
export function formatDouble17(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (value === 0) return 1 / value < 0 ? '-0' : '0';
  const [mantissa = '', exponentText = ''] = exponential17(value).split('e');
  const exponent = Number(exponentText);
  const sign = value < 0 ? '-' : '';
  const digits = mantissa.replace('-', '').replace('.', '').replace(/0+$/, '');
  if (exponent < -4 || exponent >= 17) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits.charAt(0)}${fraction}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = digits.slice(exponent + 1);
  return rest === '' ? sign + whole : `${sign}${whole}.${rest}`;
}

/** 17 significant digits, ties to the even digit: JavaScript itself rounds them away from zero. */
function exponential17(value: number): string {
  const rounded = value.toExponential(16);
  const exact = value.toExponential(100);
  const mark = exact.indexOf('.');
  if (!/^50*e/.test(exact.slice(mark + 17))) return rounded;
  const lastKept = exact.charCodeAt(mark + 16) - 48;
  if (lastKept % 2 !== 0) return rounded;
  return exact.slice(0, mark + 17) + exact.slice(exact.indexOf('e'));
}
