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
/** Those of its node's first entry: count, deleted, number of fields, the zero. */
const MASTER_ELEMENTS = 4;

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

/** Whether a listpack says that it is just as long as it is, and ends so. */
function hasListpackFrame(data: Uint8Array, offset: number, length: number): boolean {
  if (length < HEADER_BYTES + 1) return false;
  const total =
    data[offset]! +
    data[offset + 1]! * 0x100 +
    data[offset + 2]! * 0x10000 +
    data[offset + 3]! * 0x1000000;
  return total === length && data[offset + length - 1] === END;
}

/**
 * The number of elements of a listpack that is sound and just as long as it should be, else -1.
 */
export function soundListpackCount(data: Uint8Array, offset: number, length: number): number {
  const end = offset + length - 1;
  if (!hasListpackFrame(data, offset, length)) return -1;
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
  const width = wordAt(data, offset);
  const count = wordAt(data, offset + 4) >>> 0;
  if ((width !== 2 && width !== 4 && width !== 8) || count === 0) return false;
  if (INTSET_HEADER_BYTES + width * count !== length) return false;
  const end = offset + length;
  let at = offset + INTSET_HEADER_BYTES + width;
  if (width === 2) {
    let before = halfAt(data, at - 2);
    for (; at < end; at += 2) {
      const value = halfAt(data, at);
      if (value <= before) return false;
      before = value;
    }
    return true;
  }
  // Of eight bytes first the upper four, where the signs are.
  const upper = width - 4;
  let before = wordAt(data, at - 4);
  for (; at < end; at += width) {
    const value = wordAt(data, at + upper);
    if (value < before) return false;
    if (value === before && (upper === 0 || !isLowAbove(data, at))) return false;
    before = value;
  }
  return true;
}

/** Whether the lower half of the 8 bytes at `at` is above that of those before them. */
function isLowAbove(data: Uint8Array, at: number): boolean {
  return wordAt(data, at) >>> 0 > wordAt(data, at - 8) >>> 0;
}

function halfAt(data: Uint8Array, at: number): number {
  return ((data[at]! | (data[at + 1]! << 8)) << 16) >> 16;
}

function wordAt(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}

/** Where the integer at `at` ends; 0 when there is none that is sound. */
function integerEnd(data: Uint8Array, at: number, end: number): number {
  if (!isIntegerEncoding(data[at]!)) return 0;
  const bytes = soundElementBytes(data, at, end);
  return bytes === 0 ? 0 : at + bytes;
}

/** Where `count` elements from `start` on end; 0 when one is not sound. */
function elementsEnd(data: Uint8Array, start: number, end: number, count: number): number {
  let at = start;
  for (let left = count; left > 0; left--) {
    const first = data[at]!;
    if (first < 0xc0) {
      const short = first < 0x80 ? 1 : first - 0x7f;
      if (at + short >= end || data[at + short] !== short) return 0;
      at += short + 1;
    } else {
      const bytes = soundElementBytes(data, at, end);
      if (bytes === 0) return 0;
      at += bytes;
    }
  }
  return at;
}

/**
 * The number of entries that are not deleted in a stream's node, -1 when it is not sound: as a
 * listpack, in one pass, and in its counts. A node without any elements is not sound.
 */
export function soundStreamNodeCount(data: Uint8Array, offset: number, length: number): number {
  const end = offset + length - 1;
  if (!hasListpackFrame(data, offset, length)) return -1;
  const countAt = offset + HEADER_BYTES;
  const deletedAt = integerEnd(data, countAt, end);
  const fieldsAt = deletedAt === 0 ? 0 : integerEnd(data, deletedAt, end);
  let at = fieldsAt === 0 ? 0 : integerEnd(data, fieldsAt, end);
  if (at === 0) return -1;
  const masterFields = integerValueAt(data, fieldsAt);
  if (masterFields < 0 || masterFields > length) return -1;
  at = elementsEnd(data, at, end, masterFields);
  if (at === 0 || data[at] !== 0 || data[at + 1] !== 1) return -1;
  at += 2;
  let elements = masterFields + MASTER_ELEMENTS;
  let live = 0;
  let gone = 0;
  while (at < end) {
    const flags = data[at]!;
    if (flags >= 0x80 || data[at + 1] !== 1) return -1;
    at += 2;
    if (data[at]! < 0x80 && data[at + 1] === 1) at += 2;
    else if ((at = integerEnd(data, at, end)) === 0) return -1;
    if (data[at]! < 0x80 && data[at + 1] === 1) at += 2;
    else if ((at = integerEnd(data, at, end)) === 0) return -1;
    let fields = masterFields;
    let parts = ENTRY_HEAD + masterFields;
    if ((flags & SAME_FIELDS) === 0) {
      const ownAt = at;
      if ((at = integerEnd(data, at, end)) === 0) return -1;
      const own = integerValueAt(data, ownAt);
      if (own < 0 || own > length) return -1;
      fields = own * 2;
      parts = ENTRY_HEAD + 1 + fields;
    }
    if ((at = elementsEnd(data, at, end, fields)) === 0) return -1;
    if (parts < 0x80 && data[at] === parts && data[at + 1] === 1) at += 2;
    else {
      const partsAt = at;
      if ((at = integerEnd(data, at, end)) === 0) return -1;
      if (integerValueAt(data, partsAt) !== parts) return -1;
    }
    elements += parts + 1;
    if ((flags & DELETED) !== 0) gone++;
    else live++;
  }
  const known = data[offset + 4]! | (data[offset + 5]! << 8);
  if (at !== end || (known !== COUNT_UNKNOWN && known !== elements)) return -1;
  const areTrue =
    integerValueAt(data, countAt) === live && integerValueAt(data, deletedAt) === gone;
  return areTrue ? live : -1;
}
