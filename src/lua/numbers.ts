// Numbers as text and text as numbers: what C's "%.14g" and strtod do for Lua 5.1 on Linux.

import { untilNul } from '../bytes/ascii.ts';

/** Significant digits that tostring gives. */
const DIGITS = 14;
const MAX_PLAIN = 1e14;
/** From here on, and with more digits, JavaScript's toFixed has other ways. */
const MAX_FIXED = 1e21;
const MAX_FIXED_DIGITS = 100;

/** A number as tostring and `..` give it. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && value < MAX_PLAIN && value > -MAX_PLAIN) {
    return value === 0 && Object.is(value, -0) ? '-0' : `${value}`;
  }
  return shortDecimal(value) ?? formatGeneral(value, DIGITS, false);
}

/**
 * A fraction with as many digits, or null where this way does not tell: the shortest text that
 * JavaScript gives is all of the number if it has no more digits, and else only a number that ends
 * in a 5 behind the last one can lie in the middle, where C goes to the even digit.
 */
function shortDecimal(value: number): string | null {
  const size = Math.abs(value);
  if (!(size >= 1e-4 && size < MAX_PLAIN)) return null;
  const text = `${value}`;
  if (text.length <= DIGITS + 1) return text;
  const start = text.search(/[1-9]/);
  const point = text.indexOf('.');
  const digits = text.length - start - (point > start ? 1 : 0);
  if (digits <= DIGITS) return text;
  if (digits === DIGITS + 1 && text.endsWith('5')) return null;
  const rounded = value.toPrecision(DIGITS);
  if (!rounded.includes('.')) return rounded;
  return rounded.includes('e') ? null : trimZeros(rounded);
}

/** NaN's sign cannot be seen in JavaScript; on x86 an operation that makes one sets it. */
export function specialText(value: number): string | null {
  if (Number.isNaN(value)) return '-nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  return null;
}

/** `%e` with a precision: exponents have at least two digits. */
export function formatExponent(value: number, precision: number): string {
  const text = exactExponential(value, precision);
  const [mantissa = '', exponent = '+0'] = text.split('e');
  const digits = exponent.slice(1).padStart(2, '0');
  return `${mantissa}e${exponent[0]}${digits}`;
}

/** `%g` with a precision; `keepsZeros` for its `#` flag. */
export function formatGeneral(value: number, precision: number, keepsZeros: boolean): string {
  const special = specialText(value);
  if (special !== null) return special;
  const significant = precision === 0 ? 1 : precision;
  if (value === 0) {
    const zero = Object.is(value, -0) ? '-0' : '0';
    return keepsZeros ? `${zero}.${'0'.repeat(significant - 1)}` : zero;
  }
  const scientific = formatExponent(value, significant - 1);
  const at = scientific.indexOf('e');
  const exponent = Number(scientific.slice(at + 1));
  if (exponent < -4 || exponent >= significant) {
    if (keepsZeros) return scientific;
    return trimZeros(scientific.slice(0, at)) + scientific.slice(at);
  }
  const fixed = fromDigits(scientific.slice(0, at), exponent);
  return keepsZeros ? fixed : trimZeros(fixed);
}

/** Moves the point of "d.ddd" by `exponent` places. */
function fromDigits(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1);
  const rest = digits.slice(exponent + 1);
  return rest === '' ? `${sign}${whole}.` : `${sign}${whole}.${rest}`;
}

function trimZeros(text: string): string {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end--;
  if (text.charCodeAt(end - 1) === 46) end--;
  return text.slice(0, end);
}

/** A finite number as a fraction of big integers. */
function asFraction(value: number): { numerator: bigint; denominator: bigint } {
  let scaled = Math.abs(value);
  let shift = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift++;
  }
  return { numerator: BigInt(scaled), denominator: 1n << shift };
}

/** Half to even, as C rounds; `numerator / denominator` as an integer. */
function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) return quotient + 1n;
  return quotient;
}

/** `%f` with a precision, exact for every number. */
export function formatFixed(value: number, precision: number): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  // JavaScript rounds up in the middle, which is where twice the last digit is an odd number.
  const halves = size * 2 ** (precision + 1);
  if (size < MAX_FIXED && precision <= MAX_FIXED_DIGITS && halves % 2 !== 1) {
    return sign + size.toFixed(precision);
  }
  const { numerator, denominator } = asFraction(value);
  const rounded = divideRounded(numerator * 10n ** BigInt(precision), denominator);
  const digits = rounded.toString().padStart(precision + 1, '0');
  if (precision === 0) return sign + digits;
  return `${sign}${digits.slice(0, -precision)}.${digits.slice(-precision)}`;
}

/** As toExponential, but ties go to the even digit, and precision has no end. */
function exactExponential(value: number, precision: number): string {
  if (value === 0) {
    const zeros = precision > 0 ? `.${'0'.repeat(precision)}` : '';
    return `${Object.is(value, -0) ? '-' : ''}0${zeros}e+0`;
  }
  // 17 digits tell every number apart, so a tie shows in a longer form only as trailing zeros.
  if (precision <= 15) {
    const longer = Math.abs(value).toExponential(precision + 25);
    const tail = longer.slice(longer.indexOf('.') + 1 + precision, longer.indexOf('e'));
    if (!/^50*$/.test(tail)) return value.toExponential(precision);
  }
  return exponentialFromFraction(value, precision);
}

/** No double but a power of ten itself is as near to one as so many digits tell. */
const MANY_DIGITS = 30;

function exponentialFromFraction(value: number, precision: number): string {
  const sign = value < 0 ? '-' : '';
  const { numerator, denominator } = asFraction(value);
  // With fewer digits a number just below a power of ten would be rounded to it.
  let exponent = Number(Math.abs(value).toExponential(MANY_DIGITS).split('e')[1]);
  let digits = scaledDigits(numerator, denominator, precision - exponent);
  if (digits.length > precision + 1) {
    exponent++;
    digits = scaledDigits(numerator, denominator, precision - exponent);
  }
  const point = precision > 0 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits[0]}${point}e${exponent < 0 ? '-' : '+'}${Math.abs(exponent)}`;
}

function scaledDigits(numerator: bigint, denominator: bigint, power: number): string {
  const scale = 10n ** BigInt(Math.abs(power));
  const rounded =
    power >= 0
      ? divideRounded(numerator * scale, denominator)
      : divideRounded(numerator, denominator * scale);
  return rounded.toString();
}

const DECIMAL = /^[ \t\n\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*$/;
const HEX_DIGITS = '(?:([0-9a-fA-F]+)\\.?([0-9a-fA-F]*)|\\.([0-9a-fA-F]+))(?:[pP]([+-]?\\d+))?';
const HEX = new RegExp(`^[ \\t\\n\\v\\f\\r]*([+-]?)0[xX]${HEX_DIGITS}[ \\t\\n\\v\\f\\r]*$`);
const SPECIAL =
  /^[ \t\n\v\f\r]*([+-]?)(?:(inf(?:inity)?)|nan(?:\([0-9A-Za-z_]*\))?)[ \t\n\v\f\r]*$/i;

/** So many digits are exact in a double, and a power of ten that divides them as well. */
const MAX_SHORT_DIGITS = 15;
const TENS: Float64Array = Float64Array.from({ length: MAX_SHORT_DIGITS + 1 }, (_, i) => 10 ** i);

/** The value of a text like -12.5, which most are; NaN for all others. */
function parseShort(text: string): number {
  const size = text.length;
  if (size === 0 || size > MAX_SHORT_DIGITS) return Number.NaN;
  const isNegative = text.charCodeAt(0) === 45;
  let value = 0;
  let point = -1;
  let at = isNegative ? 1 : 0;
  const first = at;
  for (; at < size; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) value = value * 10 + (code - 48);
    else if (code === 46 && point < 0) point = at;
    else return Number.NaN;
  }
  if (size - first - (point < 0 ? 0 : 1) === 0) return Number.NaN;
  if (point >= 0) value /= TENS[size - 1 - point]!;
  return isNegative ? -value : value;
}

/** Text as a number, or undefined: Lua's tonumber without a base. A NUL ends it, as in C. */
export function parseNumber(text: string): number | undefined {
  const short = parseShort(text);
  if (!Number.isNaN(short)) return short;
  const value = parseWhole(text);
  return value === undefined && text.includes('\0') ? parseWhole(untilNul(text)) : value;
}

function parseWhole(text: string): number | undefined {
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return Number(decimal[1]);
  const hex = HEX.exec(text);
  if (hex !== null) return parseHex(hex);
  const special = SPECIAL.exec(text);
  if (special === null) return undefined;
  if (special[2] === undefined) return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function parseHex(match: RegExpExecArray): number {
  const [, sign, whole = '', fraction = match[4] ?? '', , exponent = '0'] = match;
  const rest = whole === '' ? (match[4] ?? '') : fraction;
  const digits = whole + rest;
  const value = Number(BigInt(`0x${digits}`)) * 2 ** (Number(exponent) - 4 * rest.length);
  return sign === '-' ? -value : value;
}
