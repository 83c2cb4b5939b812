// Decimal 64-bit integers as bytes: the strict form that Redis accepts as an integer (string2ll)
// and prints. Numbers are JavaScript doubles where they are exact (up to 2^53); `parseBigInt64` and
// the BigInt writer serve the rest.

/** Largest magnitude in which doubles count by one. */
export const MAX_EXACT = 9007199254740991;

const DIGITS_OF_MAX = [9, 2, 2, 3, 3, 7, 2, 0, 3, 6, 8, 5, 4, 7, 7, 5, 8, 0, 7];

/**
 * Reads a canonical decimal integer of 64 bits: no sign but '-', no leading zero, no blanks.
 * @returns the value, exact up to 2^53 and within 4096 beyond, or NaN when the range is not such an
 * integer.
 */
export function parseInteger(bytes: Uint8Array, offset: number, length: number): number {
  if (length === 0 || length > 20) return Number.NaN;
  let i = offset;
  const end = offset + length;
  const negative = bytes[i] === 45;
  if (negative) {
    i++;
    if (i === end) return Number.NaN;
  }
  const first = bytes[i]! - 48;
  if (first === 0) return length === 1 ? 0 : Number.NaN;
  if (first < 0 || first > 9) return Number.NaN;
  const digitsStart = i;
  let value = first;
  for (i++; i < end; i++) {
    const digit = bytes[i]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  const digits = end - digitsStart;
  if (digits >= 19 && !fitsInt64(bytes, digitsStart, digits, negative)) return Number.NaN;
  return negative ? -value : value;
}

function fitsInt64(bytes: Uint8Array, offset: number, digits: number, negative: boolean): boolean {
  if (digits > 19) return false;
  for (let i = 0; i < 19; i++) {
    const limit = i === 18 && negative ? 8 : DIGITS_OF_MAX[i]!;
    const digit = bytes[offset + i]! - 48;
    if (digit !== limit) return digit < limit;
  }
  return true;
}

/**
 * The same as `parseInteger` without loss of precision; null when the range is not a 64-bit
 * integer.
 */
export function parseBigInt64(bytes: Uint8Array, offset: number, length: number): bigint | null {
  if (Number.isNaN(parseInteger(bytes, offset, length))) return null;
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[offset + i]!);
  return BigInt(text);
}

const INT64_END = 2 ** 63;

/**
 * An integer of any size as the decimal text of one of 64 bits: beyond 2^53 it is the nearest that
 * a double holds, inside the range.
 */
export function int64Text(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (value >= INT64_END) return '9223372036854775807';
  if (value <= -INT64_END) return '-9223372036854775808';
  return BigInt(Math.trunc(value)).toString();
}

/** Number of decimal digits (and sign) that `writeInteger` needs for an exact integer. */
export function integerLength(value: number): number {
  let length = 1;
  let rest = value;
  if (rest < 0) {
    length++;
    rest = -rest;
  }
  while (rest >= 10) {
    if (rest >= 1000000) {
      rest = Math.floor(rest / 1000000);
      length += 6;
    } else {
      rest = Math.floor(rest / 10);
      length++;
    }
  }
  return length;
}

function smallLength(value: number): number {
  if (value < 10000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  if (value < 10000000) return value < 100000 ? 5 : value < 1000000 ? 6 : 7;
  if (value < 100000000) return 8;
  return value < 1000000000 ? 9 : 10;
}

/** Writes an integer of 0 to 2^31 - 1 without ever leaving small integers. */
function writeSmall(target: Uint8Array, offset: number, value: number): number {
  const length = smallLength(value);
  let rest = value;
  let i = offset + length - 1;
  for (; rest >= 100; i -= 2) {
    const quotient = (rest / 100) | 0;
    const pair = rest - quotient * 100;
    // A tenth of a number below 100, without a division.
    const tens = (pair * 205) >> 11;
    target[i] = 48 + (pair - tens * 10);
    target[i - 1] = 48 + tens;
    rest = quotient;
  }
  if (rest >= 10) {
    const tens = (rest * 205) >> 11;
    target[i] = 48 + (rest - tens * 10);
    rest = tens;
  }
  target[offset] = 48 + rest;
  return length;
}

/**
 * Writes an exact integer (up to 2^53) in decimal at `offset`; the caller has left room for 20
 * bytes.
 * @returns the number of bytes written.
 */
export function writeInteger(target: Uint8Array, offset: number, value: number): number {
  if (value >= 0 && value <= 0x7fffffff) return writeSmall(target, offset, value | 0);
  const length = integerLength(value);
  let rest = value < 0 ? -value : value;
  let i = offset + length;
  while (rest > 0x7fffffff) {
    const quotient = Math.floor(rest / 10);
    target[--i] = 48 + (rest - quotient * 10);
    rest = quotient;
  }
  let small = rest | 0;
  while (small >= 10) {
    const quotient = (small / 10) | 0;
    target[--i] = 48 + (small - quotient * 10);
    small = quotient;
  }
  target[--i] = 48 + small;
  if (value < 0) target[offset] = 45;
  return length;
}
