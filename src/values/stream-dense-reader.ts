// Reads the entries of a dense node (stream-dense.ts) one by one, in either direction, as a cursor
// of a stream asks for them: the distance of the ID from that of the node, fields and values. To
// walk back one must know where the entries begin: the first step looks for that from the front.

import { copyBytes } from '../bytes/copy.ts';
import { writeInt64 } from '../bytes/int64.ts';
import { writeInteger } from '../bytes/integer.ts';
import {
  DENSE_BYTES,
  DENSE_HEADER_BYTES,
  denseBaseOf,
  denseDifference,
  denseInt64,
  denseLongBytes,
  denseNumberAt,
  denseNumberEnd,
  denseWord,
  FIRST_DIFFERENCE,
  FIRST_END,
  FIRST_INT64,
  FIRST_LONG,
  FIRST_SHARED,
  FIRST_TEXT,
  MAX_DENSE_FIELDS,
  SMALL_BIAS,
} from './stream-dense.ts';
import { DenseHeads } from './stream-dense-heads.ts';

const SAME_FIELDS = 2;
const INITIAL_PLACES = 128;
const DIGITS_BYTES = 24;
/** Words of a place: where the entry begins, its ms, its seq. */
const PLACE_WORDS = 3;

export class DenseReader {
  /** The entry: flags, distance from the node's ms, seq, fields. */
  flags = 0;
  ms = 0;
  seq = 0;
  fieldCount = 0;
  /** Where the entry's head stands. */
  headAt = 0;
  /** The text that readField or readValue loaded, true until the next. */
  bytes: Uint8Array;
  offset = 0;
  length = 0;
  readonly #heads = new DenseHeads();
  /** Where texts are put together. */
  #scratch = new Uint8Array(DIGITS_BYTES);
  #masterSeq = 0;
  #masterFieldCount = 0;
  #masterFields = 0;
  #firstEntry = 0;
  #end = 0;
  /** The next element of the entry that was not read, and how many there are. */
  #at = 0;
  #elementsLeft = 0;
  /** Where the head ends of the entry that `skipTo` has found, or 0. */
  #foundEnd = 0;
  #masterFieldAt = 0;
  #column = 0;
  /** Whether the entry's values are told by what differs from the first entry's. */
  #hasColumns = false;
  /** Whether the first entry's values were looked up: length of a text or -1, start, base. */
  #knowsColumns = false;
  #lengths = new Int32Array(0);
  #starts = new Int32Array(0);
  #bases = new Float64Array(0);
  /** Of the entries of the node, where one goes back; `#placeIndex` is the one that was read. */
  #places = new Int32Array(0);
  #placeIndex = -1;

  constructor() {
    this.bytes = this.#scratch;
  }

  /** Begins a node whose dense header is at `start` and whose ID has this seq. */
  enter(data: Uint8Array, start: number, masterSeq: number): void {
    this.#end = start + (data[start]! | (data[start + 1]! << 8));
    const fields = data[start + 6]! | (data[start + 7]! << 8);
    this.#masterSeq = masterSeq;
    this.#masterFieldCount = fields;
    this.#masterFields = start + DENSE_HEADER_BYTES;
    this.#firstEntry = skipElements(data, this.#masterFields, fields);
    this.#at = this.#firstEntry;
    this.#elementsLeft = 0;
    this.#knowsColumns = false;
    this.#placeIndex = -1;
    this.#foundEnd = 0;
    this.#heads.begin(masterSeq);
  }

  /**
   * Passes over the first entries of the node, those below an ID.
   * @param ms the distance of the ID from the node's, not negative.
   */
  skipTo(data: Uint8Array, ms: number, seq: number): void {
    const heads = this.#heads;
    const end = this.#end;
    const fields = this.#masterFieldCount;
    let at = this.#firstEntry;
    while (at < end) {
      const head = at;
      at = heads.read(data, at);
      if (heads.ms >= ms && (heads.ms > ms || heads.seq >= seq)) {
        this.headAt = head;
        this.#foundEnd = at;
        return;
      }
      let left = fields;
      if ((data[head]! & SAME_FIELDS) === 0) {
        left = denseNumberAt(data, at) * 2;
        at = denseNumberEnd(data, at);
      }
      for (; left > 0; left--) {
        const bytes = DENSE_BYTES[data[at]!]!;
        at += bytes === 0 ? denseLongBytes(data, at) : bytes;
      }
    }
    this.#at = end;
  }

  /** Goes on to the next entry. @returns false at the end. */
  next(data: Uint8Array): boolean {
    const found = this.#foundEnd;
    if (found > 0) {
      this.#foundEnd = 0;
      this.ms = this.#heads.ms;
      this.seq = this.#heads.seq;
      this.#beginEntry(data, found);
      return true;
    }
    let at = this.#at;
    if (this.#elementsLeft > 0) at = skipElements(data, at, this.#elementsLeft);
    if (at >= this.#end) return false;
    this.headAt = at;
    const heads = this.#heads;
    at = heads.read(data, at);
    this.ms = heads.ms;
    this.seq = heads.seq;
    this.#beginEntry(data, at);
    return true;
  }

  /** Goes back to the entry before, at first to the last one. @returns false at the front. */
  previous(data: Uint8Array): boolean {
    if (this.#placeIndex < 0) this.#findPlaces(data);
    if (this.#placeIndex === 0) return false;
    const place = --this.#placeIndex * PLACE_WORDS;
    const head = this.#places[place]!;
    this.headAt = head;
    this.ms = this.#places[place + 1]!;
    this.seq = this.#places[place + 2]!;
    this.#beginEntry(data, this.#heads.read(data, head));
    return true;
  }

  #beginEntry(data: Uint8Array, headEnd: number): void {
    const flags = data[this.headAt]! & 3;
    this.flags = flags;
    this.#column = 0;
    if ((flags & SAME_FIELDS) !== 0) {
      this.fieldCount = this.#masterFieldCount;
      this.#elementsLeft = this.#masterFieldCount;
      this.#masterFieldAt = this.#masterFields;
      this.#hasColumns = this.headAt !== this.#firstEntry;
      this.#at = headEnd;
    } else {
      this.fieldCount = denseNumberAt(data, headEnd);
      this.#elementsLeft = this.fieldCount * 2;
      this.#hasColumns = false;
      this.#at = denseNumberEnd(data, headEnd);
    }
  }

  /** Notes where all entries of the node begin. */
  #findPlaces(data: Uint8Array): void {
    const heads = this.#heads;
    heads.begin(this.#masterSeq);
    let count = 0;
    for (let at = this.#firstEntry; at < this.#end; count++) {
      if ((count + 1) * PLACE_WORDS > this.#places.length) this.#growPlaces();
      const places = this.#places;
      const isSame = (data[at]! & SAME_FIELDS) !== 0;
      places[count * PLACE_WORDS] = at;
      at = heads.read(data, at);
      places[count * PLACE_WORDS + 1] = heads.ms;
      places[count * PLACE_WORDS + 2] = heads.seq;
      if (isSame) at = skipElements(data, at, this.#masterFieldCount);
      else at = skipElements(data, denseNumberEnd(data, at), denseNumberAt(data, at) * 2);
    }
    this.#placeIndex = count;
  }

  #growPlaces(): void {
    const grown = new Int32Array(Math.max(INITIAL_PLACES * PLACE_WORDS, this.#places.length * 2));
    grown.set(this.#places);
    this.#places = grown;
  }

  /** Loads the name of the entry's next field; `readValue` must follow. */
  readField(data: Uint8Array): void {
    if ((this.flags & SAME_FIELDS) !== 0) {
      this.#masterFieldAt = this.#readPlain(data, this.#masterFieldAt);
    } else {
      this.#at = this.#readPlain(data, this.#at);
      this.#elementsLeft--;
    }
  }

  /** Loads the value of the field that was read. */
  readValue(data: Uint8Array): void {
    this.#elementsLeft--;
    if (!this.#hasColumns) {
      this.#at = this.#readPlain(data, this.#at);
      return;
    }
    const at = this.#at;
    const column = this.#column++;
    const first = data[at]!;
    if (first >= FIRST_TEXT && first < FIRST_END) {
      this.bytes = data;
      this.offset = at + 1;
      this.length = first - FIRST_TEXT;
      this.#at = at + 1 + this.length;
      return;
    }
    if (!this.#knowsColumns) this.#findColumns(data);
    if (first < FIRST_TEXT || (first >= FIRST_DIFFERENCE && first < FIRST_SHARED)) {
      this.#readInteger(data, at, this.#bases[column]!);
      this.#at = at + DENSE_BYTES[first]!;
    } else this.#at = this.#readText(data, at, this.#starts[column]!, this.#lengths[column]!);
  }

  /** Loads an element that has no base. @returns where the next one begins. */
  #readPlain(data: Uint8Array, at: number): number {
    const first = data[at]!;
    if (first < FIRST_TEXT || (first >= FIRST_DIFFERENCE && first < FIRST_SHARED)) {
      this.#readInteger(data, at, 0);
      return at + DENSE_BYTES[first]!;
    }
    return this.#readText(data, at, 0, 0);
  }

  #readInteger(data: Uint8Array, at: number, base: number): void {
    const first = data[at]!;
    const digits = this.#scratch;
    this.bytes = digits;
    this.offset = 0;
    if (first === FIRST_INT64)
      this.length = writeInt64(digits, denseWord(data, at + 5), denseWord(data, at + 1));
    else {
      const difference = first < FIRST_TEXT ? first - SMALL_BIAS : denseDifference(data, at);
      this.length = writeInteger(digits, 0, base + difference);
    }
  }

  /** Loads a text. @returns where the next element begins. */
  #readText(data: Uint8Array, at: number, base: number, baseLength: number): number {
    const first = data[at]!;
    let from = at + 1;
    let own: number;
    let shared = 0;
    if (first < FIRST_END) own = first - FIRST_TEXT;
    else if (first < FIRST_LONG) {
      own = first - FIRST_END;
      shared = baseLength - own;
    } else if (first >= FIRST_SHARED) {
      own = first - FIRST_SHARED;
      shared = data[from++]!;
    } else if (data[from]! < 128 && data[from + 1]! < 128) {
      shared = data[from]!;
      own = data[from + 1]!;
      from += 2;
    } else {
      shared = denseNumberAt(data, from);
      from = denseNumberEnd(data, from);
      own = denseNumberAt(data, from);
      from = denseNumberEnd(data, from);
    }
    this.length = shared + own;
    if (shared === 0 || own === 0) {
      this.bytes = data;
      this.offset = shared === 0 ? from : base;
    } else this.#join(data, base, shared, from, own);
    return from + own;
  }

  /** Puts a text together of a part of the column's and one of its own. */
  #join(data: Uint8Array, base: number, shared: number, from: number, own: number): void {
    const length = shared + own;
    if (this.#scratch.length < length) this.#scratch = new Uint8Array(length * 2);
    const scratch = this.#scratch;
    copyBytes(scratch, 0, data, base, shared);
    copyBytes(scratch, shared, data, from, own);
    this.bytes = scratch;
    this.offset = 0;
  }

  /** Looks up the first entry's values, which the others are told by. */
  #findColumns(data: Uint8Array): void {
    if (this.#lengths.length === 0) {
      this.#lengths = new Int32Array(MAX_DENSE_FIELDS);
      this.#starts = new Int32Array(MAX_DENSE_FIELDS);
      this.#bases = new Float64Array(MAX_DENSE_FIELDS);
    }
    // The first entry's head is the step by one: a byte.
    let at = this.#firstEntry + 1;
    for (let i = 0; i < this.#masterFieldCount; i++) {
      const first = data[at]!;
      if (first < FIRST_TEXT || (first >= FIRST_DIFFERENCE && first < FIRST_SHARED)) {
        this.#lengths[i] = 0;
        this.#bases[i] = denseBaseOf(plainInteger(data, at));
        at += DENSE_BYTES[first]!;
        continue;
      }
      const from = first < FIRST_END ? at + 1 : denseNumberEnd(data, at + 2);
      const own = first < FIRST_END ? first - FIRST_TEXT : denseNumberAt(data, at + 2);
      this.#lengths[i] = own;
      this.#starts[i] = from;
      this.#bases[i] = 0;
      at = from + own;
    }
    this.#knowsColumns = true;
  }
}

/** Where `count` elements from `start` on end. */
function skipElements(data: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let left = count; left > 0; left--) {
    const bytes = DENSE_BYTES[data[at]!]!;
    at += bytes === 0 ? denseLongBytes(data, at) : bytes;
  }
  return at;
}

/** The integer of an element without a base, as the nearest double. */
function plainInteger(data: Uint8Array, at: number): number {
  const first = data[at]!;
  if (first < FIRST_TEXT) return first - SMALL_BIAS;
  if (first !== FIRST_INT64) return denseDifference(data, at);
  return denseInt64(data, at);
}
