// The bytes that an RDB reader has been fed and not used yet, and how numbers, lengths and strings
// are read from them. When bytes are missing, `isShort` is set and all further reads return 0: the
// reader goes back to its `mark` and tries again when `hasEnough`. So a reader may be written as if
// all bytes were there, as long as it changes nothing before it has looked at `isShort`.

import { copyBytes } from '../bytes/copy.ts';
import { Crc64 } from '../bytes/crc64.ts';
import { writeInteger } from '../bytes/integer.ts';
import { lzfDecompress } from '../bytes/lzf.ts';
import { LZF_OUTPUT_BYTES, LzfMachine } from '../bytes/lzf-machine.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  LENGTH_32,
  LENGTH_64,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './format.ts';

const INITIAL_BYTES = 65536;
/** Room for what a file is read in at once, behind what waits. */
const MACHINE_BYTES = 640 * 1024;
/** Longer blocks are not copied word by word. */
const MAX_LOOP_WORDS = 64;
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
  /** Whether the file had a checksum, after its end. */
  hasChecksum = false;
  /** Bytes of the string that `block` has read last. */
  blockLength = 0;
  /** Where in the whole the key begins that is read, its time and use included. */
  keyPosition = 0;
  #bytes: Uint8Array;
  #view: DataView;
  /** Unpacks what lies in its own memory, where all bytes of a file are while there is room. */
  #machine: LzfMachine | null = null;
  #wantsMachine: boolean;
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

  /**
   * @param sums whether a checksum is kept of what was used.
   * @param isOfFile whether megabytes may come, for which a machine is made then.
   */
  constructor(sums: boolean, isOfFile = false) {
    this.#sums = sums;
    this.#wantsMachine = isOfFile;
    this.#bytes = new Uint8Array(INITIAL_BYTES);
    this.#view = viewOf(this.#bytes);
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
    this.#view = viewOf(bytes);
    this.#at = offset;
    this.#mark = offset;
    this.#end = offset + length;
    this.#before = 0 - offset;
    this.isShort = false;
    this.problem = '';
  }

  /** Adds bytes behind those that wait; they are copied. */
  feed(bytes: Uint8Array, offset: number, length: number): void {
    this.#sum();
    const waiting = this.#end - this.#at;
    if (this.#end + length > this.#bytes.length) {
      this.#makeRoom(waiting, length);
      this.#before += this.#at;
      this.#at = 0;
      this.#mark = 0;
      this.#crcAt = 0;
      this.#end = waiting;
    }
    copyBytes(this.#bytes, this.#end, bytes, offset, length);
    this.#end += length;
  }

  /** Moves what waits to the beginning of a buffer with room for `length` bytes more. */
  #makeRoom(waiting: number, length: number): void {
    const needed = waiting + length;
    if (this.#wantsMachine && needed > this.#bytes.length) {
      this.#machine = LzfMachine.create(MACHINE_BYTES);
      this.#wantsMachine = false;
    }
    const own = this.#machine?.input ?? this.#bytes;
    if (this.#bytes !== own && needed <= own.length) this.#moveTo(own, waiting);
    else if (needed <= this.#bytes.length) this.#bytes.copyWithin(0, this.#at, this.#end);
    else this.#moveTo(new Uint8Array(Math.max(needed, this.#bytes.length * 2)), waiting);
  }

  #moveTo(room: Uint8Array, waiting: number): void {
    copyBytes(room, 0, this.#bytes, this.#at, waiting);
    this.#bytes = room;
    this.#view = viewOf(room);
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
    // Nearly always: a product would be a double to V8, and all that is computed from it.
    if (this.high === 0) return this.low >>> 0;
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
    const at = this.#at;
    const first = at < this.#end ? this.#bytes[at]! : LENGTH_32;
    // Nearly always: a short one, which is there.
    if (first < 64 && at + first < this.#end && !this.isShort && this.problem === '') {
      text.bytes = this.#bytes;
      text.offset = at + 1;
      text.length = first;
      this.#at = at + 1 + first;
      return;
    }
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
    if (!this.unpack(this.#at, packed, text.own, 0, length)) {
      this.fail('Invalid LZF compressed string');
    }
    this.#at += packed;
    text.bytes = text.own;
    text.offset = 0;
    text.length = length;
  }

  #mayUseMachine(length: number): boolean {
    return this.#bytes === this.#machine?.input && length <= LZF_OUTPUT_BYTES;
  }

  /**
   * Unpacks LZF that lies at an index of `bytes`.
   * @param length the bytes that must come out, for which there is room at `offset`.
   * @returns false when it is not sound.
   */
  unpack(
    at: number,
    packedLength: number,
    target: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    if (!this.#mayUseMachine(length)) {
      return lzfDecompress(this.#bytes, at, packedLength, target, offset, length);
    }
    const machine = this.#machine!;
    if (!machine.unpack(at, packedLength, length)) return false;
    copyBytes(target, offset, machine.output, 0, length);
    return true;
  }

  /** The same into a block of the arena, behind `prefixBytes`, a multiple of 8. */
  unpackBlock(
    at: number,
    packedLength: number,
    arena: Arena,
    block: number,
    length: number,
    prefixBytes = 0,
  ): boolean {
    const slot = block >>> SLOT_SHIFT;
    const granule = (block & GRANULE_MASK) + (prefixBytes >> 3);
    const count = (length + 3) >> 2;
    if (!this.#mayUseMachine(length) || count > MAX_LOOP_WORDS) {
      return this.unpack(at, packedLength, arena.bytes[slot]!, granule << 3, length);
    }
    const machine = this.#machine!;
    if (!machine.unpack(at, packedLength, length)) return false;
    copyWords(arena.words[slot]!, granule << 1, machine.outputWords, count);
    return true;
  }

  /**
   * A string as a block of the arena, which is the caller's.
   * @param prefixBytes that are left free at its beginning, a multiple of 8.
   * @returns the block, of `blockLength` bytes; 0 where there is none, with `isShort` or `problem`
   *   unless the string is empty.
   */
  block(arena: Arena, prefixBytes = 0): number {
    const length = this.length();
    this.blockLength = 0;
    if (this.isShort || this.problem !== '') return NULL_REF;
    if (!this.isSpecial) {
      if (length > MAX_STRING) this.fail(`A string of ${length} bytes is too large`);
      if (length === 0 || this.problem !== '' || !this.#has(length)) return NULL_REF;
      const block = arena.alloc(prefixBytes + length);
      const target = arena.bytes[block >>> SLOT_SHIFT]!;
      const start = ((block & GRANULE_MASK) << 3) + prefixBytes;
      copyBytes(target, start, this.#bytes, this.#at, length);
      this.#at += length;
      this.blockLength = length;
      return block;
    }
    if (this.low !== STRING_LZF) {
      this.fail('Listpack integrity check failed.');
      return NULL_REF;
    }
    return this.#packedBlock(arena, prefixBytes);
  }

  #packedBlock(arena: Arena, prefixBytes: number): number {
    const packed = this.count();
    const length = this.count();
    if (this.isShort || this.problem !== '') return NULL_REF;
    const isPossible = length > 0 && length <= MAX_STRING && length <= packed * MAX_EXPANSION;
    if (!isPossible) {
      this.fail('Invalid LZF compressed string');
      return NULL_REF;
    }
    if (!this.#has(packed)) return NULL_REF;
    const block = arena.alloc(prefixBytes + length);
    if (!this.unpackBlock(this.#at, packed, arena, block, length, prefixBytes)) {
      arena.free(block);
      this.fail('Invalid LZF compressed string');
      return NULL_REF;
    }
    this.#at += packed;
    this.blockLength = length;
    return block;
  }

  /** Reads the checksum at the end of a file. @returns false when there is one and it is wrong. */
  checksum(): boolean {
    if (!this.#has(8)) return true;
    this.#sum();
    const isNone =
      this.#view.getInt32(this.#at, true) === 0 && this.#view.getInt32(this.#at + 4, true) === 0;
    this.hasChecksum = !isNone;
    const isEqual = isNone || !this.#sums || this.#crc.equals(this.#bytes, this.#at);
    this.#at += 8;
    this.#crcAt = this.#at;
    return isEqual;
  }
}

/** Four words a step, as copyBytes has it; what a block has behind its last byte may change. */
function copyWords(target: Int32Array, at: number, source: Int32Array, count: number): void {
  let to = at;
  for (let i = 0; i < count; i += 4, to += 4) {
    const a = source[i]!;
    const b = source[i + 1]!;
    target[to] = a;
    target[to + 1] = b;
    if (i + 2 >= count) return;
    const c = source[i + 2]!;
    const d = source[i + 3]!;
    target[to + 2] = c;
    target[to + 3] = d;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
