// Reads commands from a client's bytes: RESP arrays of bulk strings, and inline commands as people
// type them. A state machine that stops wherever the bytes end and goes on there when more have
// come, so a command may be split anywhere and no byte is read twice. One reader a connection; the
// bytes and the Args are the connection's. Limits and error texts are those of Redis
// (networking.c): https://redis.io/docs/latest/develop/reference/protocol-spec/

import { parseInteger } from '../bytes/integer.ts';
import type { Args } from './args.ts';
import { splitInline } from './inline.ts';

/** What `next` found. */
export const NEED_MORE = 0;
export const COMMAND = 1;
export const PROTOCOL_ERROR = 2;

const CR = 13;
const LF = 10;
const SPACE = 32;
const QUOTE = 34;
const DOLLAR = 36;
const APOSTROPHE = 39;
const STAR = 42;
const TILDE = 126;

/** Longest inline command, and longest line of a length. */
export const INLINE_MAX_BYTES = 65536;
const MAX_ARGUMENTS = 0x7fffffff;
const UNAUTHENTICATED_MAX_ARGUMENTS = 10;
const UNAUTHENTICATED_MAX_BULK_BYTES = 16384;
const NO_LENGTH = -1;
/** What a length line may be besides a length; small integers, so that nothing is boxed. */
const INCOMPLETE = -0x40000000;
const INVALID = -0x3fffffff;

export interface ReaderLimits {
  /** `proto-max-bulk-len` in bytes. */
  protoMaxBulkBytes: number;
}

export class RequestReader {
  /**
   * The bytes being read: from `position`, up to `end`. The current command began at
   * `commandStart`.
   */
  bytes: Uint8Array = new Uint8Array(0);
  position = 0;
  end = 0;
  commandStart = 0;
  /** Why `next` returned PROTOCOL_ERROR. */
  errorText = '';
  /** Until the client is authenticated, only small commands are read. */
  restricted = false;
  readonly #limits: ReaderLimits;
  /** Arguments still to come of the array being read; 0 between commands. */
  #argumentsLeft = 0;
  /** Bytes of the argument being read, once its length is known. */
  #bulkLength = NO_LENGTH;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** True inside a command of which part has been read. */
  get isMidCommand(): boolean {
    return this.#argumentsLeft > 0;
  }

  /**
   * Bytes that the argument being read still needs, its line end included; 0 when that is not
   * known.
   */
  get bytesMissing(): number {
    if (this.#bulkLength === NO_LENGTH) return 0;
    return Math.max(0, this.position + this.#bulkLength + 2 - this.end);
  }

  /** Gives the reader bytes to go on with. */
  feed(bytes: Uint8Array, position: number, end: number): void {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** Goes back to the end of a command: what was read behind it will be read again. */
  rewind(position: number): void {
    this.position = position;
    this.commandStart = position;
    this.#argumentsLeft = 0;
    this.#bulkLength = NO_LENGTH;
    this.errorText = '';
  }

  /** The bytes were moved by `delta`. */
  rebase(bytes: Uint8Array, delta: number, end: number): void {
    this.bytes = bytes;
    this.position += delta;
    this.commandStart += delta;
    this.end = end;
  }

  /** Reads the next command into `args`. @returns COMMAND, NEED_MORE or PROTOCOL_ERROR. */
  next(args: Args): number {
    while (this.#argumentsLeft === 0) {
      this.commandStart = this.position;
      if (this.position >= this.end) return NEED_MORE;
      args.count = 0;
      if (this.bytes[this.position] !== STAR) {
        const status = this.#readInline(args);
        if (status !== COMMAND || args.count > 0) return status;
        continue;
      }
      const count = this.#readLength('mbulk');
      if (count === INCOMPLETE) return this.errorText === '' ? NEED_MORE : PROTOCOL_ERROR;
      if (count === INVALID) return this.#fail('invalid multibulk length');
      if (this.restricted && count > UNAUTHENTICATED_MAX_ARGUMENTS) {
        return this.#fail('unauthenticated multibulk length');
      }
      if (count > 0) {
        args.bytes = this.bytes;
        this.#argumentsLeft = count;
      }
    }
    return this.#readArguments(args);
  }

  #readArguments(args: Args): number {
    const { bytes, end } = this;
    args.bytes = bytes;
    if (this.#bulkLength === NO_LENGTH) this.#readShortArguments(args);
    while (this.#argumentsLeft > 0) {
      if (this.#bulkLength === NO_LENGTH) {
        if (this.position >= end) return NEED_MORE;
        const first = bytes[this.position]!;
        if (first !== DOLLAR && this.#lineIsComplete('bulk')) {
          return this.#fail(`expected '$', got '${String.fromCharCode(first)}'`);
        }
        const length = this.#readLength('bulk');
        if (length === INCOMPLETE) return this.errorText === '' ? NEED_MORE : PROTOCOL_ERROR;
        if (length < 0 || length > this.#limits.protoMaxBulkBytes) {
          return this.#fail('invalid bulk length');
        }
        if (length > UNAUTHENTICATED_MAX_BULK_BYTES && this.restricted) {
          return this.#fail('unauthenticated bulk length');
        }
        this.#bulkLength = length;
      }
      const next = this.position + this.#bulkLength + 2;
      if (next > end) return NEED_MORE;
      args.push(this.position, this.#bulkLength);
      this.position = next;
      this.#bulkLength = NO_LENGTH;
      this.#argumentsLeft--;
    }
    return COMMAND;
  }

  /**
   * Reads the arguments of 0 to 99 bytes that are here whole, up to the first that is anything
   * else.
   */
  #readShortArguments(args: Args): void {
    const { bytes, end } = this;
    let left = this.#argumentsLeft;
    let at = this.position;
    while (left > 0 && at + 5 < end && bytes[at] === DOLLAR) {
      let length = bytes[at + 1]! - 48;
      if (length < 0 || length > 9) break;
      let start = at + 4;
      if (bytes[at + 2] !== CR) {
        const digit = bytes[at + 2]! - 48;
        if (length === 0 || digit < 0 || digit > 9 || bytes[at + 3] !== CR) break;
        length = length * 10 + digit;
        start++;
      }
      const next = start + length + 2;
      if (next > end) break;
      args.push(start, length);
      at = next;
      left--;
    }
    this.#argumentsLeft = left;
    this.position = at;
  }

  /**
   * Reads a line of one type byte and a decimal length.
   * @returns the length, INVALID when it is no integer of 32 bits, INCOMPLETE when the line is not
   * complete (or too
   *   long: errorText).
   */
  #readLength(kind: 'mbulk' | 'bulk'): number {
    const { bytes, end } = this;
    let i = this.position + 1;
    let value = 0;
    const start = i;
    // The common case: a few digits and a line end that is here.
    for (; i < end; i++) {
      const digit = bytes[i]! - 48;
      if (digit < 0 || digit > 9 || i - start > 8) break;
      value = value * 10 + digit;
    }
    const plain =
      i > start &&
      i + 1 < end &&
      bytes[i] === CR &&
      bytes[i + 1] === LF &&
      (bytes[start] !== 48 || i === start + 1);
    if (plain) {
      this.position = i + 2;
      return value;
    }
    if (!this.#lineIsComplete(kind)) return INCOMPLETE;
    const lineEnd = this.#find(CR);
    const length = parseInteger(bytes, start, lineEnd - start);
    this.position = lineEnd + 2;
    if (Number.isNaN(length) || length > MAX_ARGUMENTS) return INVALID;
    return length < 0 ? -1 : length;
  }

  /**
   * True when a CR and one more byte are here; sets errorText when the line is too long without.
   */
  #lineIsComplete(kind: 'mbulk' | 'bulk'): boolean {
    const lineEnd = this.#find(CR);
    if (lineEnd >= 0 && lineEnd + 1 < this.end) return true;
    if (lineEnd < 0 && this.end - this.position > INLINE_MAX_BYTES) {
      this.errorText = `Protocol error: too big ${kind} count string`;
    }
    return false;
  }

  /** Where `wanted` comes next, or -1: as in Redis, nothing behind a NUL is seen. */
  #find(wanted: number): number {
    const { bytes, end } = this;
    for (let i = this.position; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === wanted) return i;
      if (byte === 0) return -1;
    }
    return -1;
  }

  #readInline(args: Args): number {
    const lineEnd = this.#find(LF);
    if (lineEnd < 0) {
      if (this.end - this.position <= INLINE_MAX_BYTES) return NEED_MORE;
      return this.#fail('too big inline request');
    }
    const start = this.position;
    this.position = lineEnd + 1;
    const hasCr = lineEnd > start && this.bytes[lineEnd - 1] === CR;
    const end = hasCr ? lineEnd - 1 : lineEnd;
    if (this.#readPlainWords(args, start, end)) return COMMAND;
    const words = splitInline(this.bytes, start, end);
    if (words === null) return this.#fail('unbalanced quotes in request');
    args.set(words);
    return COMMAND;
  }

  /** Reads a line of printable words and single blanks where it lies. @returns false for others. */
  #readPlainWords(args: Args, start: number, end: number): boolean {
    const { bytes } = this;
    args.count = 0;
    args.bytes = bytes;
    let wordStart = start;
    for (let i = start; i <= end; i++) {
      const byte = i < end ? bytes[i]! : SPACE;
      if (byte === SPACE) {
        if (i > wordStart) args.push(wordStart, i - wordStart);
        wordStart = i + 1;
      } else if (byte < SPACE || byte > TILDE || byte === QUOTE || byte === APOSTROPHE) {
        args.count = 0;
        return false;
      }
    }
    return true;
  }

  #fail(text: string): number {
    this.errorText = `Protocol error: ${text}`;
    return PROTOCOL_ERROR;
  }
}
