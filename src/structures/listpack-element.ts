// One element of a listpack, between text and bytes: which encoding a text gets, how long it is,
// and how it is written and read. Listpacks (listpack.ts) is the only user; the layout is drawn in
// docs/internals/listpack.md.
//
// Integers are kept as two 32-bit halves, so all 64 bits are exact and nothing is allocated.

import { copyBytes } from '../bytes/copy.ts';
import { Int64, writeInt64 } from '../bytes/int64.ts';
import { MAX_EXACT, parseInteger, writeInteger } from '../bytes/integer.ts';

/** The byte after the last element. */
export const END = 0xff;
const STRING_6 = 0x80;
const INTEGER_13 = 0xc0;
const STRING_12 = 0xe0;
const STRING_32 = 0xf0;
const INTEGER_16 = 0xf1;
const INTEGER_24 = 0xf2;
const INTEGER_32 = 0xf3;
/** First byte of an integer beyond 32 bits. */
export const INTEGER_64 = 0xf4;

const TWO_32 = 0x100000000;

function integerBodyBytes(value: number): number {
  if (value >= 0 && value <= 127) return 1;
  if (value >= -4096 && value <= 4095) return 2;
  if (value >= -32768 && value <= 32767) return 3;
  if (value >= -8388608 && value <= 8388607) return 4;
  return value >= -2147483648 && value <= 2147483647 ? 5 : 9;
}

function stringBodyBytes(length: number): number {
  return length < 64 ? length + 1 : length < 4096 ? length + 2 : length + 5;
}

/** Bytes that tell the length of a body of `bodyBytes` to a reader who comes from behind. */
export function backLengthBytes(bodyBytes: number): number {
  if (bodyBytes <= 127) return 1;
  if (bodyBytes < 16383) return 2;
  if (bodyBytes < 2097151) return 3;
  return bodyBytes < 268435455 ? 4 : 5;
}

/** Bytes that an integer takes as an element, up to 2^53. */
export function integerElementBytes(value: number): number {
  return integerBodyBytes(value) + 1;
}

/** Bytes that a text takes as an element. */
export function textElementBytes(bytes: Uint8Array, offset: number, length: number): number {
  const value = parseInteger(bytes, offset, length);
  const body = Number.isNaN(value) ? stringBodyBytes(length) : integerBodyBytes(value);
  return body + backLengthBytes(body);
}

/** Bytes of the element at `at`, its back length included. */
export function elementBytesAt(data: Uint8Array, at: number): number {
  const first = data[at]!;
  if (first < STRING_6) return 2;
  if (first < INTEGER_13) return (first & 63) + 2;
  if (first < STRING_12) return 3;
  let body: number;
  if (first < STRING_32) body = 2 + (((first & 15) << 8) | data[at + 1]!);
  else if (first === STRING_32) body = 5 + longLengthAt(data, at);
  else return first === INTEGER_64 ? 10 : first - INTEGER_16 + 4;
  return body + backLengthBytes(body);
}

/** Bytes of the element that ends before `end`. */
export function elementBytesBefore(data: Uint8Array, end: number): number {
  let at = end - 1;
  let byte = data[at]!;
  let body = byte & 127;
  for (let scale = 128; (byte & 128) !== 0; scale *= 128) {
    byte = data[--at]!;
    body += (byte & 127) * scale;
  }
  return body + end - at;
}

/** True when the element's first byte announces an integer. */
export function isIntegerEncoding(first: number): boolean {
  if (first < STRING_32) return first < STRING_6 || (first & 0xe0) === INTEGER_13;
  return first > STRING_32;
}

/** Bytes between the element's first byte and its text; 0 for an integer. */
export function textHeaderBytes(first: number): number {
  if (first < STRING_6) return 0;
  if (first < INTEGER_13) return 1;
  if (first < STRING_12) return 0;
  if (first < STRING_32) return 2;
  return first === STRING_32 ? 5 : 0;
}

/** True for the first byte of a text of up to 63 bytes: one byte before it and one behind. */
export function isShortText(first: number): boolean {
  return first >= STRING_6 && first < INTEGER_13;
}

/** Bytes of a short text. */
export function shortTextLength(first: number): number {
  return first & 63;
}

/** Bytes of the text of a string element. */
export function textLengthAt(data: Uint8Array, at: number): number {
  const first = data[at]!;
  if (first < INTEGER_13) return first & 63;
  if (first < STRING_32) return ((first & 15) << 8) | data[at + 1]!;
  return longLengthAt(data, at);
}

function longLengthAt(data: Uint8Array, at: number): number {
  return littleEndian(data, at + 1) >>> 0;
}

function littleEndian(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}

/** The integer of an element that has one, as the nearest double. */
export function integerValueAt(data: Uint8Array, at: number): number {
  const first = data[at]!;
  if (first < STRING_6) return first;
  if (first < STRING_12) return ((((first & 31) << 8) | data[at + 1]!) << 19) >> 19;
  if (first === INTEGER_16) return ((data[at + 1]! | (data[at + 2]! << 8)) << 16) >> 16;
  if (first === INTEGER_24) {
    return ((data[at + 1]! | (data[at + 2]! << 8) | (data[at + 3]! << 16)) << 8) >> 8;
  }
  if (first === INTEGER_32) return littleEndian(data, at + 1);
  return littleEndian(data, at + 5) * TWO_32 + (littleEndian(data, at + 1) >>> 0);
}

/** Work space for one element: filled from a text or a number, then measured and written. */
export class ListpackElement {
  /** Bytes of the whole element, its back length included. */
  size = 0;
  isInteger = false;
  readonly #integer = new Int64();
  #bodyBytes = 0;

  /**
   * Takes a text: the shortest encoding of its integer when it is a canonical one, else its bytes.
   */
  setText(bytes: Uint8Array, offset: number, length: number): void {
    const value = parseInteger(bytes, offset, length);
    this.isInteger = !Number.isNaN(value);
    if (!this.isInteger) this.#measure(stringBodyBytes(length));
    else if (value <= MAX_EXACT && value >= -MAX_EXACT) this.setInteger(value);
    else {
      this.#integer.setText(bytes, offset, length);
      this.#measure(9);
    }
  }

  /** Takes an exact integer (up to 2^53). */
  setInteger(value: number): void {
    this.isInteger = true;
    this.#integer.setNumber(value);
    this.#measure(integerBodyBytes(value));
  }

  #measure(bodyBytes: number): void {
    this.#bodyBytes = bodyBytes;
    this.size = bodyBytes + backLengthBytes(bodyBytes);
  }

  /** True when the 64-bit integer of the element at `at` is the one taken. */
  equalsInteger64(data: Uint8Array, at: number): boolean {
    return (
      littleEndian(data, at + 1) === this.#integer.low &&
      littleEndian(data, at + 5) === this.#integer.high
    );
  }

  /** Writes the element; a text's bytes come from the same place as in `setText`. */
  write(target: Uint8Array, at: number, bytes: Uint8Array, offset: number, length: number): void {
    const bodyBytes = this.#bodyBytes;
    if (this.isInteger) this.#writeInteger(target, at, bodyBytes);
    else {
      let start = at;
      if (length < 64) target[start++] = STRING_6 | length;
      else if (length < 4096) {
        target[start++] = STRING_12 | (length >> 8);
        target[start++] = length & 255;
      } else {
        target[start++] = STRING_32;
        writeLittleEndian(target, start, length);
        start += 4;
      }
      copyBytes(target, start, bytes, offset, length);
    }
    const end = at + bodyBytes;
    if (bodyBytes <= 127) target[end] = bodyBytes;
    else writeBackLength(target, end, bodyBytes);
  }

  #writeInteger(target: Uint8Array, at: number, bodyBytes: number): void {
    const { low, high } = this.#integer;
    if (bodyBytes === 1) target[at] = low;
    else if (bodyBytes === 2) {
      target[at] = INTEGER_13 | ((low >> 8) & 31);
      target[at + 1] = low;
    } else if (bodyBytes === 9) {
      target[at] = INTEGER_64;
      writeLittleEndian(target, at + 1, low);
      writeLittleEndian(target, at + 5, high);
    } else {
      target[at] = INTEGER_16 + bodyBytes - 3;
      for (let i = 1; i < bodyBytes; i++) target[at + i] = low >> ((i - 1) << 3);
    }
  }
}

function writeLittleEndian(target: Uint8Array, at: number, value: number): void {
  target[at] = value;
  target[at + 1] = value >> 8;
  target[at + 2] = value >> 16;
  target[at + 3] = value >> 24;
}

/** Writes the length of a body behind it. */
export function writeBackLength(target: Uint8Array, at: number, bodyBytes: number): void {
  let rest = bodyBytes;
  for (let i = at + backLengthBytes(bodyBytes) - 1; i > at; i--) {
    target[i] = (rest & 127) | 128;
    rest = Math.floor(rest / 128);
  }
  target[at] = rest;
}

/**
 * Writes the decimal text of an integer element; the caller has left room for 20 bytes.
 * @returns the number of bytes written.
 */
export function writeIntegerText(target: Uint8Array, data: Uint8Array, at: number): number {
  if (data[at] !== INTEGER_64) return writeInteger(target, 0, integerValueAt(data, at));
  return writeInt64(target, littleEndian(data, at + 5), littleEndian(data, at + 1));
}
