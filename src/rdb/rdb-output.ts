// Where an RDB writer puts its bytes: one buffer that is used again and again, handed to a sink
// whenever it is full, with a running checksum over what was handed on. Numbers, lengths and
// strings are written here in the format's own ways. The sink must take the bytes before it
// returns: they are overwritten afterwards. Nothing is allocated for a string or number.

import { copyBytes } from '../bytes/copy.ts';
import { Crc64 } from '../bytes/crc64.ts';
import { parseInteger } from '../bytes/integer.ts';
import { LzfCompressor } from '../bytes/lzf.ts';
import { type LzfMachine, SHARED_LZF_BYTES, SharedLzf } from '../bytes/lzf-machine.ts';
import {
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './format.ts';

/** Takes the first `length` bytes of a buffer that will be used again. */
export type RdbSink = (bytes: Uint8Array, length: number) => void;

const DEFAULT_CHUNK_BYTES = 256 * 1024;
/** The first chunk is a small one: what hands chunks on is known when V8 compiles the rest. */
const FIRST_CHUNK_BYTES = 4096;
/** Bytes that the longest number or length takes. */
const NUMBER_ROOM = 16;
const TWO_32 = 0x100000000;
const TWO_63 = 2 ** 63;
/** Longest text of an integer of 32 bits. */
const MAX_INTEGER_TEXT = 11;
/** Strings up to this length are not worth compressing. */
const MIN_COMPRESSED = 20;
/** Longer ones would stop everything else for too long. */
const MAX_COMPRESSED = 16 * 1024 * 1024;
/** What has less to say does without it, too. */
const MACHINE_FROM_BYTES = 8192;

export interface RdbOutputOptions {
  /** `rdbcompression`. */
  readonly compresses: boolean;
  /** `rdbchecksum`: without it the checksum is 0, which means none. */
  readonly checksums: boolean;
  readonly chunkBytes?: number;
  /** The machine that packs long outputs; without it the output has its own. */
  readonly lzf?: SharedLzf;
}

export class RdbOutput {
  /** `rdbcompression`. */
  compresses: boolean;
  /** Bytes written so far, those in the buffer included. */
  get position(): number {
    return this.#flushed + this.#at;
  }
  readonly #sink: RdbSink;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #checksums: boolean;
  readonly #crc = new Crc64(true);
  readonly #lzf = new LzfCompressor();
  /** Asked for a machine when MACHINE_FROM_BYTES are written. */
  readonly #shared: SharedLzf;
  #compressed = new Uint8Array(4096);
  #at = 0;
  /** Where the chunk at hand ends. */
  #end: number;
  #flushed = 0;

  constructor(sink: RdbSink, options: RdbOutputOptions) {
    this.#sink = sink;
    this.#bytes = new Uint8Array(Math.max(options.chunkBytes ?? DEFAULT_CHUNK_BYTES, 64));
    this.#view = new DataView(this.#bytes.buffer);
    this.#end = Math.min(this.#bytes.length, FIRST_CHUNK_BYTES);
    this.compresses = options.compresses;
    this.#checksums = options.checksums;
    this.#shared = options.lzf ?? new SharedLzf();
  }

  /** Begins anew: position and checksum are those of nothing. */
  reset(): void {
    this.#at = 0;
    this.#flushed = 0;
    this.#crc.reset();
  }

  /** Hands what is in the buffer to the sink. */
  flush(): void {
    if (this.#at === 0) return;
    const length = this.#at;
    if (this.#checksums) this.#crc.update(this.#bytes, 0, length);
    this.#flushed += length;
    this.#at = 0;
    this.#end = this.#bytes.length;
    this.#sink(this.#bytes, length);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes > this.#end) this.flush();
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value;
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array, offset: number, length: number): void {
    let from = offset;
    let left = length;
    while (left > 0) {
      if (this.#at === this.#end) this.flush();
      const count = Math.min(left, this.#end - this.#at);
      copyBytes(this.#bytes, this.#at, bytes, from, count);
      this.#at += count;
      from += count;
      left -= count;
    }
  }

  /** A length or another unsigned number up to 2^53. */
  length(value: number): void {
    if (value < TWO_32) this.length64(0, value | 0);
    else this.length64(Math.floor(value / TWO_32) | 0, value | 0);
  }

  /** A number of 64 bits, given by its halves, in the form of a length. */
  length64(high: number, low: number): void {
    this.#reserve(NUMBER_ROOM);
    const bytes = this.#bytes;
    if (high !== 0) {
      bytes[this.#at++] = LENGTH_64;
      this.#view.setInt32(this.#at, high);
      this.#view.setInt32(this.#at + 4, low);
      this.#at += 8;
    } else if (low >= 0 && low < 64) bytes[this.#at++] = low;
    else if (low >= 0 && low < 16384) {
      bytes[this.#at++] = LENGTH_14 | (low >> 8);
      bytes[this.#at++] = low;
    } else {
      bytes[this.#at++] = LENGTH_32;
      this.#view.setInt32(this.#at, low);
      this.#at += 4;
    }
  }

  /** A time or count as 8 bytes, lowest first; exact integers up to 2^53, negative ones too. */
  int64(value: number): void {
    this.#reserve(NUMBER_ROOM);
    // The largest double below 2^63 is not the largest integer.
    const isOver = value >= TWO_63;
    this.#view.setInt32(this.#at, isOver ? -1 : value | 0, true);
    this.#view.setInt32(this.#at + 4, isOver ? 0x7fffffff : Math.floor(value / TWO_32) | 0, true);
    this.#at += 8;
  }

  double(value: number): void {
    this.#reserve(NUMBER_ROOM);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** The words of a stream's ID as 16 bytes, highest first, which sort as the IDs do. */
  streamId(msHigh: number, msLow: number, seqHigh: number, seqLow: number): void {
    this.#reserve(NUMBER_ROOM);
    const view = this.#view;
    const at = this.#at;
    view.setInt32(at, msHigh);
    view.setInt32(at + 4, msLow);
    view.setInt32(at + 8, seqHigh);
    view.setInt32(at + 12, seqLow);
    this.#at = at + 16;
  }

  /** A string: as an integer of up to 32 bits, compressed, or with its length before it. */
  string(bytes: Uint8Array, offset: number, length: number): void {
    if (length <= MAX_INTEGER_TEXT && length > 0 && this.#integer(bytes, offset, length)) return;
    if (this.compresses && length > MIN_COMPRESSED && length <= MAX_COMPRESSED) {
      if (this.#packed(bytes, offset, length)) return;
    }
    this.length(length);
    this.raw(bytes, offset, length);
  }

  #integer(bytes: Uint8Array, offset: number, length: number): boolean {
    const first = bytes[offset]!;
    if (first > 57 || (first < 48 && first !== 45)) return false;
    const value = parseInteger(bytes, offset, length);
    if (Number.isNaN(value) || value !== (value | 0)) return false;
    this.#reserve(NUMBER_ROOM);
    const target = this.#bytes;
    if (value >= -128 && value <= 127) {
      target[this.#at++] = STRING_INT8;
      target[this.#at++] = value;
    } else if (value >= -32768 && value <= 32767) {
      target[this.#at++] = STRING_INT16;
      target[this.#at++] = value;
      target[this.#at++] = value >> 8;
    } else {
      target[this.#at++] = STRING_INT32;
      this.#view.setInt32(this.#at, value, true);
      this.#at += 4;
    }
    return true;
  }

  #packed(bytes: Uint8Array, offset: number, length: number): boolean {
    const limit = length - 4;
    if (length <= SHARED_LZF_BYTES && this.position > MACHINE_FROM_BYTES) {
      const machine = this.#shared.get();
      if (machine !== null) return this.#packedBy(machine, bytes, offset, length);
    }
    if (this.#compressed.length <= limit) this.#compressed = new Uint8Array(limit * 2);
    const packed = this.#lzf.compress(bytes, offset, length, this.#compressed, 0, limit);
    if (packed === 0) return false;
    this.#writePacked(this.#compressed, packed, length);
    return true;
  }

  #packedBy(machine: LzfMachine, bytes: Uint8Array, offset: number, length: number): boolean {
    copyBytes(machine.input, 0, bytes, offset, length);
    const packed = machine.pack(0, length, length - 4);
    if (packed === 0) return false;
    this.#writePacked(machine.output, packed, length);
    return true;
  }

  #writePacked(bytes: Uint8Array, packed: number, length: number): void {
    this.byte(STRING_LZF);
    this.length64(0, packed);
    this.length64(0, length);
    this.raw(bytes, 0, packed);
  }

  /** The checksum of all that was written: 8 bytes, or zeros where none is wanted. */
  checksum(): void {
    this.flush();
    if (this.#checksums) this.#crc.write(this.#bytes, 0);
    else this.#bytes.fill(0, 0, 8);
    this.#at = 8;
  }
}
