// Ranges of a sorted set as clients write them: between two scores (`1.5`, `(2`, `-inf`), or
// between two members (`[a`, `(b`, `-`, `+`). One object of each kind serves a keyspace; the bytes
// of a range of members are the command's own and true as long as it runs.

import { parseDouble } from '../bytes/double.ts';

const PARENTHESIS = 40;
const BRACKET = 91;
const PLUS = 43;
const MINUS = 45;
const MAX_NUMBER_BYTES = 4096;

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/**
 * Reads a number as C's strtod does when all of the text has to be one: blanks may come before it,
 * nothing at all is 0, and what is too large is infinite. A NUL ends the text.
 * @returns NaN when it is no number.
 */
export function parseBound(bytes: Uint8Array, offset: number, length: number): number {
  let start = offset;
  let end = offset;
  while (end < offset + length && bytes[end] !== 0) end++;
  if (start === end) return 0;
  while (start < end && isBlank(bytes[start]!)) start++;
  // Blanks alone are no number, and strtod then stands at the first of them.
  if (start === end) return Number.NaN;
  const value = parseDouble(bytes, start, end - start);
  if (!Number.isNaN(value) || end - start > MAX_NUMBER_BYTES) return value;
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return parseOutOfRange(text);
}

/** A number that is too large or too small for a double; NaN when it is none. */
function parseOutOfRange(text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const hexadecimal = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i.exec(text);
  if (hexadecimal === null) return Number.NaN;
  const [, sign = '', whole = '', fraction = '', exponent = ''] = hexadecimal;
  if (whole + fraction === '') return Number.NaN;
  const isZero = /^0*$/.test(whole + fraction);
  const magnitude = isZero || exponent.startsWith('-') ? 0 : Number.POSITIVE_INFINITY;
  return sign === '-' ? -magnitude : magnitude;
}

/** Scores from `min` to `max`; either end may be left out. */
export class ScoreRange {
  min = 0;
  max = 0;
  minExclusive = false;
  maxExclusive = false;

  /** Reads the lower end. @returns false when it is not a number. */
  readMin(bytes: Uint8Array, offset: number, length: number): boolean {
    this.minExclusive = length > 0 && bytes[offset] === PARENTHESIS;
    const skip = this.minExclusive ? 1 : 0;
    this.min = parseBound(bytes, offset + skip, length - skip);
    return !Number.isNaN(this.min);
  }

  /** Reads the upper end. @returns false when it is not a number. */
  readMax(bytes: Uint8Array, offset: number, length: number): boolean {
    this.maxExclusive = length > 0 && bytes[offset] === PARENTHESIS;
    const skip = this.maxExclusive ? 1 : 0;
    this.max = parseBound(bytes, offset + skip, length - skip);
    return !Number.isNaN(this.max);
  }

  /** From `min` to below `max`. */
  setHalfOpen(min: number, max: number): void {
    this.min = min;
    this.max = max;
    this.minExclusive = false;
    this.maxExclusive = true;
  }
}

/** One end of a range of members. */
export class LexBound {
  /** -1: before every member; 1: after every member; 0: at the bytes. */
  side = 0;
  exclusive = false;
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;

  /** Reads it. @returns false when the text is not such a bound. */
  read(bytes: Uint8Array, offset: number, length: number): boolean {
    const first = length > 0 ? bytes[offset] : 0;
    this.side = 0;
    this.exclusive = first === PARENTHESIS;
    this.bytes = bytes;
    this.offset = offset + 1;
    this.length = length - 1;
    if (first === PARENTHESIS || first === BRACKET) return true;
    if (first !== PLUS && first !== MINUS) return false;
    this.side = first === PLUS ? 1 : -1;
    return length === 1 || bytes[offset + 1] === 0;
  }
}

/** Members from `min` to `max`, by their bytes. */
export class LexRange {
  readonly min: LexBound = new LexBound();
  readonly max: LexBound = new LexBound();
}
