// Randomness comes in through here: seeds for hashing, ids, and uniform integers. A seeded source
// replays a run.

import { randomBytes } from 'node:crypto';

export interface Random {
  /** A uniform integer in [0, bound), bound at most 2^31. */
  below(bound: number): number;
  /** A string of `length` hexadecimal digits. */
  hex(length: number): string;
}

/** xorshift128: fast, uniform enough for sampling, never for secrets. */
class Xorshift {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: Uint32Array) {
    this.#a = seed[0]! | 1;
    this.#b = seed[1]!;
    this.#c = seed[2]!;
    this.#d = seed[3]!;
  }

  next(): number {
    let t = this.#d;
    const s = this.#a;
    this.#d = this.#c;
    this.#c = this.#b;
    this.#b = s;
    t ^= t << 11;
    t ^= t >>> 8;
    this.#a = t ^ s ^ (s >>> 19);
    return this.#a >>> 0;
  }
}

function seeded(words: Uint32Array, hexBytes: (count: number) => Uint8Array): Random {
  const generator = new Xorshift(words);
  return {
    below: (bound) => Math.floor((generator.next() / 0x100000000) * bound),
    hex: (length) =>
      Buffer.from(hexBytes((length + 1) >> 1))
        .toString('hex')
        .slice(0, length),
  };
}

/** A source that nobody can foretell. */
export function systemRandom(): Random {
  const bytes = randomBytes(16);
  const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 16));
  return seeded(words, (count) => randomBytes(count));
}

/** A source that gives the same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  const words = Uint32Array.of(seed, seed ^ 0x9e3779b9, (seed * 0x85ebca6b) >>> 0, 0xc2b2ae35);
  const generator = new Xorshift(words);
  return seeded(words, (count) => Uint8Array.from({ length: count }, () => generator.next() & 255));
}
