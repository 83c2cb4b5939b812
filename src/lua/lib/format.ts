// string.format: C's printf for Lua 5.1's letters.

import { runtimeError } from '../errors.ts';
import { formatExponent, formatFixed, formatGeneral, specialText } from '../numbers.ts';
import { type Arguments, toInteger, toUnsigned } from './arguments.ts';

const FLAGS = '-+ #0';
/** Strings from this length on are taken as they are, unless a precision cuts them. */
const LONG_STRING = 100;

interface Item {
  readonly flags: string;
  readonly width: number;
  /** -1 where there is none. */
  readonly precision: number;
  readonly letter: string;
  readonly end: number;
}

export function format(args: Arguments): string {
  const template = args.string(1);
  let result = '';
  let at = 0;
  let index = 1;
  for (;;) {
    const next = template.indexOf('%', at);
    if (next < 0) return result + template.slice(at);
    result += template.slice(at, next);
    if (template[next + 1] === '%') {
      result += '%';
      at = next + 2;
      continue;
    }
    index++;
    if (index > args.count) throw args.error(index, 'no value');
    const item = scanItem(template, next + 1);
    result += formatItem(item, args, index);
    at = item.end;
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function scanItem(template: string, start: number): Item {
  let at = start;
  while (at < template.length && FLAGS.includes(template[at]!)) at++;
  if (at - start > FLAGS.length) throw runtimeError('invalid format (repeated flags)');
  const flags = template.slice(start, at);
  const number = (): string => {
    const from = at;
    for (let i = 0; i < 2 && isDigit(template[at]); i++) at++;
    return template.slice(from, at);
  };
  const width = Number(number());
  let precision = -1;
  if (template[at] === '.') {
    at++;
    precision = Number(number());
  }
  if (isDigit(template[at])) {
    throw runtimeError('invalid format (width or precision too long)');
  }
  return { flags, width, precision, letter: template[at] ?? '\0', end: at + 1 };
}

function formatItem(item: Item, args: Arguments, index: number): string {
  switch (item.letter) {
    case 'c':
      return character(item, args.number(index));
    case 'd':
    case 'i':
      return signedInteger(item, args.number(index));
    case 'o':
    case 'u':
    case 'x':
    case 'X':
      return unsignedInteger(item, args.number(index));
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return real(item, args.number(index));
    case 'q':
      return quoted(args.string(index));
    case 's':
      return text(item, args.string(index));
    default: {
      const letter = item.letter === '\0' ? '' : item.letter;
      throw runtimeError(`invalid option '%${letter}' to 'format'`);
    }
  }
}

function pad(item: Item, sign: string, digits: string, mayZero: boolean): string {
  const length = sign.length + digits.length;
  const missing = Math.max(0, item.width - length);
  if (item.flags.includes('-')) return sign + digits + ' '.repeat(missing);
  if (mayZero && item.flags.includes('0')) return sign + '0'.repeat(missing) + digits;
  return ' '.repeat(missing) + sign + digits;
}

function character(item: Item, value: number): string {
  const whole = toInteger(value);
  // C has the character as an int; what does not fit becomes the least one, whose last byte is 0.
  const code = whole === (whole | 0) ? whole & 0xff : 0;
  // The character NUL ends what C has written.
  const padded = pad(item, '', String.fromCharCode(code), false);
  const end = padded.indexOf('\0');
  return end < 0 ? padded : padded.slice(0, end);
}

function signOf(item: Item, isNegative: boolean): string {
  if (isNegative) return '-';
  if (item.flags.includes('+')) return '+';
  return item.flags.includes(' ') ? ' ' : '';
}

function withPrecision(item: Item, digits: string): string {
  if (item.precision === 0 && digits === '0') return '';
  return digits.padStart(item.precision, '0');
}

function signedInteger(item: Item, value: number): string {
  const whole = toInteger(value);
  const isNegative = whole < 0;
  const magnitude = Math.abs(whole);
  const digits = Number.isSafeInteger(whole) ? `${magnitude}` : BigInt(magnitude).toString();
  return pad(item, signOf(item, isNegative), withPrecision(item, digits), item.precision < 0);
}

function unsignedInteger(item: Item, value: number): string {
  const cut = Math.trunc(value);
  const whole = cut >= 0 && cut <= Number.MAX_SAFE_INTEGER ? cut : toUnsigned(value);
  const base = item.letter === 'o' ? 8 : item.letter === 'u' ? 10 : 16;
  let digits = withPrecision(item, whole.toString(base));
  let prefix = '';
  if (item.flags.includes('#')) {
    if (base === 8 && !digits.startsWith('0')) digits = `0${digits}`;
    if (base === 16 && whole !== 0 && whole !== 0n) prefix = '0x';
  }
  const padded = pad(item, prefix, digits, item.precision < 0);
  return item.letter === 'X' ? padded.toUpperCase() : padded;
}

function real(item: Item, value: number): string {
  const special = specialText(value);
  const isUpper = item.letter === 'E' || item.letter === 'G';
  const precision = item.precision < 0 ? 6 : item.precision;
  let written: string;
  if (special !== null) written = special;
  else if (item.letter === 'f') written = formatFixed(value, precision);
  else if (item.letter === 'e' || item.letter === 'E') written = formatExponent(value, precision);
  else written = formatGeneral(value, precision, item.flags.includes('#'));
  if (item.flags.includes('#') && special === null && !written.includes('.')) {
    const at = written.indexOf('e');
    written = at < 0 ? `${written}.` : `${written.slice(0, at)}.${written.slice(at)}`;
  }
  const isNegative = written.startsWith('-');
  const digits = isNegative ? written.slice(1) : written;
  const padded = pad(item, signOf(item, isNegative), digits, special === null);
  return isUpper ? padded.toUpperCase() : padded;
}

function text(item: Item, value: string): string {
  if (item.precision < 0 && value.length >= LONG_STRING) return value;
  const end = value.indexOf('\0');
  let shown = end < 0 ? value : value.slice(0, end);
  if (item.precision >= 0) shown = shown.slice(0, item.precision);
  return pad(item, '', shown, false);
}

function quoted(value: string): string {
  const inner = value.replace(/["\\\n\r\0]/g, (char) => {
    if (char === '\r') return '\\r';
    return char === '\0' ? '\\000' : `\\${char}`;
  });
  return `"${inner}"`;
}
