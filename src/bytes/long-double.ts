// The 80-bit extended floating point of x87, C's `long double` on x86, as far as INCRBYFLOAT,
// HINCRBYFLOAT and the coordinates of GEOPOS need it: reading text, one rounded addition, and the
// "human" text without an exponent. Redis computes these there, so 0.1 + 0.2 is "0.3"; a double
// would say 0.30000000000000004. A finite value is mantissa times two to the exponent, with at most
// 64 bits of mantissa; big integers are fine at this frequency.

import { type BinaryNumber, EXTENDED80, parseExact, roundToFormat } from './double-exact.ts';

/**
 * A finite long double, or an infinity. The sign of zero is not kept: no text that Redis prints
 * shows it.
 */
export type LongDouble =
  | { readonly mantissa: bigint; readonly exponent: number }
  | 'infinity'
  | '-infinity';

/** Texts longer than this are not read at all: the size of Redis's buffer for them. */
const MAX_TEXT_BYTES = 5119;
const DECIMALS = 17;
const TEN_TO_DECIMALS = 10n ** BigInt(DECIMALS);

/**
 * Reads a long double that fills the whole range, as strtold does: decimal, hexadecimal, or
 * `inf`/`infinity`.
 * @returns null when the text is anything else, is longer than 5119 bytes, or its number is out of
 *   range.
 */
export function parseLongDouble(
  bytes: Uint8Array,
  offset: number,
  length: number,
): LongDouble | null {
  if (length === 0 || length > MAX_TEXT_BYTES) return null;
  const end = offset + length;
  const sign = bytes[offset]!;
  const start = sign === 45 || sign === 43 ? offset + 1 : offset;
  if (start === end) return null;
  if (bytes[start]! > 57) {
    if (!isInfinity(bytes, start, end)) return null;
    return sign === 45 ? '-infinity' : 'infinity';
  }
  const magnitude = parseExact(bytes, start, end, EXTENDED80);
  if (magnitude === null || sign !== 45) return magnitude;
  return { mantissa: -magnitude.mantissa, exponent: magnitude.exponent };
}

function isInfinity(bytes: Uint8Array, start: number, end: number): boolean {
  let text = '';
  if (end - start > 8) return false;
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  const folded = text.toLowerCase();
  return folded === 'inf' || folded === 'infinity';
}

/** The long double of a double, which it always holds exactly; null for NaN. */
export function longDoubleFromNumber(value: number): LongDouble | null {
  if (Number.isNaN(value)) return null;
  if (value === Number.POSITIVE_INFINITY) return 'infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-infinity';
  if (Number.isSafeInteger(value)) return { mantissa: BigInt(value), exponent: 0 };
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | 0x10000000000000n;
  return {
    mantissa: value < 0 ? -magnitude : magnitude,
    exponent: biased === 0 ? -1074 : biased - 1075,
  };
}

/**
 * The sum, rounded once to 64 bits of mantissa, ties to even.
 * @returns null when the result is infinite or not a number, which the commands refuse.
 */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | null {
  if (typeof a === 'string' || typeof b === 'string') return null;
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  // A term that lies wholly below the other's rounding only tips a tie: one bit far down stands for
  // it.
  const lower = a.exponent < b.exponent ? a : b;
  const higher = lower === a ? b : a;
  const gap = higher.exponent - lower.exponent;
  let mantissa = lower.mantissa;
  let exponent = lower.exponent;
  if (gap > 200) {
    mantissa = (higher.mantissa << 200n) + (mantissa < 0n ? -1n : 1n);
    exponent = higher.exponent - 200;
  } else {
    mantissa += higher.mantissa << BigInt(gap);
  }
  if (mantissa === 0n) return { mantissa: 0n, exponent: 0 };
  const negative = mantissa < 0n;
  const rounded: BinaryNumber | null = roundToFormat(
    negative ? -mantissa : mantissa,
    1n,
    exponent,
    EXTENDED80,
  );
  if (rounded === null || !negative) return rounded;
  return { mantissa: -rounded.mantissa, exponent: rounded.exponent };
}

/**
 * The text that Redis stores and answers: `%.17Lf` without trailing zeros, `inf` or `-inf`.
 */
export function formatLongDouble(value: LongDouble): string {
  if (typeof value === 'string') return value === 'infinity' ? 'inf' : '-inf';
  const negative = value.mantissa < 0n;
  const magnitude = negative ? -value.mantissa : value.mantissa;
  const text =
    value.exponent >= 0
      ? (magnitude << BigInt(value.exponent)).toString()
      : formatFraction(magnitude, -value.exponent);
  return negative && text !== '0' ? `-${text}` : text;
}

/** `mantissa / 2^shift` with 17 decimals, ties to even, trailing zeros removed. */
function formatFraction(mantissa: bigint, shift: number): string {
  const scaled = mantissa * TEN_TO_DECIMALS;
  const bits = BigInt(shift);
  let units = scaled >> bits;
  const twice = (scaled - (units << bits)) << 1n;
  const one = 1n << bits;
  if (twice > one || (twice === one && (units & 1n) === 1n)) units += 1n;
  const digits = units.toString().padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS);
  let end = DECIMALS;
  const decimals = digits.slice(-DECIMALS);
  while (end > 0 && decimals.charCodeAt(end - 1) === 48) end--;
  return end === 0 ? whole : `${whole}.${decimals.slice(0, end)}`;
}
