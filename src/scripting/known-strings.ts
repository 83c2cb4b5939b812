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

export class KnownStrings {
  readonly #texts: string[] = new Array<string>(PLACES).fill('');
  readonly #bytes: Uint8Array = new Uint8Array(PLACES * MAX_KNOWN_BYTES);
  readonly #hashes: Int32Array = new Int32Array(PLACES);
  /** What was last looked for in vain at each place. */
  readonly #missed: Int32Array = new Int32Array(PLACES);

  /** A range of bytes as a string of one character a byte. */
  text(bytes: Uint8Array, offset: number, length: number): string {
    if (length === 0) return '';
    if (length > MAX_KNOWN_BYTES) return latin1String(bytes, offset, length);
    const hash = hashOf(bytes, offset, length);
    const hashes = this.#hashes;
    let place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    if (hashes[place] !== hash) {
      // Every string has a second place.
      if (hashes[place ^ 1] !== hash) return this.#make(place, hash, bytes, offset, length);
      place ^= 1;
    }
    const text = this.#texts[place]!;
    const isKnown = text.length === length && this.#isSame(place, bytes, offset, length);
    return isKnown ? text : this.#make(place, hash, bytes, offset, length);
  }

  #isSame(place: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const kept = this.#bytes;
    const at = place * MAX_KNOWN_BYTES;
    for (let i = 0; i < length; i++) if (kept[at + i] !== bytes[offset + i]) return false;
    return true;
  }

  #make(first: number, hash: number, bytes: Uint8Array, offset: number, length: number): string {
    const text = latin1String(bytes, offset, length);
    const isFree = this.#texts[first] === '' || this.#hashes[first] === hash;
    const place = isFree ? first : first ^ 1;
    if (this.#missed[place] === hash) {
      this.#texts[place] = text;
      this.#hashes[place] = hash;
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
