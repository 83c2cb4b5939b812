// Writes replies in RESP2 or RESP3 into a buffer that is reused. Small replies of a turn stand one
// behind the other and leave in one write; when the buffer is full it joins the list of full chunks
// and a new one is taken. A writer belongs to one client while that client has output; the pool
// owns it otherwise.

import { latin1Bytes } from '../bytes/ascii.ts';
import { copyBytes } from '../bytes/copy.ts';
import { MAX_DOUBLE_BYTES, writeDouble } from '../bytes/double.ts';
import { DoubleDigits } from '../bytes/double-digits.ts';
import { writeInteger } from '../bytes/integer.ts';
import { unsetBytes } from '../bytes/unset-bytes.ts';
import type { ReplyError } from './reply-errors.ts';
import { replyError } from './reply-errors.ts';

export const CHUNK_BYTES = 65536;
/** Views of so many first bytes of the buffer are kept: most replies of a turn are as short. */
const KEPT_VIEWS = 512;
/** Texts up to this length are written character by character, without bytes in between. */
const SHORT_TEXT = 128;
/** Room for a type byte, 20 digits and two line ends. */
const HEADER_MAX_BYTES = 32;

const NO_BYTES = new Uint8Array(0);
const OK = latin1Bytes('+OK\r\n');
const NULL_BULK_2 = latin1Bytes('$-1\r\n');
const NULL_ARRAY_2 = latin1Bytes('*-1\r\n');
const NULL_3 = latin1Bytes('_\r\n');

/** What a cut writer tells as its size: more than any limit. */
const CUT_BYTES = 2 ** 50;

/** Counts the errors that are sent, for INFO errorstats. */
export interface ErrorCounter {
  countError(error: ReplyError): void;
}

/** A place in the output, to which it can be cut back. */
export interface ReplyMark {
  chunkCount: number;
  position: number;
}

export class ReplyWriter {
  /** RESP3 shapes are written when true. */
  resp3 = false;
  bytes: Uint8Array = unsetBytes(CHUNK_BYTES);
  position = 0;
  /** Full chunks before the current one. */
  chunks: Uint8Array[] = [];
  chunkBytes = 0;
  /** Errors written since the writer was made: the engine compares before and after a command. */
  errorCount = 0;
  /** Bytes beyond which the output is thrown away: the client will be closed for it. */
  limitBytes: number = Number.POSITIVE_INFINITY;
  /** Set when that has happened. A handler that writes without end looks at it and stops. */
  isCut = false;
  readonly #counter: ErrorCounter;
  /** Views of the beginning of the buffer by their length, and the buffer that they are of. */
  #views: (Uint8Array | undefined)[] = [];
  #viewed: Uint8Array = NO_BYTES;
  readonly #scratch = new Uint8Array(MAX_DOUBLE_BYTES);
  readonly #digits = new DoubleDigits();

  constructor(counter: ErrorCounter) {
    this.#counter = counter;
  }

  /** Bytes written and not yet taken. */
  get pendingBytes(): number {
    return this.chunkBytes + this.position;
  }

  /**
   * The output of the current chunk, true until the writer is reset or renewed. Making a view costs
   * as much as a small command, so those of short output are kept.
   */
  currentBytes(): Uint8Array {
    const { bytes, position } = this;
    const isKept = position < KEPT_VIEWS;
    if (isKept && this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#views = new Array(KEPT_VIEWS).fill(undefined);
    }
    let view = isKept ? this.#views[position] : undefined;
    if (view === undefined) {
      view = bytes.subarray(0, position);
      if (isKept) this.#views[position] = view;
    }
    return view;
  }

  /** Makes room for `size` bytes in one piece. */
  ensure(size: number): void {
    if (this.position + size > this.bytes.length) this.#nextChunk(size);
  }

  #nextChunk(size: number): void {
    if (this.isCut || this.chunkBytes + this.position > this.limitBytes) {
      this.#cut(size);
      return;
    }
    if (this.position > 0) {
      this.chunks.push(this.bytes.subarray(0, this.position));
      this.chunkBytes += this.position;
    }
    this.bytes = unsetBytes(Math.max(size, CHUNK_BYTES));
    this.position = 0;
  }

  /** Throws the output away, and what is written from now on. */
  #cut(size: number): void {
    this.isCut = true;
    if (this.chunks.length > 0) this.chunks = [];
    this.chunkBytes = CUT_BYTES;
    this.position = 0;
    if (size > this.bytes.length) this.bytes = unsetBytes(size);
  }

  /** Forgets all output; the buffer is kept when it has the common size. */
  reset(): void {
    this.position = 0;
    if (this.chunks.length > 0) this.chunks = [];
    this.chunkBytes = 0;
    this.isCut = false;
    if (this.bytes.length !== CHUNK_BYTES) this.bytes = unsetBytes(CHUNK_BYTES);
  }

  /** Gives the buffer away with its output and starts on a new one. */
  renew(): void {
    this.bytes = unsetBytes(CHUNK_BYTES);
    this.position = 0;
    this.chunks = [];
    this.chunkBytes = 0;
  }

  /** Remembers the current end of the output in `mark`. */
  mark(mark: ReplyMark): void {
    mark.chunkCount = this.chunks.length;
    mark.position = this.position;
  }

  /** Cuts the output back to a mark. */
  rollback(mark: ReplyMark): void {
    if (mark.chunkCount < this.chunks.length) {
      const chunk = this.chunks[mark.chunkCount]!;
      for (let i = mark.chunkCount; i < this.chunks.length; i++) {
        this.chunkBytes -= this.chunks[i]!.length;
      }
      this.chunks.length = mark.chunkCount;
      this.bytes = new Uint8Array(chunk.buffer);
    }
    this.position = mark.position;
  }

  /** Writes bytes as they are: a whole reply made by the caller. */
  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    copyBytes(this.bytes, this.position, bytes, 0, bytes.length);
    this.position += bytes.length;
  }

  #header(type: number, value: number): void {
    this.ensure(HEADER_MAX_BYTES);
    const { bytes } = this;
    let at = this.position;
    bytes[at++] = type;
    at += writeInteger(bytes, at, value);
    bytes[at++] = 13;
    bytes[at++] = 10;
    this.position = at;
  }

  /** A type byte and text of one character a byte. */
  #line(type: number, text: string): void {
    this.ensure(text.length + 3);
    this.bytes[this.position++] = type;
    this.#text(text);
  }

  /** Text of one character a byte and a line end; there is room. */
  #text(text: string): void {
    const { length } = text;
    const { bytes } = this;
    const at = this.position;
    for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    bytes[at + length] = 13;
    bytes[at + length + 1] = 10;
    this.position = at + length + 2;
  }

  ok(): void {
    this.raw(OK);
  }

  /** A simple string; it may not contain line ends. */
  simple(text: string): void {
    this.#line(43, text);
  }

  error(error: ReplyError): void {
    this.errorCount++;
    this.#counter.countError(error);
    this.raw(error.bytes);
  }

  /** An error from its text, code first. */
  errorText(text: string): void {
    this.error(replyError(text));
  }

  /** An integer that is exact as a double. */
  integer(value: number): void {
    this.#header(58, value);
  }

  bigInteger(value: bigint): void {
    this.#line(58, value.toString());
  }

  boolean(value: boolean): void {
    if (this.resp3) this.#line(35, value ? 't' : 'f');
    else this.integer(value ? 1 : 0);
  }

  /** A bulk string. */
  bulk(source: Uint8Array, offset: number, length: number): void {
    this.ensure(length + HEADER_MAX_BYTES);
    const { bytes } = this;
    let at = this.position;
    bytes[at] = 36;
    if (length < 10) {
      bytes[at + 1] = 48 + length;
      at += 2;
    } else if (length < 100) {
      const tens = (length * 205) >> 11;
      bytes[at + 1] = 48 + tens;
      bytes[at + 2] = 48 + length - tens * 10;
      at += 3;
    } else {
      at += 1 + writeInteger(bytes, at + 1, length);
    }
    bytes[at] = 13;
    bytes[at + 1] = 10;
    at += 2;
    copyBytes(bytes, at, source, offset, length);
    at += length;
    bytes[at] = 13;
    bytes[at + 1] = 10;
    this.position = at + 2;
  }

  bulkBytes(bytes: Uint8Array): void {
    this.bulk(bytes, 0, bytes.length);
  }

  /** A bulk string from text, as UTF-8. */
  bulkText(text: string): void {
    this.bulkBytes(Buffer.from(text, 'utf8'));
  }

  /** A bulk string from a string of one character a byte. */
  bulkLatin1(text: string): void {
    const { length } = text;
    if (length > SHORT_TEXT) {
      this.bulkBytes(Buffer.from(text, 'latin1'));
      return;
    }
    this.#header(36, length);
    this.ensure(SHORT_TEXT + 2);
    this.#text(text);
  }

  /** An integer that is exact as a double as a bulk string. */
  bulkInteger(value: number): void {
    this.ensure(2 * HEADER_MAX_BYTES);
    const { bytes } = this;
    let at = this.position;
    bytes[at] = 36;
    // The digits are written once, where they belong if there are fewer than ten.
    const length = writeInteger(bytes, at + 4, value);
    if (length < 10) bytes[at + 1] = 48 + length;
    else {
      bytes.copyWithin(at + 5, at + 4, at + 4 + length);
      bytes[at + 1] = 49;
      bytes[at + 2] = 38 + length;
      at++;
    }
    bytes[at + 2] = 13;
    bytes[at + 3] = 10;
    at += 4 + length;
    bytes[at] = 13;
    bytes[at + 1] = 10;
    this.position = at + 2;
  }

  /** The missing value: a null bulk string in RESP2. */
  null(): void {
    this.raw(this.resp3 ? NULL_3 : NULL_BULK_2);
  }

  /** The missing list: a null array in RESP2. */
  nullArray(): void {
    this.raw(this.resp3 ? NULL_3 : NULL_ARRAY_2);
  }

  array(count: number): void {
    this.#header(42, count);
  }

  /** A map of `count` pairs; in RESP2 an array of twice as many. */
  map(count: number): void {
    if (this.resp3) this.#header(37, count);
    else this.#header(42, count * 2);
  }

  set(count: number): void {
    this.#header(this.resp3 ? 126 : 42, count);
  }

  /** Out-of-band data; an array in RESP2. */
  push(count: number): void {
    this.#header(this.resp3 ? 62 : 42, count);
  }

  /** Attributes of the reply that follows; RESP3 only. */
  attribute(count: number): void {
    this.#header(124, count);
  }

  double(value: number): void {
    this.ensure(MAX_DOUBLE_BYTES + HEADER_MAX_BYTES);
    const length = writeDouble(this.#scratch, 0, value, this.#digits);
    if (!this.resp3) {
      this.bulk(this.#scratch, 0, length);
      return;
    }
    this.bytes[this.position++] = 44;
    copyBytes(this.bytes, this.position, this.#scratch, 0, length);
    this.position += length;
    this.bytes[this.position++] = 13;
    this.bytes[this.position++] = 10;
  }

  /** A number of any size in decimal. */
  bigNumber(digits: string): void {
    if (this.resp3) this.#line(40, digits);
    else this.bulkLatin1(digits);
  }

  /** Text with its format (`txt` or `mkd`); a bulk string in RESP2. */
  verbatim(format: string, text: string): void {
    if (!this.resp3) {
      this.bulkText(text);
      return;
    }
    const body = Buffer.from(`${format}:${text}`, 'utf8');
    this.#header(61, body.length);
    this.raw(body);
    this.raw(latin1Bytes('\r\n'));
  }
}
