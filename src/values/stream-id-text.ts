// Stream IDs as text: `<ms>-<seq>` as clients write and read it. Parsing takes what Redis takes,
// which is C's strtoull where the strict reading of integers fails: blanks and signs before a
// number, and a minus that wraps.

import { latin1String } from '../bytes/ascii.ts';
import { writeInteger } from '../bytes/integer.ts';
import type { StreamId } from '../structures/id-tree-id.ts';

const TWO_32 = 0x100000000;
const MAX_TEXT_BYTES = 127;
const MINUS = 45;
const PLUS = 43;
const STAR = 42;
const ZERO = 48;
/** Digits that are exact in a double whatever they are. */
const EXACT_DIGITS = 15;

/** Room that the longest ID needs: 20 digits, a minus, 20 digits. */
const STREAM_ID_MAX_BYTES = 41;

/** What an ID may be besides two numbers. */
export const ID_PLAIN = 0;
/** `-` and `+` are the smallest and the largest ID. */
export const ID_RANGE = 1;
/** `<ms>-*` leaves the sequence number open. */
export const ID_OPEN_SEQUENCE = 2;

export const ID_INVALID = 0;
export const ID_VALID = 1;
/** Only with ID_OPEN_SEQUENCE: the sequence number was a star. */
export const ID_WITHOUT_SEQUENCE = 2;

/** Reads stream IDs from bytes; keeps the work space that needs. */
export class StreamIdReader {
  #high = 0;
  #low = 0;

  /**
   * Reads an ID.
   * @param missingSequence what a missing sequence number stands for: 0, or -1 for the largest.
   * @param form ID_PLAIN, ID_RANGE or ID_OPEN_SEQUENCE.
   * @returns ID_INVALID, ID_VALID or ID_WITHOUT_SEQUENCE; `id` is true unless invalid.
   */
  read(
    bytes: Uint8Array,
    offset: number,
    length: number,
    id: StreamId,
    missingSequence: number,
    form: number,
  ): number {
    if (length > MAX_TEXT_BYTES) return ID_INVALID;
    let end = offset;
    let dash = -1;
    const limit = offset + length;
    // A NUL ends the text.
    for (; end < limit; end++) {
      const byte = bytes[end]!;
      if (byte === 0) break;
      if (byte === MINUS && dash < 0) dash = end;
    }
    if (end === offset + 1 && (bytes[offset] === MINUS || bytes[offset] === PLUS)) {
      if (form !== ID_RANGE) return ID_INVALID;
      if (bytes[offset] === MINUS) id.setMinimum();
      else id.setMaximum();
      return ID_VALID;
    }
    if (!this.#readNumber(bytes, offset, dash < 0 ? end : dash)) return ID_INVALID;
    const msHigh = this.#high;
    const msLow = this.#low;
    if (dash < 0) {
      id.set(msHigh, msLow, missingSequence, missingSequence);
      return ID_VALID;
    }
    if (form === ID_OPEN_SEQUENCE && end === dash + 2 && bytes[dash + 1] === STAR) {
      id.set(msHigh, msLow, 0, 0);
      return ID_WITHOUT_SEQUENCE;
    }
    if (!this.#readNumber(bytes, dash + 1, end)) return ID_INVALID;
    id.set(msHigh, msLow, this.#high, this.#low);
    return ID_VALID;
  }

  /** Reads an unsigned 64-bit number into the halves. */
  #readNumber(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > EXACT_DIGITS) return this.#readLoosely(bytes, start, end);
    let value = 0;
    for (let i = start; i < end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return this.#readLoosely(bytes, start, end);
      value = value * 10 + digit;
    }
    this.#high = (value / TWO_32) | 0;
    this.#low = value | 0;
    return end > start;
  }

  /** As strtoull: blanks, a sign, digits that stay below 2^64, nothing behind them. */
  #readLoosely(bytes: Uint8Array, start: number, end: number): boolean {
    let i = start;
    while (i < end && isBlank(bytes[i]!)) i++;
    const isNegative = i < end && bytes[i] === MINUS;
    if (isNegative || (i < end && bytes[i] === PLUS)) i++;
    if (i === end) return false;
    // A strict negative number is refused before strtoull is asked.
    const isStrict = isNegative && i === start + 1 && bytes[i] !== ZERO;
    let high = 0;
    let low = 0;
    for (; i < end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      const sum = low * 10 + digit;
      const carry = Math.floor(sum / TWO_32);
      low = sum - carry * TWO_32;
      high = high * 10 + carry;
      if (high >= TWO_32) return false;
    }
    if (isStrict && (high < 0x80000000 || (high === 0x80000000 && low === 0))) return false;
    this.#low = isNegative ? -low | 0 : low | 0;
    this.#high = isNegative ? (~high + (low === 0 ? 1 : 0)) | 0 : high | 0;
    return true;
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/** Digits behind the first ones of a time, so that both parts are small integers. */
const LOWER_DIGITS = 7;
const LOWER_UNIT = 1e7;
/** Times below this split into two small integers. */
const SPLIT_LIMIT = LOWER_UNIT * 0x7fffffff;

/**
 * Writes IDs as text into a buffer of its own. IDs that follow each other often have the same time,
 * which then is not written again.
 */
export class StreamIdText {
  /** The text that `write` made, from the beginning on. */
  readonly bytes: Uint8Array = new Uint8Array(STREAM_ID_MAX_BYTES);
  #msHigh = 0;
  #msLow = 0;
  /** Bytes of the time and the minus that stand in the buffer; 0: none. */
  #prefix = 0;

  /** Writes an ID. @returns the number of bytes. */
  write(id: StreamId): number {
    const { bytes } = this;
    if (id.msLow !== this.#msLow || id.msHigh !== this.#msHigh || this.#prefix === 0) {
      this.#msHigh = id.msHigh;
      this.#msLow = id.msLow;
      const length = this.#writeTime(id);
      bytes[length] = MINUS;
      this.#prefix = length + 1;
    }
    const { seqHigh, seqLow } = id;
    const prefix = this.#prefix;
    if (seqHigh === 0 && seqLow >= 0) {
      if (seqLow < 10) {
        bytes[prefix] = ZERO + seqLow;
        return prefix + 1;
      }
      return prefix + writeInteger(bytes, prefix, seqLow);
    }
    return prefix + writeUnsigned64(bytes, prefix, seqHigh, seqLow);
  }

  #writeTime(id: StreamId): number {
    const { bytes } = this;
    if (!id.hasExactTime) return writeUnsigned64(bytes, 0, id.msHigh, id.msLow);
    const time = id.time;
    if (time < LOWER_UNIT || time >= SPLIT_LIMIT) return writeInteger(bytes, 0, time);
    const upper = Math.floor(time / LOWER_UNIT);
    let lower = (time - upper * LOWER_UNIT) | 0;
    const length = writeInteger(bytes, 0, upper) + LOWER_DIGITS;
    for (let i = length - 1; i >= length - LOWER_DIGITS; i--) {
      const rest = (lower / 10) | 0;
      bytes[i] = ZERO + (lower - rest * 10);
      lower = rest;
    }
    return length;
  }
}

function writeUnsigned64(target: Uint8Array, offset: number, high: number, low: number): number {
  const text = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
  for (let i = 0; i < text.length; i++) target[offset + i] = text.charCodeAt(i);
  return text.length;
}

/** An ID as a string, for what is rarely said. */
export function streamIdText(id: StreamId): string {
  const text = new StreamIdText();
  return latin1String(text.bytes, 0, text.write(id));
}
