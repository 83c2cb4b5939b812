// Gives back the listpack of a dense node (stream-dense.ts), byte by byte as it was. Only
// StreamNodes calls this.

import { copyBytes } from '../bytes/copy.ts';
import type { StreamId } from '../structures/id-tree-id.ts';
import {
  backLengthBytes,
  END,
  INTEGER_64,
  ListpackElement,
  writeBackLength,
} from '../structures/listpack-element.ts';
import {
  DENSE_BYTES,
  DENSE_HEADER_BYTES,
  denseBaseOf,
  denseDifference,
  denseInt64,
  denseNumberAt,
  denseNumberEnd,
  FIRST_DIFFERENCE,
  FIRST_END,
  FIRST_INT64,
  FIRST_LONG,
  FIRST_SHARED,
  FIRST_TEXT,
  MAX_DENSE_FIELDS,
  MAX_DENSE_INTEGER,
  MAX_DENSE_LISTPACK,
  SMALL_BIAS,
} from './stream-dense.ts';
import { DenseHeads } from './stream-dense-heads.ts';

const LISTPACK_HEADER_BYTES = 6;
const SAME_FIELDS = 2;
/** How elements stand to the columns: none of them, the first entry's, those of a later entry. */
const PLAIN = 0;
const FIRST_ENTRY = 1;
const LATER_ENTRY = 2;
/** The upper bits of the first byte of an integer of 13 bits. */
const INTEGER_13 = 0xc0;
const NO_BYTES = new Uint8Array(0);

export class StreamDenseUnpacker {
  /** The listpack that was unpacked last, from the beginning. */
  readonly bytes: Uint8Array = new Uint8Array(MAX_DENSE_LISTPACK + 1);
  readonly #element = new ListpackElement();
  readonly #heads = new DenseHeads();
  #elements = 0;
  /** Where the next byte goes in `bytes`. */
  #out = 0;
  /** The first entry's values: length of a text or -1, where it lies in `bytes`; integer's base. */
  readonly #lengths = new Int32Array(MAX_DENSE_FIELDS);
  readonly #starts = new Int32Array(MAX_DENSE_FIELDS);
  readonly #bases = new Float64Array(MAX_DENSE_FIELDS);

  /**
   * Unpacks the dense node whose header begins at `start`.
   * @param master the node's ID.
   * @returns the listpack's bytes.
   */
  unpack(data: Uint8Array, start: number, master: StreamId): number {
    const end = start + (data[start]! | (data[start + 1]! << 8));
    const fields = data[start + 6]! | (data[start + 7]! << 8);
    this.#out = LISTPACK_HEADER_BYTES;
    this.#elements = 4 + fields;
    this.#putInteger(data[start + 2]! | (data[start + 3]! << 8));
    this.#putInteger(data[start + 4]! | (data[start + 5]! << 8));
    this.#putInteger(fields);
    const at = this.#unpackElements(data, start + DENSE_HEADER_BYTES, fields, PLAIN);
    this.#putInteger(0);
    this.#unpackEntries(data, at, end, fields, master.seqLow);
    const { bytes } = this;
    bytes[this.#out] = END;
    const length = this.#out + 1;
    bytes[0] = length;
    bytes[1] = length >> 8;
    bytes[2] = 0;
    bytes[3] = 0;
    bytes[4] = this.#elements;
    bytes[5] = this.#elements >> 8;
    return length;
  }

  #unpackEntries(
    data: Uint8Array,
    start: number,
    end: number,
    fields: number,
    masterSeq: number,
  ): void {
    const heads = this.#heads;
    heads.begin(masterSeq);
    for (let at = start; at < end; ) {
      const flags = data[at]! & 3;
      const isFirst = at === start;
      at = heads.read(data, at);
      const out = this.#out;
      this.bytes[out] = flags;
      this.bytes[out + 1] = 1;
      this.#out = out + 2;
      this.#putInteger(heads.ms);
      this.#putInteger(heads.seq - masterSeq);
      let parts = fields + 3;
      if ((flags & SAME_FIELDS) !== 0) {
        at = this.#unpackElements(data, at, fields, isFirst ? FIRST_ENTRY : LATER_ENTRY);
      } else {
        const own = denseNumberAt(data, at);
        this.#putInteger(own);
        at = this.#unpackElements(data, denseNumberEnd(data, at), own * 2, PLAIN);
        parts = own * 2 + 4;
      }
      this.#putInteger(parts);
      this.#elements += parts + 1;
    }
  }

  /** Unpacks `count` elements. @returns where the next one begins. */
  #unpackElements(data: Uint8Array, start: number, count: number, mode: number): number {
    let at = start;
    const isFirst = mode === FIRST_ENTRY;
    const hasBase = mode === LATER_ENTRY;
    for (let i = 0; i < count; i++) {
      const first = data[at]!;
      if (first < FIRST_TEXT || (first >= FIRST_DIFFERENCE && first < FIRST_SHARED)) {
        const value = this.#unpackInteger(data, at, hasBase ? this.#bases[i]! : 0);
        if (isFirst) {
          this.#lengths[i] = -1;
          this.#bases[i] = denseBaseOf(value);
        }
        at += DENSE_BYTES[first]!;
        continue;
      }
      let from = at + 1;
      let own: number;
      let shared = 0;
      if (first < FIRST_END) own = first - FIRST_TEXT;
      else if (first < FIRST_LONG) {
        own = first - FIRST_END;
        shared = this.#lengths[i]! - own;
      } else if (first >= FIRST_SHARED) {
        own = first - FIRST_SHARED;
        shared = data[from++]!;
      } else {
        shared = denseNumberAt(data, from);
        from = denseNumberEnd(data, from);
        own = denseNumberAt(data, from);
        from = denseNumberEnd(data, from);
      }
      const text = this.#putText(data, from, own, hasBase ? this.#starts[i]! : 0, shared);
      if (isFirst) {
        this.#lengths[i] = own;
        this.#starts[i] = text;
        this.#bases[i] = 0;
      }
      at = from + own;
    }
    return at;
  }

  /** @returns the integer, as the nearest double. */
  #unpackInteger(data: Uint8Array, at: number, base: number): number {
    const first = data[at]!;
    if (first !== FIRST_INT64) {
      const value = base + (first < FIRST_TEXT ? first - SMALL_BIAS : denseDifference(data, at));
      this.#putInteger(value);
      return value;
    }
    const value = denseInt64(data, at);
    if (value <= MAX_DENSE_INTEGER && value >= -MAX_DENSE_INTEGER) this.#putInteger(value);
    else {
      const { bytes } = this;
      let out = this.#out;
      bytes[out++] = INTEGER_64;
      for (let i = 1; i <= 8; i++) bytes[out++] = data[at + i]!;
      bytes[out++] = 9;
      this.#out = out;
    }
    return value;
  }

  #putInteger(value: number): void {
    const { bytes } = this;
    const out = this.#out;
    if (value >= 0 && value < 128) {
      bytes[out] = value;
      bytes[out + 1] = 1;
      this.#out = out + 2;
      return;
    }
    if (value >= -4096 && value < 4096) {
      bytes[out] = INTEGER_13 | ((value >> 8) & 31);
      bytes[out + 1] = value;
      bytes[out + 2] = 2;
      this.#out = out + 3;
      return;
    }
    this.#putLongInteger(value);
  }

  #putLongInteger(value: number): void {
    const { bytes } = this;
    const out = this.#out;
    const element = this.#element;
    element.setInteger(value);
    element.write(bytes, out, NO_BYTES, 0, 0);
    this.#out = out + element.size;
  }

  /** Writes a text of `shared` bytes at `base` and `own` ones. @returns where it begins. */
  #putText(data: Uint8Array, from: number, own: number, base: number, shared: number): number {
    const { bytes } = this;
    const length = shared + own;
    let out = this.#out;
    let body = length + 1;
    if (length < 64) bytes[out++] = 0x80 | length;
    else if (length < 4096) {
      bytes[out++] = 0xe0 | (length >> 8);
      bytes[out++] = length;
      body = length + 2;
    } else {
      bytes[out] = 0xf0;
      bytes[out + 1] = length;
      bytes[out + 2] = length >> 8;
      bytes[out + 3] = 0;
      bytes[out + 4] = 0;
      out += 5;
      body = length + 5;
    }
    const text = out;
    if (shared <= 64) for (let i = 0; i < shared; i++) bytes[out + i] = bytes[base + i]!;
    else bytes.copyWithin(out, base, base + shared);
    out += shared;
    if (own <= 32) for (let i = 0; i < own; i++) bytes[out + i] = data[from + i]!;
    else copyBytes(bytes, out, data, from, own);
    out += own;
    if (body < 128) bytes[out++] = body;
    else {
      writeBackLength(bytes, out, body);
      out += backLengthBytes(body);
    }
    this.#out = out;
    return text;
  }
}
