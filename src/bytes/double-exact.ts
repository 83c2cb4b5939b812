// Exact reading of decimal and hexadecimal floating-point text, rounded once to a binary format of
// any width: what C's strtod and strtold do. `double.ts` uses it for the hexadecimal form,
// `long-double.ts` for everything. Big integers are allocated here; hot paths come here only for
// text that the fast ways do not cover.

/**
 * A binary format: how many bits a fraction has, and the exponents of its lowest bit at both ends
 * of the range.
 */
export interface BinaryFormat {
  readonly bits: number;
  readonly minExponent: number;
  readonly maxExponent: number;
}

/** IEEE 754 binary64. */
export const BINARY64: BinaryFormat = { bits: 53, minExponent: -1074, maxExponent: 971 };
/** The 80-bit extended format of x87, C's `long double` on x86. */
export const EXTENDED80: BinaryFormat = { bits: 64, minExponent: -16445, maxExponent: 16320 };

/** A finite number: mantissa times two to the exponent; zero is { 0n, 0 }. */
export interface BinaryNumber {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Digits of a number found in a text, before any rounding. */
interface ScannedNumber {
  /** Significant digits, at most `limit` of them and one more that stands for all that followed. */
  readonly digits: string;
  /**
   * Power of the base (ten, or sixteen's two) that the digits, read as an integer, are multiplied
   * by.
   */
  readonly exponent: number;
}

const ZERO: BinaryNumber = { mantissa: 0n, exponent: 0 };

/**
 * More decimal digits cannot change a rounding: the longest exact binary64 has 767, extended80
 * 11,514.
 */
const MAX_DECIMAL_DIGITS = 12000;
const MAX_HEX_DIGITS = 40;
const BITS_PER_DECIMAL = Math.log2(10);
/** Exponents are clamped here, far outside of both formats, to keep sums exact. */
const EXPONENT_CLAMP = 1e12;

/** How many bits an integer has; 0 for zero. */
export function bitLength(value: bigint): number {
  if (value < 0x20000000000000n) {
    const small = Number(value);
    return small < 4294967296 ? 32 - Math.clz32(small) : 64 - Math.clz32(small / 4294967296);
  }
  const hex = value.toString(16);
  return hex.length * 4 - (Math.clz32(Number.parseInt(hex.charAt(0), 16)) - 28);
}

/** Small powers of ten, which nearly all numbers need. */
const POWERS_OF_TEN: readonly bigint[] = Array.from({ length: 40 }, (_, i) => 10n ** BigInt(i));

function powerOfTen(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent);
}

/**
 * The number of a format that is nearest to numerator / denominator, ties going to the even
 * mantissa.
 * @returns null when the value is beyond the largest number of the format, or is not zero but
 *   rounds to zero.
 */
export function roundToFormat(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
  format: BinaryFormat,
): BinaryNumber | null {
  if (numerator === 0n) return ZERO;
  const size = bitLength(numerator);
  if (denominator === 1n && size <= format.bits && exponent >= format.minExponent) {
    const inRange = exponent + size <= format.maxExponent + format.bits;
    return inRange ? { mantissa: numerator, exponent } : null;
  }
  // Enough bits that the quotient has one or two more than the format, or fewer among the smallest
  // numbers.
  const difference = size - bitLength(denominator);
  let shift = format.bits + 1 - difference;
  if (exponent - shift < format.minExponent - 1) shift = exponent - format.minExponent + 1;
  const scaled = shift >= 0 ? numerator << BigInt(shift) : numerator;
  const divisor = shift >= 0 ? denominator : denominator << BigInt(-shift);
  let quotient = divisor === 1n ? scaled : scaled / divisor;
  const sticky = divisor !== 1n && quotient * divisor !== scaled;
  let lowest = exponent - shift;
  // A quotient of numbers whose lengths differ by n bits has n bits, or one more.
  let bits = difference + shift;
  if (bits < 0) return null;
  if (quotient >> BigInt(bits) !== 0n) bits++;
  const extra = Math.max(bits - format.bits, format.minExponent - lowest);
  if (extra > 0) {
    const half = 1n << BigInt(extra - 1);
    const dropped = quotient & (half * 2n - 1n);
    quotient >>= BigInt(extra);
    lowest += extra;
    bits -= extra;
    if (dropped > half || (dropped === half && (sticky || (quotient & 1n) === 1n))) {
      quotient += 1n;
      // All ones became a one and zeros; among the smallest numbers that is one bit more, which has
      // room.
      if (quotient >> BigInt(Math.max(bits, 0)) !== 0n) bits = Math.max(bits, 0) + 1;
      if (bits > format.bits) {
        quotient >>= 1n;
        lowest++;
        bits--;
      }
    }
  }
  if (quotient === 0n) return null;
  return lowest + bits > format.maxExponent + format.bits
    ? null
    : { mantissa: quotient, exponent: lowest };
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

function isHexDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const folded = byte | 32;
  return isDigit(byte) || (folded >= 97 && folded <= 102);
}

/**
 * Scans digits with an optional point, then an optional exponent, up to exactly `end`.
 * @returns null when the text is not a number of the base, or something follows it.
 */
function scan(
  bytes: Uint8Array,
  start: number,
  end: number,
  hexadecimal: boolean,
): ScannedNumber | null {
  const limit = hexadecimal ? MAX_HEX_DIGITS : MAX_DECIMAL_DIGITS;
  const accepts = hexadecimal ? isHexDigit : isDigit;
  const kept: number[] = [];
  let dropped = false;
  let seen = false;
  let point = -1;
  let position = 0;
  let i = start;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 46) {
      if (point >= 0) break;
      point = i;
      continue;
    }
    if (!accepts(byte)) break;
    seen = true;
    // The place value of what is kept: digits dropped before the point raise it, digits kept behind
    // it lower it.
    if (kept.length === limit) {
      if (byte !== 48) dropped = true;
      if (point < 0) position++;
    } else {
      if (kept.length > 0 || byte !== 48) kept.push(byte);
      if (point >= 0) position--;
    }
  }
  if (!seen) return null;
  let exponent = position * (hexadecimal ? 4 : 1);
  if (i < end) {
    if ((bytes[i]! | 32) !== (hexadecimal ? 112 : 101)) return null;
    const written = scanExponent(bytes, i + 1, end);
    if (Number.isNaN(written)) return null;
    exponent += written;
  }
  let digits = '';
  for (const byte of kept) digits += String.fromCharCode(byte);
  if (dropped) {
    digits += '1';
    exponent -= hexadecimal ? 4 : 1;
  }
  return { digits, exponent };
}

function scanExponent(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === 45;
  let i = negative || bytes[start] === 43 ? start + 1 : start;
  if (i >= end) return Number.NaN;
  let value = 0;
  for (; i < end; i++) {
    if (!isDigit(bytes[i])) return Number.NaN;
    if (value < EXPONENT_CLAMP) value = value * 10 + (bytes[i]! - 48);
  }
  return negative ? -value : value;
}

/**
 * Reads the unsigned number that fills `bytes[start..end)`: decimal, or hexadecimal behind `0x`.
 * @returns the number rounded to the format; null when the text is no number, or the number is too
 *   large for the
 *   format, or not zero and too small for it.
 */
export function parseExact(
  bytes: Uint8Array,
  start: number,
  end: number,
  format: BinaryFormat,
): BinaryNumber | null {
  const hexadecimal = end - start > 2 && bytes[start] === 48 && (bytes[start + 1]! | 32) === 120;
  const scanned = scan(bytes, hexadecimal ? start + 2 : start, end, hexadecimal);
  if (scanned === null) return null;
  const { digits, exponent } = scanned;
  if (digits.length === 0) return ZERO;
  const reach = hexadecimal
    ? exponent + digits.length * 4
    : (exponent + digits.length) * BITS_PER_DECIMAL;
  if (reach > format.maxExponent + format.bits + 8 || reach < format.minExponent - 8) return null;
  if (hexadecimal) return roundToFormat(BigInt(`0x${digits}`), 1n, exponent, format);
  const integer = BigInt(digits);
  return exponent >= 0
    ? roundToFormat(integer * powerOfTen(exponent), 1n, 0, format)
    : roundToFormat(integer, powerOfTen(-exponent), 0, format);
}
