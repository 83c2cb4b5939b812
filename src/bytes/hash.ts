// HalfSipHash-1-3 (32-bit result), the keyed hash of every dict. A random seed per server stops
// hash flooding at the price of some 15 ns a key. Algorithm: https://github.com/veorq/SipHash
// (halfsiphash), with one round a word and three at the end.

/** A 64-bit key as two 32-bit halves. */
export interface HashSeed {
  readonly low: number;
  readonly high: number;
}

/**
 * Hash of `length` bytes at `offset`, whose bytes are also put into `words`: four to a word, the
 * last one filled up with zeros. Comparing a key with others by its words takes a quarter of the
 * steps.
 * @param words room for a quarter of the bytes and one word more, from `wordsAt` on.
 * @returns a signed 32-bit integer, which never needs an object of its own on the heap.
 */
export function halfSipHash(
  bytes: Uint8Array,
  offset: number,
  length: number,
  seedLow: number,
  seedHigh: number,
  words: Int32Array,
  wordsAt = 0,
): number {
  let v0 = seedLow | 0;
  let v1 = seedHigh | 0;
  let v2 = 0x6c796765 ^ seedLow;
  let v3 = 0x74656462 ^ seedHigh;
  const end = offset + length;
  const wordsEnd = end - (length & 3);
  let i = offset;
  let wordIndex = wordsAt;
  for (; i < wordsEnd; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    words[wordIndex++] = word;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  let tail = 0;
  if (i < end) tail = bytes[i]!;
  if (i + 1 < end) tail |= bytes[i + 1]! << 8;
  if (i + 2 < end) tail |= bytes[i + 2]! << 16;
  words[wordIndex] = tail;
  tail |= length << 24;
  v3 ^= tail;
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 0) {
      v0 ^= tail;
      v2 ^= 0xff;
    }
  }
  return v1 ^ v3;
}
