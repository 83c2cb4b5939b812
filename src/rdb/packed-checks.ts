// Whether the bytes of a listpack, intset or stream node are sound. The arena is memory without
// walls: a length that lies would lead a reader out of its block. So these checks are made of
// everything that is loaded; what `sanitize-dump-payload` adds is the search for duplicates.

import { parseDouble } from '../bytes/double.ts';
import {
  backLengthBytes,
  END,
  elementBytesAt,
  elementBytesBefore,
  integerValueAt,
  isIntegerEncoding,
  textHeaderBytes,
  textLengthAt,
} from '../structures/listpack-element.ts';

const HEADER_BYTES = 6;
const COUNT_UNKNOWN = 65535;
const INTSET_HEADER_BYTES = 8;
const DELETED = 1;
const SAME_FIELDS = 2;
/** Elements of a stream's entry beside its fields: flags, ms, seq. */
const ENTRY_HEAD = 3;

/** Bytes of the element at `at`, which must end before `end`; 0 when it is not sound. */
function soundElementBytes(data: Uint8Array, at: number, end: number): number {
  const first = data[at]!;
  // Small numbers and short texts, which most are, have one byte of header and one behind.
  if (first < 0xc0) {
    const short = first < 0x80 ? 1 : first - 0x7f;
    return at + short < end && data[at + short] === short ? short + 1 : 0;
  }
  let body: number;
  if (isIntegerEncoding(first)) {
    if (first > 0xf4) return 0;
    if (first < 0xe0) body = 2;
    else body = first === 0xf4 ? 9 : first - 0xf1 + 3;
  } else {
    const header = textHeaderBytes(first);
    if (at + header > end) return 0;
    body = header + textLengthAt(data, at);
  }
  const bytes = body + backLengthBytes(body);
  if (at + bytes > end) return 0;
  return elementBytesBefore(data, at + bytes) === bytes ? bytes : 0;
}

/**
 * The number of elements of a listpack that is sound and just as long as it should be, else -1.
 */
export function soundListpackCount(data: Uint8Array, offset: number, length: number): number {
  if (length < HEADER_BYTES + 1) return -1;
  const total =
    data[offset]! +
    data[offset + 1]! * 0x100 +
    data[offset + 2]! * 0x10000 +
    data[offset + 3]! * 0x1000000;
  const end = offset + length - 1;
  if (total !== length || data[end] !== END) return -1;
  let count = 0;
  let at = offset + HEADER_BYTES;
  while (at < end) {
    const bytes = soundElementBytes(data, at, end);
    if (bytes === 0) return -1;
    at += bytes;
    count++;
  }
  const known = data[offset + 4]! | (data[offset + 5]! << 8);
  return known === COUNT_UNKNOWN || known === count ? count : -1;
}

/**
 * Whether every second element of a sound listpack is a score: a number, and not NaN.
 */
export function hasSoundScores(data: Uint8Array, offset: number, length: number): boolean {
  const end = offset + length - 1;
  for (let at = offset + HEADER_BYTES; at < end; ) {
    at += elementBytesAt(data, at);
    const header = textHeaderBytes(data[at]!);
    if (header > 0 && Number.isNaN(parseDouble(data, at + header, textLengthAt(data, at)))) {
      return false;
    }
    at += elementBytesAt(data, at);
  }
  return true;
}

/** True for an intset with members, in ascending order, of exactly this length. */
export function isSoundIntset(data: Uint8Array, offset: number, length: number): boolean {
  if (length < INTSET_HEADER_BYTES) return false;
  const view = new DataView(data.buffer, data.byteOffset + offset, length);
  const width = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  if ((width !== 2 && width !== 4 && width !== 8) || count === 0) return false;
  if (INTSET_HEADER_BYTES + width * count !== length) return false;
  let beforeHigh = 0;
  let beforeLow = 0;
  for (let i = 0; i < count; i++) {
    const at = INTSET_HEADER_BYTES + i * width;
    let low = width === 2 ? view.getInt16(at, true) : view.getInt32(at, true);
    const high = width === 8 ? view.getInt32(at + 4, true) : low >> 31;
    low >>>= 0;
    const isAbove = high > beforeHigh || (high === beforeHigh && low > beforeLow);
    if (i > 0 && !isAbove) return false;
    beforeHigh = high;
    beforeLow = low;
  }
  return true;
}

/**
 * Walks the elements of a listpack that is sound as one: for stream nodes. An element's length is
 * true, then, and only the end must be watched.
 */
class Elements {
  at: number;
  isSound = true;
  readonly #data: Uint8Array;
  readonly #end: number;

  constructor(data: Uint8Array, at: number, end: number) {
    this.#data = data;
    this.at = at;
    this.#end = end;
  }

  skip(count: number): void {
    for (let i = 0; i < count && this.isSound; i++) {
      if (this.at >= this.#end) this.isSound = false;
      else this.at += elementBytesAt(this.#data, this.at);
    }
  }

  /** The integer at hand, and on to the next element. */
  integer(): number {
    const small = this.#data[this.at]!;
    if (small < 0x80 && this.at < this.#end) {
      this.at += 2;
      return small;
    }
    if (!this.isSound || this.at >= this.#end || !isIntegerEncoding(this.#data[this.at]!)) {
      this.isSound = false;
      return 0;
    }
    const value = integerValueAt(this.#data, this.at);
    this.skip(1);
    return value;
  }

  /** The same of an integer that must be of a single byte, as flags are. */
  smallInteger(): number {
    if (this.at < this.#end && this.#data[this.at]! >= 0x80) this.isSound = false;
    return this.integer();
  }

  get isAtEnd(): boolean {
    return this.at === this.#end;
  }
}

/**
 * The number of entries that are not deleted in a stream's node, -1 when it is not sound. The bytes
 * are a sound listpack.
 */
export function soundStreamNodeCount(data: Uint8Array, offset: number, length: number): number {
  const elements = new Elements(data, offset + HEADER_BYTES, offset + length - 1);
  const count = elements.integer();
  const deleted = elements.integer();
  const masterFields = elements.integer();
  if (count < 0 || deleted < 0 || masterFields < 0 || masterFields > length) return -1;
  elements.skip(masterFields);
  if (elements.integer() !== 0) return -1;
  let live = 0;
  let gone = 0;
  while (elements.isSound && !elements.isAtEnd) {
    const flags = elements.smallInteger();
    elements.integer();
    elements.integer();
    let parts = ENTRY_HEAD;
    if ((flags & SAME_FIELDS) !== 0) {
      elements.skip(masterFields);
      parts += masterFields;
    } else {
      const fields = elements.integer();
      if (fields < 0 || fields > length) return -1;
      elements.skip(fields * 2);
      parts += fields * 2 + 1;
    }
    if (elements.integer() !== parts) return -1;
    if ((flags & DELETED) !== 0) gone++;
    else live++;
  }
  return elements.isSound && live === count && gone === deleted ? live : -1;
}
