// The struct library that Redis ships: numbers and strings as bytes, by a format.
// http://www.inf.puc-rio.br/~roberto/struct/

import { runtimeError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { Result, Value } from '../value.ts';
import { type Arguments, toInteger } from './arguments.ts';
import { MAX_RESULTS } from './base.ts';
import { libraryOf } from './registry.ts';

const MAX_INTEGER_BYTES = 32;
const MAX_ALIGNMENT = 8;
const INT_MAX = 2147483647;

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

/** A walk through a format. */
class Format {
  readonly #text: string;
  #at = 0;
  isLittle = true;
  #alignment = 1;
  option = '';
  size = 0;

  constructor(args: Arguments) {
    const text = args.string(1);
    const end = text.indexOf('\0');
    this.#text = end < 0 ? text : text.slice(0, end);
  }

  /** Goes on to the next option. @returns false at the end. */
  next(): boolean {
    const option = this.#text[this.#at];
    if (option === undefined) return false;
    this.#at++;
    this.option = option;
    this.size = this.#sizeOf(option);
    return true;
  }

  #number(otherwise: number): number {
    if (!isDigit(this.#text[this.#at])) return otherwise;
    let value = 0;
    while (isDigit(this.#text[this.#at])) {
      const digit = Number(this.#text[this.#at++]);
      if (value > Math.floor(INT_MAX / 10) || value * 10 > INT_MAX - digit) {
        throw runtimeError('integral size overflow');
      }
      value = value * 10 + digit;
    }
    return value;
  }

  #sizeOf(option: string): number {
    switch (option) {
      case 'B':
      case 'b':
      case 'x':
        return 1;
      case 'H':
      case 'h':
        return 2;
      case 'f':
        return 4;
      case 'L':
      case 'l':
      case 'T':
      case 'd':
        return 8;
      case 'c':
        return this.#number(1);
      case 'i':
      case 'I': {
        const size = this.#number(4);
        if (size > MAX_INTEGER_BYTES) {
          throw runtimeError(`integral size ${size} is larger than limit of ${MAX_INTEGER_BYTES}`);
        }
        return size;
      }
      default:
        return 0;
    }
  }

  /** Bytes to skip, so that an element of the option's size is aligned. */
  padding(position: number): number {
    if (this.size === 0 || this.option === 'c') return 0;
    const size = Math.min(this.size, this.#alignment);
    return (size - (position & (size - 1))) & (size - 1);
  }

  /** An option that is no value. */
  control(args: Arguments): void {
    switch (this.option) {
      case ' ':
        return;
      case '>':
        this.isLittle = false;
        return;
      case '<':
        this.isLittle = true;
        return;
      case '!': {
        const alignment = this.#number(MAX_ALIGNMENT);
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0) {
          throw runtimeError(`alignment ${alignment} is not a power of 2`);
        }
        this.#alignment = alignment;
        return;
      }
      default:
        throw args.error(1, `invalid format option '${this.option}'`);
    }
  }
}

const INTEGERS = 'bBhHlLTiI';
const TAKES_VALUE = `${INTEGERS}fdcs`;

/** The machine's 64-bit word of a number, by halves, as bytes of any length. */
function integerBytes(value: number, size: number, isLittle: boolean): string {
  // x86 makes 0 of what is too large for a word.
  const whole = value >= 2 ** 64 ? 0 : wholeWord(value);
  const low = whole | 0;
  const high = Math.floor(whole / 2 ** 32) | 0;
  let text = '';
  for (let i = 0; i < size; i++) {
    const place = isLittle ? i : size - 1 - i;
    const half = place < 4 ? low : high;
    const byte = place < 8 ? (half >>> ((place & 3) * 8)) & 0xff : 0;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A number cut to a whole one that fits a signed or an unsigned word. */
function wholeWord(value: number): number {
  return value >= 2 ** 63 ? Math.trunc(value) : toInteger(value);
}

/** Bytes of an integer that doubles count exactly. */
const EXACT_BYTES = 6;

function integerFrom(bytes: string, isSigned: boolean, isLittle: boolean): number {
  const size = bytes.length;
  if (size > EXACT_BYTES || size === 0) return longInteger(bytes, isSigned, isLittle);
  let value = 0;
  for (let i = 0; i < size; i++) {
    value = value * 256 + bytes.charCodeAt(isLittle ? size - 1 - i : i);
  }
  const end = 2 ** (8 * size);
  return isSigned && value >= end / 2 ? value - end : value;
}

function longInteger(bytes: string, isSigned: boolean, isLittle: boolean): number {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    const at = isLittle ? bytes.length - 1 - i : i;
    value = BigInt.asUintN(64, (value << 8n) | BigInt(bytes.charCodeAt(at)));
  }
  if (!isSigned) return Number(value);
  const width = Math.min(64, bytes.length * 8);
  return Number(BigInt.asIntN(width === 0 ? 64 : width, value));
}

const scratch = new DataView(new ArrayBuffer(8));

function floatBytes(value: number, size: number, isLittle: boolean): string {
  if (size === 4) scratch.setFloat32(0, value, isLittle);
  else scratch.setFloat64(0, value, isLittle);
  let text = '';
  for (let i = 0; i < size; i++) text += String.fromCharCode(scratch.getUint8(i));
  return text;
}

export function floatFrom(bytes: string, isLittle: boolean): number {
  for (let i = 0; i < bytes.length; i++) scratch.setUint8(i, bytes.charCodeAt(i));
  return bytes.length === 4 ? scratch.getFloat32(0, isLittle) : scratch.getFloat64(0, isLittle);
}

function pack(args: Arguments): string {
  const format = new Format(args);
  let result = '';
  let index = 2;
  while (format.next()) {
    const { option, size, isLittle } = format;
    result += '\0'.repeat(format.padding(result.length));
    if (index === args.count + 1 && TAKES_VALUE.includes(option)) {
      // C has put a nil there, between the arguments and what it makes.
      const expected = option === 's' || option === 'c' ? 'string' : 'number';
      throw args.error(index, `${expected} expected, got nil`);
    }
    if (INTEGERS.includes(option)) result += integerBytes(args.number(index++), size, isLittle);
    else if (option === 'x') result += '\0';
    else if (option === 'f' || option === 'd') {
      result += floatBytes(args.number(index++), size, isLittle);
    } else if (option === 'c' || option === 's') {
      const text = args.string(index++);
      const length = size === 0 ? text.length : size;
      if (text.length < length) throw args.error(index, 'string too short');
      result += text.slice(0, length);
      if (option === 's') result += '\0';
    } else format.control(args);
  }
  return result;
}

function unpack(args: Arguments): Result {
  const format = new Format(args);
  const data = args.string(2);
  const first = args.optionalInteger(3, 1);
  if (first === 0) throw args.error(3, 'offset must be 1 or greater');
  let position = first < 0 ? 2 ** 63 : first - 1;
  const values: Value[] = [];
  const need = (size: number): void => {
    if (size > data.length || position > data.length - size) {
      throw args.error(2, 'data string too short');
    }
  };
  while (format.next()) {
    const { option, isLittle } = format;
    let { size } = format;
    position += format.padding(position);
    need(size);
    if (values.length > MAX_RESULTS) throw runtimeError('stack overflow (too many results)');
    const bytes = data.slice(position, position + size);
    if (INTEGERS.includes(option)) {
      values.push(integerFrom(bytes, option >= 'a', isLittle));
    } else if (option === 'f' || option === 'd') values.push(floatFrom(bytes, isLittle));
    else if (option === 'c') {
      if (size === 0) {
        const previous = values.pop();
        if (typeof previous !== 'number') throw runtimeError("format 'c0' needs a previous size");
        size = previous < 0 ? Number.POSITIVE_INFINITY : Math.trunc(previous);
        need(size);
      }
      values.push(data.slice(position, position + size));
    } else if (option === 's') {
      const end = data.indexOf('\0', position);
      if (end < 0) throw runtimeError('unfinished string in data');
      size = end - position + 1;
      values.push(data.slice(position, end));
    } else if (option !== 'x') format.control(args);
    position += size;
  }
  values.push(position + 1);
  return values;
}

function sizeOf(args: Arguments): number {
  const format = new Format(args);
  let position = 0;
  while (format.next()) {
    const { option, size } = format;
    position += format.padding(position);
    if (option === 's') throw args.error(1, "option 's' has no fixed size");
    if (option === 'c' && size === 0) throw args.error(1, "option 'c0' has no fixed size");
    if (!/[0-9A-Za-z]/.test(option)) format.control(args);
    position += size;
  }
  return position;
}

export function openStruct(runtime: Runtime): void {
  const library = libraryOf({ pack, unpack, size: sizeOf });
  runtime.globals.set('struct', library);
}
