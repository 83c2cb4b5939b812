// Makes the dense form (drawn in stream-dense.ts) of a stream node's listpack. Every byte of the
// listpack is looked at: what the dense form could not give back just so, or what is not sound, is
// refused and stays a listpack. Only StreamNodes calls this.

import { copyBytes } from '../bytes/copy.ts';
import type { StreamId } from '../structures/id-tree-id.ts';
import {
  backLengthBytes,
  elementBytesAt,
  INTEGER_64,
  integerElementBytes,
  integerValueAt,
  isIntegerEncoding,
  textHeaderBytes,
  textLengthAt,
} from '../structures/listpack-element.ts';
import {
  ABOVE_COUNT,
  BELOW_COUNT,
  DENSE_HEADER_BYTES,
  denseBaseOf,
  FIRST_ABOVE,
  FIRST_BELOW,
  FIRST_DIFFERENCE,
  FIRST_END,
  FIRST_INT64,
  FIRST_LONG,
  FIRST_SHARED,
  FIRST_TEXT,
  HEAD_MS,
  HEAD_MS_SAME_SEQ,
  HEAD_MS_SEQ,
  HEAD_NEXT_MS,
  HEAD_NEXT_MS_SAME_SEQ,
  HEAD_SEQ,
  HEAD_STEPS,
  MAX_DENSE_FIELDS,
  MAX_DENSE_INTEGER,
  MAX_DENSE_LISTPACK,
  MAX_END,
  MAX_PLAIN_TEXT,
  MAX_SHARED_OWN,
  SMALL_BIAS,
  SMALL_COUNT,
} from './stream-dense.ts';

const LISTPACK_HEADER_BYTES = 6;
const COUNT_UNKNOWN = 65535;
const DELETED = 1;
const SAME_FIELDS = 2;
/** What grows is given up after each entry, and only 64 values of one can grow. */
const SCRATCH_BYTES = MAX_DENSE_LISTPACK * 2;
const GROWTH_BYTES = 64;
/** Fewer bytes in common than this are not worth a byte that counts them. */
const MIN_SHARED = 3;
const MAX_SHARED = 255;
/** No base: a field's name, or a value of an entry with fields of its own. */
const NO_COLUMN = -1;
/** Bytes of a difference by what follows FIRST_DIFFERENCE; the last is FIRST_INT64's. */
const KIND_BYTES: readonly number[] = [2, 3, 4, 6, 8];
const INT64_KIND = 4;
/** Texts up to this are copied in parts, so that no view of them must be made. */
const MAX_LOOP_BYTES = 384;
const COPIED_AT_ONCE = 96;
/** What a head can tell. */
const MAX_STEP = 0x7fffffff;

export class StreamDensePacker {
  /** Header and content of what was packed last, from the beginning. */
  readonly bytes: Uint8Array = new Uint8Array(SCRATCH_BYTES);
  /** Where the next byte goes in `bytes`. */
  #out = 0;
  /** Elements of the listpack, as #packEntries has counted them. */
  #elements = 0;
  /** Where the element after the one that was read begins. */
  #next = 0;
  /** The first entry's values: length of a text or -1, where it begins; base of an integer. */
  readonly #lengths = new Int32Array(MAX_DENSE_FIELDS);
  readonly #starts = new Int32Array(MAX_DENSE_FIELDS);
  readonly #bases = new Float64Array(MAX_DENSE_FIELDS);

  /**
   * Packs the listpack of `length` bytes at `start`.
   * @param master the node's ID.
   * @returns how many of `bytes` the dense form takes; 0 when it is refused.
   */
  pack(data: Uint8Array, start: number, length: number, master: StreamId): number {
    if (length > MAX_DENSE_LISTPACK) return 0;
    if (master.seqHigh !== 0 || master.seqLow < 0) return 0;
    const end = start + length - 1;
    let at = start + LISTPACK_HEADER_BYTES;
    const count = this.#integer(data, at);
    const deleted = this.#integer(data, this.#next);
    const fields = this.#integer(data, this.#next);
    if (!(fields >= 0 && fields <= MAX_DENSE_FIELDS && this.#next <= end)) return 0;
    this.#out = DENSE_HEADER_BYTES;
    at = this.#packElements(data, this.#next, end, fields, NO_COLUMN);
    if (at === 0 || data[at] !== 0 || data[at + 1] !== 1) return 0;
    if (!this.#packEntries(data, at + 2, end, fields, count, deleted, master)) return 0;
    if ((data[start + 4]! | (data[start + 5]! << 8)) !== this.#elements) return 0;
    const { bytes } = this;
    putHalf(bytes, 0, this.#out);
    putHalf(bytes, 2, count);
    putHalf(bytes, 4, deleted);
    putHalf(bytes, 6, fields);
    return this.#out;
  }

  #packEntries(
    data: Uint8Array,
    start: number,
    end: number,
    fields: number,
    count: number,
    deleted: number,
    master: StreamId,
  ): boolean {
    const masterSeq = master.seqLow;
    let at = start;
    let ms = 0;
    let seq = masterSeq - 1;
    let gone = 0;
    let entries = 0;
    let elements = fields + 4;
    const limit = this.#out + GROWTH_BYTES - start;
    while (at < end) {
      const flags = data[at]!;
      if (flags > (DELETED | SAME_FIELDS) || data[at + 1] !== 1) return false;
      gone += flags & DELETED;
      const newMs = this.#integer(data, at + 2);
      const newSeq = this.#integer(data, this.#next) + masterSeq;
      // The head of the first entry is a byte for the reader: its ID is the node's.
      if (entries === 0 && (newMs !== 0 || newSeq !== masterSeq)) return false;
      if (!this.#packHead(flags, newMs - ms, newSeq, seq)) return false;
      ms = newMs;
      seq = newSeq;
      at = this.#next;
      let parts = fields + 3;
      if ((flags & SAME_FIELDS) !== 0) {
        if (entries === 0) at = this.#packFirst(data, at, end, fields);
        else at = this.#packElements(data, at, end, fields, 0);
      } else {
        if (entries === 0) return false;
        const own = this.#integer(data, at);
        if (!(own >= 0 && own <= MAX_DENSE_LISTPACK)) return false;
        this.#putNumber(own);
        at = this.#packElements(data, this.#next, end, own * 2, NO_COLUMN);
        parts = own * 2 + 4;
      }
      if (at === 0 || this.#integer(data, at) !== parts) return false;
      at = this.#next;
      elements += parts + 1;
      entries++;
      if (this.#out > at + limit) return false;
    }
    this.#elements = elements;
    if (at !== end || elements >= COUNT_UNKNOWN) return false;
    return gone === deleted && entries - gone === count && ms <= MAX_STEP;
  }

  /** Writes an entry's head. @returns false for steps that it cannot tell. */
  #packHead(flags: number, msStep: number, seq: number, before: number): boolean {
    const { bytes } = this;
    if (msStep === 0) {
      const step = seq - before;
      if (!(step >= 1 && step <= MAX_STEP && seq <= MAX_STEP)) return false;
      if (step <= HEAD_STEPS) bytes[this.#out++] = ((step - 1) << 2) | flags;
      else {
        bytes[this.#out++] = (HEAD_SEQ << 2) | flags;
        this.#putNumber(step);
      }
      return true;
    }
    if (!(msStep > 0 && msStep <= MAX_STEP && seq >= 0 && seq <= MAX_STEP)) return false;
    const isSmall = msStep <= HEAD_STEPS;
    if (seq === 0 || seq === before) {
      if (isSmall) {
        const base = seq === 0 ? HEAD_NEXT_MS : HEAD_NEXT_MS_SAME_SEQ;
        bytes[this.#out++] = ((base + msStep - 1) << 2) | flags;
        return true;
      }
      bytes[this.#out++] = ((seq === 0 ? HEAD_MS : HEAD_MS_SAME_SEQ) << 2) | flags;
      this.#putNumber(msStep);
      return true;
    }
    bytes[this.#out++] = (HEAD_MS_SEQ << 2) | flags;
    this.#putNumber(msStep);
    this.#putNumber(seq);
    return true;
  }

  /** Packs the first entry's values and takes them as the columns' bases. */
  #packFirst(data: Uint8Array, start: number, end: number, fields: number): number {
    let at = start;
    for (let i = 0; i < fields; i++) {
      const next = this.#packElements(data, at, end, 1, NO_COLUMN);
      if (next === 0) return 0;
      const first = data[at]!;
      const header = textHeaderBytes(first);
      this.#lengths[i] = header === 0 ? -1 : textLengthAt(data, at);
      this.#starts[i] = at + header;
      this.#bases[i] = header === 0 ? denseBaseOf(integerValueAt(data, at)) : 0;
      at = next;
    }
    return at;
  }

  /**
   * Packs `count` elements that end before `end`.
   * @param firstColumn the column of the first; NO_COLUMN: they have no base.
   * @returns where the next one begins; 0 when one is refused.
   */
  #packElements(
    data: Uint8Array,
    start: number,
    end: number,
    count: number,
    firstColumn: number,
  ): number {
    let at = start;
    for (let i = 0; i < count; i++) {
      const column = firstColumn === NO_COLUMN ? NO_COLUMN : i;
      const first = data[at]!;
      let text = at + 1;
      let length: number;
      let next: number;
      if (first < 0x80) {
        if (data[text] !== 1) return 0;
        this.#putInteger(first, column);
        at += 2;
        continue;
      }
      if (first < 0xc0) {
        length = first & 63;
        next = text + length + 1;
        if (next > end || data[next - 1] !== length + 1) return 0;
      } else if (isIntegerEncoding(first)) {
        next = this.#packLongInteger(data, at, column);
        if (next === 0 || next > end) return 0;
        at = next;
        continue;
      } else {
        const header = textHeaderBytes(first);
        length = textLengthAt(data, at);
        if (length > MAX_DENSE_LISTPACK || header !== (length < 64 ? 1 : length < 4096 ? 2 : 5)) {
          return 0;
        }
        text = at + header;
        next = text + length + backLengthBytes(header + length);
        if (next > end || !hasBackLength(data, text + length, header + length)) return 0;
      }
      const baseLength = column === NO_COLUMN ? -1 : this.#lengths[column]!;
      this.#putText(data, text, length, baseLength, baseLength > 0 ? this.#starts[column]! : 0);
      at = next;
    }
    return at;
  }

  /** @returns where the next element begins; 0 when this one is refused. */
  #packLongInteger(data: Uint8Array, at: number, column: number): number {
    const first = data[at]!;
    if (first > INTEGER_64) return 0;
    const bytes = elementBytesAt(data, at);
    const value = integerValueAt(data, at);
    if (bytes !== integerElementBytes(value) || data[at + bytes - 1] !== bytes - 1) return 0;
    if (value <= MAX_DENSE_INTEGER && value >= -MAX_DENSE_INTEGER) this.#putInteger(value, column);
    else {
      const target = this.bytes;
      target[this.#out++] = FIRST_INT64;
      for (let i = 1; i <= 8; i++) target[this.#out++] = data[at + i]!;
    }
    return at + bytes;
  }

  /** The integer of an element of the layout's own, or NaN. Moves `#next` behind it. */
  #integer(data: Uint8Array, at: number): number {
    const first = data[at]!;
    if (first < 0x80) {
      this.#next = at + 2;
      return data[at + 1] === 1 ? first : Number.NaN;
    }
    this.#next = at;
    if (!isIntegerEncoding(first) || first > INTEGER_64) return Number.NaN;
    const bytes = elementBytesAt(data, at);
    this.#next = at + bytes;
    const value = integerValueAt(data, at);
    const isSound = bytes === integerElementBytes(value) && data[at + bytes - 1] === bytes - 1;
    return isSound ? value : Number.NaN;
  }

  #putInteger(value: number, column: number): void {
    const difference = column === NO_COLUMN ? value : value - this.#bases[column]!;
    const above = difference + SMALL_BIAS;
    const { bytes } = this;
    if (above >= 0 && above < SMALL_COUNT) {
      bytes[this.#out++] = above;
      return;
    }
    let at = this.#out;
    if (above >= SMALL_COUNT && above < SMALL_COUNT + ABOVE_COUNT) {
      bytes[at++] = FIRST_ABOVE + ((above - SMALL_COUNT) >> 8);
      bytes[at++] = above - SMALL_COUNT;
    } else if (above < 0 && above >= -BELOW_COUNT) {
      bytes[at++] = FIRST_BELOW + ((-1 - above) >> 8);
      bytes[at++] = -1 - above;
    } else {
      const kind = differenceKind(difference);
      bytes[at++] = FIRST_DIFFERENCE + kind;
      // Far from the base: the integer itself.
      at = putBytes(bytes, at, kind === INT64_KIND ? value : difference, KIND_BYTES[kind]!);
    }
    this.#out = at;
  }

  #putText(data: Uint8Array, text: number, length: number, baseLength: number, base: number): void {
    const { bytes } = this;
    const most = length < baseLength ? length : baseLength;
    let shared = 0;
    while (shared < most && data[text + shared] === data[base + shared]) shared++;
    let own = length - shared;
    if (length === baseLength && own <= MAX_END && (shared > 1 || own === 0)) {
      bytes[this.#out++] = FIRST_END + own;
    } else if (shared >= MIN_SHARED && shared <= MAX_SHARED && own <= MAX_SHARED_OWN) {
      bytes[this.#out++] = FIRST_SHARED + own;
      bytes[this.#out++] = shared;
    } else if (length <= MAX_PLAIN_TEXT && shared <= MIN_SHARED) {
      shared = 0;
      own = length;
      bytes[this.#out++] = FIRST_TEXT + length;
    } else {
      bytes[this.#out++] = FIRST_LONG;
      this.#putNumber(shared);
      this.#putNumber(own);
    }
    let from = text + shared;
    if (own <= MAX_LOOP_BYTES) {
      for (; own > COPIED_AT_ONCE; own -= COPIED_AT_ONCE, from += COPIED_AT_ONCE) {
        copyBytes(bytes, this.#out, data, from, COPIED_AT_ONCE);
        this.#out += COPIED_AT_ONCE;
      }
    }
    copyBytes(bytes, this.#out, data, from, own);
    this.#out += own;
  }

  #putNumber(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest >= 128) {
      bytes[this.#out++] = rest | 128;
      rest >>>= 7;
    }
    bytes[this.#out++] = rest;
  }
}

/** The first byte of a difference, from FIRST_DIFFERENCE on. */
function differenceKind(difference: number): number {
  if (difference >= -0x8000 && difference < 0x8000) return 0;
  if (difference >= -0x800000 && difference < 0x800000) return 1;
  if (difference >= -0x80000000 && difference < 0x80000000) return 2;
  return difference >= -0x800000000000 && difference < 0x800000000000 ? 3 : INT64_KIND;
}

/** Writes an exact integer, lowest byte first. @returns where it ends. */
function putBytes(bytes: Uint8Array, at: number, value: number, count: number): number {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  if (count > 2) bytes[at + 2] = value >> 16;
  if (count > 3) bytes[at + 3] = value >> 24;
  if (count > 4) {
    const high = Math.floor(value / 0x100000000);
    for (let i = 4; i < count; i++) bytes[at + i] = high >> ((i - 4) << 3);
  }
  return at + count;
}

/** True when the length of a body stands behind it as the listpack's writer puts it. */
function hasBackLength(data: Uint8Array, at: number, bodyBytes: number): boolean {
  const count = backLengthBytes(bodyBytes);
  let rest = bodyBytes;
  for (let i = at + count - 1; i > at; i--) {
    if (data[i] !== ((rest & 127) | 128)) return false;
    rest >>>= 7;
  }
  return data[at] === rest;
}

function putHalf(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
}
