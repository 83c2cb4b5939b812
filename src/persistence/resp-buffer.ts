// Commands as RESP in a buffer that grows: what a rewrite of the append-only file writes.

import { latin1Bytes } from '../bytes/ascii.ts';
import { copyBytes } from '../bytes/copy.ts';
import { writeInteger } from '../bytes/integer.ts';
import type { TakeBytes } from './snapshot-writer.ts';

const FIRST_BYTES = 128 * 1024;
const LINE_MAX_BYTES = 24;
const STAR = 42;
const DOLLAR = 36;

export class RespBuffer {
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  length = 0;
  readonly #digits = new Uint8Array(LINE_MAX_BYTES);

  /** Begins a command with so many parts. */
  command(count: number): void {
    this.#line(STAR, count);
  }

  bulk(bytes: Uint8Array, offset: number, length: number): void {
    this.#line(DOLLAR, length);
    this.#room(length + 2);
    copyBytes(this.#bytes, this.length, bytes, offset, length);
    this.#end(this.length + length);
  }

  /** A part of one character a byte. */
  text(text: string): void {
    const bytes = latin1Bytes(text);
    this.bulk(bytes, 0, bytes.length);
  }

  integer(value: number): void {
    const length = writeInteger(this.#digits, 0, value);
    this.bulk(this.#digits, 0, length);
  }

  /** The first `length` bytes as they are. */
  raw(bytes: Uint8Array, length: number): void {
    this.#room(length);
    copyBytes(this.#bytes, this.length, bytes, 0, length);
    this.length += length;
  }

  #line(mark: number, value: number): void {
    this.#room(LINE_MAX_BYTES);
    this.#bytes[this.length] = mark;
    this.#end(this.length + 1 + writeInteger(this.#bytes, this.length + 1, value));
  }

  #end(at: number): void {
    this.#bytes[at] = 13;
    this.#bytes[at + 1] = 10;
    this.length = at + 2;
  }

  #room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  /** Hands on all there is. @param take takes the bytes before it returns */
  giveTo(take: TakeBytes): void {
    const { length } = this;
    this.length = 0;
    take(this.#bytes, length);
    if (this.#bytes.length > FIRST_BYTES * 8) this.#bytes = new Uint8Array(FIRST_BYTES);
  }
}
