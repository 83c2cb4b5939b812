// The bytes that an RDB reader has been fed and not used yet, and how numbers, lengths and strings
// are read from them. When bytes are missing, `isShort` is set and all further reads return 0: the
// reader goes back to its `mark` and tries again when `hasEnough`. So a reader may be written as if
// all bytes were there, as long as it changes nothing before it has looked at `isShort`.

import { copyBytes } from '../bytes/copy.ts';
import { Crc64 } from '../bytes/crc64.ts';
import { writeInteger } from '../bytes/integer.ts';
import { lzfDecompress } from '../bytes/lzf.ts';
import {
  LENGTH_32,
  LENGTH_64,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './format.ts';

const INITIAL_BYTES = 65536;
const TWO_32 = 0x100000000;
/** No block of the arena is larger. */
const MAX_STRING = 0x7fffff00;
/** One step of LZF makes at most 264 bytes of 3. */
const MAX_EXPANSION = 88;

/** Room for one string that was read; its bytes are true until the input is fed or used on. */
export class RdbText {
  bytes: Uint8Array = new Uint8Array(0);
  offset = 0;
  length = 0;
  /** Room for digits and for what was compressed. */
  own: Uint8Array = new Uint8Array(64);

  toString(): string {
    return Buffer.from(this.bytes.subarray(this.offset, this.offset + this.length)).toString(
      'latin1',
    );
  }
}

export class RdbInput {
  isShort = false;
  /** What is wrong with the bytes; empty while nothing is. */
  problem = '';
  /** The halves of the number that `length` read last. */
  high = 0;
  low = 0;
  /** Whether the first byte of the last `length` announced a special string. */
  isSpecial = false;
  /** Where in the whole the key begins that is read, its time and use included. */
  keyPosition = 0;
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  #end = 0;
  #mark = 0;
  /** Bytes from the mark on that the last attempt has asked for. */
  #wanted = 0;
  /** Bytes of the whole that lie before the buffer. */
  #before = 0;
  readonly #crc = new Crc64(true);
  #crcAt = 0;
  readonly #sums: boolean;

  /** @param sums whether a checksum is kept of what was used. */
  constructor(sums: boolean) {
    this.#sums = sums;
    this.#bytes = new Uint8Array(INITIAL_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes used so far. */
  get position(): number {
    return this.#before + this.#at;
  }

  /** The bytes that were fed, true until more are; those that wait lie from `at` to `end`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get at(): number {
    return this.#at;
  }

  /** Whoever reads from `bytes` says so how far it came. */
  set at(at: number) {
    this.#at = at;
  }

  get end(): number {
    return this.#end;
  }

  /** Bytes that wait. */
  get available(): number {
    return this.#end - this.#at;
  }

  /** Begins anew with nothing but these bytes, which are not copied. */
  use(bytes: Uint8Array, offset: number, length: number): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = offset;
    this.#mark = offset;
    this.#end = offset + length;
    this.#before = -offset;
    this.isShort = false;
    this.problem = '';
  }

  /** Adds bytes behind those that wait; they are copied. */
  feed(bytes: Uint8Array, offset: number, length: number): void {
    this.#sum();
    const waiting = this.#end - this.#at;
    if (this.#end + length > this.#bytes.length) {
      if (waiting + length > this.#bytes.length) {
        const larger = new Uint8Array(Math.max(waiting + length, this.#bytes.length * 2));
        copyBytes(larger, 0, this.#bytes, this.#at, waiting);
        this.#bytes = larger;
        this.#view = new DataView(larger.buffer);
      } else this.#bytes.copyWithin(0, this.#at, this.#end);
      this.#before += this.#at;
      this.#at = 0;
      this.#mark = 0;
      this.#crcAt = 0;
      this.#end = waiting;
    }
    copyBytes(this.#bytes, this.#end, bytes, offset, length);
    this.#end += length;
  }

  #sum(): void {
    if (this.#sums) this.#crc.update(this.#bytes, this.#crcAt, this.#at - this.#crcAt);
    this.#crcAt = this.#at;
  }

  /** True when what the last attempt asked for is there. */
  get hasEnough(): boolean {
    return this.#end - this.#mark >= this.#wanted;
  }

  /** What is read from here on is read again after `rewind`. */
  mark(): void {
    this.#mark = this.#at;
    this.#wanted = 0;
  }

  rewind(): void {
    this.#at = this.#mark;
    this.isShort = false;
  }

  /** True when so many bytes are there; otherwise the input is short of them. */
  #has(count: number): boolean {
    if (this.isShort) return false;
    if (this.#end - this.#at >= count) return true;
    this.isShort = true;
    this.#wanted = this.#at - this.#mark + count;
    return false;
  }

  /** Says what is wrong; the first time counts. */
  fail(problem: string): void {
    if (this.problem === '') this.problem = problem;
  }

  byte(): number {
    return this.#has(1) ? this.#bytes[this.#at++]! : 0;
  }

  /** A length or another number in that form; `high` and `low` have all 64 bits of it. */
  length(): number {
    const first = this.byte();
    this.isSpecial = first >= STRING_INT8;
    this.high = 0;
    if (first < 0x40) this.low = first;
    else if (first < LENGTH_32) this.low = ((first & 63) << 8) | this.byte();
    else if (first === LENGTH_32) this.low = this.#word();
    else if (first === LENGTH_64) {
      this.high = this.#word();
      this.low = this.#word();
    } else if (this.isSpecial) this.low = first;
    else {
      this.low = 0;
      this.fail(`Unknown length encoding ${first} in rdbLoadLen()`);
    }
    if (this.isShort) return 0;
    return (this.high >>> 0) * TWO_32 + (this.low >>> 0);
  }

  /** A plain length: a special string in its place is an error. */
  count(): number {
    const value = this.length();
    if (this.isSpecial && !this.isShort) this.fail('A length is expected, a string was found');
    return value;
  }

  #word(): number {
    if (!this.#has(4)) return 0;
    const value = this.#view.getInt32(this.#at);
    this.#at += 4;
    return value;
  }

  /** A word of 32 bits, highest byte first. */
  word(): number {
    return this.#word();
  }

  /** A time or count of 8 bytes, lowest first, as the nearest double. */
  int64(): number {
    if (!this.#has(8)) return 0;
    const low = this.#view.getInt32(this.#at, true);
    const high = this.#view.getInt32(this.#at + 4, true);
    this.#at += 8;
    return high * TWO_32 + (low >>> 0);
  }

  /** A time of 8 bytes at an index of `bytes`, as `int64` reads it. */
  int64At(at: number): number {
    return this.#view.getInt32(at + 4, true) * TWO_32 + (this.#view.getInt32(at, true) >>> 0);
  }

  int32(): number {
    if (!this.#has(4)) return 0;
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4, true);
  }

  double(): number {
    if (!this.#has(8)) return 0;
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  /** Passes over bytes. */
  skip(count: number): void {
    if (this.#has(count)) this.#at += count;
  }

  /** The next `length` bytes as they are. */
  raw(length: number, text: RdbText): void {
    if (!this.#has(length)) {
      text.length = 0;
      return;
    }
    text.bytes = this.#bytes;
    text.offset = this.#at;
    text.length = length;
    this.#at += length;
  }

  /** A string in any of its forms. */
  string(text: RdbText): void {
    const length = this.length();
    text.length = 0;
    if (this.isShort || this.problem !== '') return;
    if (this.isSpecial) this.#special(this.low, text);
    else if (length > MAX_STRING) this.fail(`A string of ${length} bytes is too large`);
    else this.raw(length, text);
  }

  #special(kind: number, text: RdbText): void {
    if (kind === STRING_LZF) {
      this.#packed(text);
      return;
    }
    let value = 0;
    if (kind === STRING_INT8) value = (this.byte() << 24) >> 24;
    else if (kind === STRING_INT16) value = ((this.byte() | (this.byte() << 8)) << 16) >> 16;
    else if (kind === STRING_INT32) value = this.int32();
    else this.fail(`Unknown RDB string encoding type ${kind & 63}`);
    text.bytes = text.own;
    text.offset = 0;
    text.length = writeInteger(text.own, 0, value);
  }

  #packed(text: RdbText): void {
    const packed = this.count();
    const length = this.count();
    if (this.isShort || this.problem !== '') return;
    if (length > MAX_STRING || length > packed * MAX_EXPANSION) {
      this.fail('Invalid LZF compressed string');
      return;
    }
    if (!this.#has(packed)) return;
    if (text.own.length < length) text.own = new Uint8Array(Math.max(length, text.own.length * 2));
    if (!lzfDecompress(this.#bytes, this.#at, packed, text.own, 0, length)) {
      this.fail('Invalid LZF compressed string');
    }
    this.#at += packed;
    text.bytes = text.own;
    text.offset = 0;
    text.length = length;
  }

  /** Reads the checksum at the end of a file. @returns false when there is one and it is wrong. */
  checksum(): boolean {
    if (!this.#has(8)) return true;
    this.#sum();
    const isNone =
      this.#view.getInt32(this.#at, true) === 0 && this.#view.getInt32(this.#at + 4, true) === 0;
    const isEqual = isNone || !this.#sums || this.#crc.equals(this.#bytes, this.#at);
    this.#at += 8;
    this.#crcAt = this.#at;
    return isEqual;
  }
}
