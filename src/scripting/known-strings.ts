// Strings that scripts see again and again: keys, names of fields, options. Making a string of
// bytes costs a call into the machine; finding one that was made before costs a look at its bytes.
// What was seen twice in a row at its place is kept.
//
//   place of bytes -> text, and a copy of its bytes to compare with

import { latin1String } from '../bytes/ascii.ts';

/** A power of two. */
const PLACES = 2048;
/** Longer strings are seldom the same. */
export const MAX_KNOWN_BYTES = 64;

const MAX_VIEWED = 1024 * 1024;
/** Made character by character: quicker than a call. */
const SHORT = 12;
const NO_BYTES = new Uint8Array(0);

export class KnownStrings {
  readonly #texts: string[] = new Array<string>(PLACES).fill('');
  readonly #bytes: Uint8Array = new Uint8Array(PLACES * MAX_KNOWN_BYTES);
  #viewed: ArrayBufferLike = NO_BYTES.buffer;
  #view: Buffer = Buffer.from(NO_BYTES.buffer);
  /** What was last looked for in vain at each place. */
  readonly #missed: Int32Array = new Int32Array(PLACES);

  /** A range of bytes as a string of one character a byte. */
  text(bytes: Uint8Array, offset: number, length: number): string {
    if (length === 0) return '';
    if (length > MAX_KNOWN_BYTES) return this.#long(bytes, offset, length);
    const hash = hashOf(bytes, offset, length);
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    const text = this.#texts[place]!;
    if (text.length === length && this.#isSame(place * MAX_KNOWN_BYTES, bytes, offset, length)) {
      return text;
    }
    return this.#make(place, hash, bytes, offset, length);
  }

  /** Making a view costs as much as a short string, and the bytes are mostly of the same array. */
  #long(bytes: Uint8Array, offset: number, length: number): string {
    // The view of a giant request would keep it alive.
    if (bytes.buffer.byteLength > MAX_VIEWED) return latin1String(bytes, offset, length);
    if (this.#viewed !== bytes.buffer) {
      this.#viewed = bytes.buffer;
      this.#view = Buffer.from(bytes.buffer);
    }
    const at = bytes.byteOffset + offset;
    return this.#view.toString('latin1', at, at + length);
  }

  #isSame(at: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const kept = this.#bytes;
    for (let i = 0; i < length; i++) if (kept[at + i] !== bytes[offset + i]) return false;
    return true;
  }

  #make(place: number, hash: number, bytes: Uint8Array, offset: number, length: number): string {
    const text =
      length <= SHORT ? latin1String(bytes, offset, length) : this.#long(bytes, offset, length);
    if (this.#missed[place] === hash) {
      this.#texts[place] = text;
      const at = place * MAX_KNOWN_BYTES;
      for (let i = 0; i < length; i++) this.#bytes[at + i] = bytes[offset + i]!;
    }
    this.#missed[place] = hash;
    return text;
  }
}

function hashOf(bytes: Uint8Array, offset: number, length: number): number {
  let hash = length;
  const step = ((length - 1) >> 3) + 1;
  for (let at = length - 1; at >= 0; at -= step) {
    hash = Math.imul(hash ^ bytes[offset + at]!, 0x01000193);
  }
  return hash;
}
