// The arguments of one command as views into the bytes they arrived in: an array of offsets and one
// of lengths, reused from command to command. Nothing is copied or made into a string until a
// handler asks for it. The bytes belong to whoever fills the views and are true until the handler
// returns.

import { equalsWord, latin1String, untilNul } from '../bytes/ascii.ts';
import { changing } from '../bytes/changing-fields.ts';
import { parseBigInt64, parseInteger } from '../bytes/integer.ts';

const INITIAL_COUNT = 64;

export class Args {
  /** The array that all arguments lie in. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Number of arguments, the command's name included. */
  count = 0;
  offsets: Int32Array = new Int32Array(INITIAL_COUNT);
  lengths: Int32Array = new Int32Array(INITIAL_COUNT);

  static {
    changing(new Args(), ['offsets', 'lengths']);
  }

  /** Adds an argument of `length` bytes at `offset`. */
  push(offset: number, length: number): void {
    if (this.count === this.offsets.length) this.#grow();
    this.offsets[this.count] = offset;
    this.lengths[this.count] = length;
    this.count++;
  }

  #grow(): void {
    const offsets = new Int32Array(this.count * 2);
    const lengths = new Int32Array(this.count * 2);
    offsets.set(this.offsets);
    lengths.set(this.lengths);
    this.offsets = offsets;
    this.lengths = lengths;
  }

  /** Forgets the arguments; views that a giant command made are given back. */
  clear(): void {
    this.count = 0;
    if (this.offsets.length > 65536) {
      this.offsets = new Int32Array(INITIAL_COUNT);
      this.lengths = new Int32Array(INITIAL_COUNT);
    }
  }

  /** Replaces the arguments by copies of `parts` (text as latin1). */
  set(parts: readonly (string | Uint8Array)[]): void {
    this.clear();
    const buffers = parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : part,
    );
    let total = 0;
    for (const buffer of buffers) total += buffer.length;
    this.bytes = new Uint8Array(total);
    let offset = 0;
    for (const buffer of buffers) {
      this.bytes.set(buffer, offset);
      this.push(offset, buffer.length);
      offset += buffer.length;
    }
  }

  /** A copy that owns its bytes, for a command that has to wait. */
  copy(): Args {
    const copy = new Args();
    const parts: Uint8Array[] = [];
    for (let i = 0; i < this.count; i++) parts.push(this.slice(i));
    copy.set(parts);
    return copy;
  }

  /**
   * True when argument `i` spells `word` (upper case bytes) in any case. A NUL ends the argument,
   * as in Redis, which compares words as C does.
   */
  is(i: number, word: Uint8Array): boolean {
    const offset = this.offsets[i]!;
    const length = this.lengths[i]!;
    if (length > word.length && this.bytes[offset + word.length] === 0) {
      return equalsWord(this.bytes, offset, word.length, word);
    }
    return equalsWord(this.bytes, offset, length, word);
  }

  /** Bytes of argument `i` up to its first NUL. */
  shownLength(i: number): number {
    const offset = this.offsets[i]!;
    const length = this.lengths[i]!;
    for (let at = 0; at < length; at++) if (this.bytes[offset + at] === 0) return at;
    return length;
  }

  /** Argument `i` as a 64-bit integer, nearest double beyond 2^53; NaN when it is not one. */
  integer(i: number): number {
    return parseInteger(this.bytes, this.offsets[i]!, this.lengths[i]!);
  }

  /** Whether the 64-bit integer in argument `i` is greater than the one in `j`, exactly. */
  isGreater(i: number, j: number): boolean {
    const { bytes, offsets, lengths } = this;
    const [a, b] = [this.integer(i), this.integer(j)];
    if (a !== b || Number.isSafeInteger(a)) return a > b;
    const exact = parseBigInt64(bytes, offsets[i]!, lengths[i]!) ?? 0n;
    return exact > (parseBigInt64(bytes, offsets[j]!, lengths[j]!) ?? 0n);
  }

  /** Argument `i` as a string of one character a byte. */
  latin1(i: number): string {
    return latin1String(this.bytes, this.offsets[i]!, this.lengths[i]!);
  }

  /** Argument `i` up to its first NUL, one character a byte: what Redis shows of it in an error. */
  shown(i: number): string {
    return untilNul(this.latin1(i));
  }

  /** Argument `i` as its client meant it, decoded from UTF-8. */
  text(i: number): string {
    const offset = this.offsets[i]!;
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + offset, this.lengths[i]!).toString('utf8');
  }

  /** A copy of argument `i`. */
  slice(i: number): Uint8Array {
    const offset = this.offsets[i]!;
    return this.bytes.slice(offset, offset + this.lengths[i]!);
  }

  /** Bytes of all arguments together. */
  get totalBytes(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += this.lengths[i]!;
    return sum;
  }

  /** Adds `delta` to all offsets, after the bytes were moved. */
  rebase(bytes: Uint8Array, delta: number): void {
    this.bytes = bytes;
    for (let i = 0; i < this.count; i++) this.offsets[i] = this.offsets[i]! + delta;
  }
}
