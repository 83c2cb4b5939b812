// Ziplists and zipmaps: how Redis before 7.0 and 2.6 kept small values. They are only read, element
// by element, from bytes of which nothing is believed.
//
//   ziplist  | bytes, 4 | offset of the last entry, 4 | entries, 2 | entry | ... | 0xff |
//   entry    | length of the one before, 1 or 5 | encoding | data |
//   zipmap   | pairs or 254 | length | field | length | spare, 1 | value | spare bytes | ... | 0xff |

import { writeInt64 } from '../bytes/int64.ts';
import { writeInteger } from '../bytes/integer.ts';

const ZIPLIST_HEADER_BYTES = 10;
const END = 0xff;
const LONG = 0xfe;
const COUNT_UNKNOWN = 65535;

/** Goes over the elements of one old structure; `next` loads the text of each. */
export interface OldElements {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
  /** False as soon as something was found that is not sound. */
  readonly isSound: boolean;
  next(): boolean;
}

export class ZiplistElements implements OldElements {
  bytes: Uint8Array;
  offset = 0;
  length = 0;
  isSound = true;
  readonly #data: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;
  readonly #end: number;
  readonly #digits = new Uint8Array(24);
  #at: number;
  #before = 0;
  #count = 0;

  constructor(data: Uint8Array, offset: number, length: number) {
    this.#data = data;
    this.bytes = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#start = offset;
    this.#end = offset + length - 1;
    this.#at = offset + ZIPLIST_HEADER_BYTES;
    this.isSound =
      length > ZIPLIST_HEADER_BYTES &&
      this.#view.getUint32(offset, true) === length &&
      data[this.#end] === END;
  }

  /** Loads the next element. @returns false at the end, and where the bytes are not sound. */
  next(): boolean {
    if (!this.isSound) return false;
    if (this.#at === this.#end) {
      this.isSound = this.#endsWell();
      return false;
    }
    const entry = this.#at;
    if (!this.#readBefore() || !this.#readText()) {
      this.isSound = false;
      return false;
    }
    this.#before = this.#at - entry;
    this.#count++;
    return true;
  }

  #endsWell(): boolean {
    const count = this.#view.getUint16(this.#start + 8, true);
    const tail = this.#view.getUint32(this.#start + 4, true);
    const isCounted = count === COUNT_UNKNOWN || count === this.#count;
    const last = this.#count === 0 ? ZIPLIST_HEADER_BYTES : this.#end - this.#before - this.#start;
    return isCounted && tail === last;
  }

  #has(count: number): boolean {
    return this.#at + count <= this.#end;
  }

  #readBefore(): boolean {
    if (!this.#has(1)) return false;
    let before = this.#data[this.#at++]!;
    if (before === END) return false;
    if (before === LONG) {
      if (!this.#has(4)) return false;
      before = this.#view.getUint32(this.#at, true);
      this.#at += 4;
    }
    return before === this.#before;
  }

  #readText(): boolean {
    if (!this.#has(1)) return false;
    const first = this.#data[this.#at++]!;
    if (first >= 0xc0) return this.#readInteger(first);
    let length = first & 63;
    if (first >= 0x80) {
      if (!this.#has(4)) return false;
      length = this.#view.getUint32(this.#at);
      this.#at += 4;
    } else if (first >= 0x40) {
      if (!this.#has(1)) return false;
      length = (length << 8) | this.#data[this.#at++]!;
    }
    if (!this.#has(length)) return false;
    this.bytes = this.#data;
    this.offset = this.#at;
    this.length = length;
    this.#at += length;
    return true;
  }

  #readInteger(first: number): boolean {
    const bytes = INTEGER_BYTES[first] ?? (first >= 0xf1 && first <= 0xfd ? 0 : -1);
    if (bytes < 0 || !this.#has(bytes)) return false;
    const view = this.#view;
    const at = this.#at;
    this.#at += bytes;
    this.bytes = this.#digits;
    this.offset = 0;
    if (bytes === 8) {
      const high = view.getInt32(at + 4, true);
      this.length = writeInt64(this.#digits, high, view.getInt32(at, true));
      return true;
    }
    let value = (first & 15) - 1;
    if (bytes === 1) value = view.getInt8(at);
    else if (bytes === 2) value = view.getInt16(at, true);
    else if (bytes === 3) value = (view.getInt8(at + 2) << 16) | view.getUint16(at, true);
    else if (bytes === 4) value = view.getInt32(at, true);
    this.length = writeInteger(this.#digits, 0, value);
    return true;
  }
}

const INTEGER_BYTES: Readonly<Record<number, number>> = {
  192: 2,
  208: 4,
  224: 8,
  240: 3,
  254: 1,
};

/** Fields and values in turn. */
export class ZipmapElements implements OldElements {
  readonly bytes: Uint8Array;
  offset = 0;
  length = 0;
  isSound = true;
  readonly #view: DataView;
  readonly #start: number;
  readonly #end: number;
  #at: number;
  #isValue = false;
  #pairs = 0;

  constructor(data: Uint8Array, offset: number, length: number) {
    this.bytes = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#start = offset;
    this.#end = offset + length - 1;
    this.#at = offset + 1;
    this.isSound = length >= 2 && data[this.#end] === END;
  }

  next(): boolean {
    if (!this.isSound) return false;
    if (this.#at === this.#end && !this.#isValue) {
      const pairs = this.bytes[this.#start]!;
      const isCounted = pairs === LONG || pairs === this.#pairs;
      // Redis has no empty zipmaps.
      if (!isCounted || this.#pairs === 0) this.isSound = false;
      return false;
    }
    this.isSound = this.#read();
    return this.isSound;
  }

  #read(): boolean {
    if (this.#at >= this.#end) return false;
    let length = this.bytes[this.#at++]!;
    if (length === END) return false;
    if (length === LONG) {
      if (this.#at + 4 > this.#end) return false;
      length = this.#view.getUint32(this.#at, true);
      // What fits into one byte must be written so.
      if (length < LONG) return false;
      this.#at += 4;
    }
    let spare = 0;
    if (this.#isValue) {
      if (this.#at >= this.#end) return false;
      spare = this.bytes[this.#at++]!;
      this.#pairs++;
    }
    if (this.#at + length + spare > this.#end) return false;
    this.offset = this.#at;
    this.length = length;
    this.#at += length + spare;
    this.#isValue = !this.#isValue;
    return true;
  }
}
