// MurmurHash64A, exact and without BigInt: what HyperLogLogs hash their elements with. The 64-bit
// result is two signed halves. https://github.com/aappleby/smhasher (public domain), MurmurHash2.

/** The multiplier 0xc6a4a7935bd1e995. */
const M_HIGH = 0xc6a4a793 | 0;
const M_LOW = 0x5bd1e995;

export class Murmur64 {
  high = 0;
  low = 0;
  /** The word that is being mixed in. */
  #wordHigh = 0;
  #wordLow = 0;

  /** Hashes bytes with a seed of 32 bits; the result is in `high` and `low`. */
  hash(bytes: Uint8Array, offset: number, length: number, seed: number): void {
    this.high = 0;
    this.low = length;
    this.#multiply();
    this.low ^= seed;
    const end = offset + (length & ~7);
    for (let at = offset; at < end; at += 8) {
      this.#setWord(littleEndian(bytes, at + 4), littleEndian(bytes, at));
      this.#mixWord();
      this.#multiply();
    }
    const rest = length & 7;
    for (let i = 0; i < rest; i++) {
      const byte = bytes[end + i]!;
      if (i < 4) this.low ^= byte << (i << 3);
      else this.high ^= byte << ((i - 4) << 3);
    }
    if (rest > 0) this.#multiply();
    this.#shiftXor();
    this.#multiply();
    this.#shiftXor();
  }

  #setWord(high: number, low: number): void {
    this.#wordHigh = high;
    this.#wordLow = low;
  }

  /** h ^= ((k * m) ^ ((k * m) >> 47)) * m */
  #mixWord(): void {
    const { high, low } = this;
    this.high = this.#wordHigh;
    this.low = this.#wordLow;
    this.#multiply();
    this.#shiftXor();
    this.#multiply();
    this.high ^= high;
    this.low ^= low;
  }

  /** h ^= h >> 47 */
  #shiftXor(): void {
    this.low ^= this.high >>> 15;
  }

  /** h *= m, of 64 bits. */
  #multiply(): void {
    const { high, low } = this;
    const lowLow = low & 0xffff;
    const lowHigh = low >>> 16;
    const carry = (Math.imul(lowLow, M_LOW & 0xffff) >>> 16) + Math.imul(lowHigh, M_LOW & 0xffff);
    // The middle products need 33 bits: their sum is kept as two parts.
    const middle = (carry & 0xffff) + Math.imul(lowLow, M_LOW >>> 16);
    const upper = (carry >>> 16) + (middle >>> 16) + Math.imul(lowHigh, M_LOW >>> 16);
    this.high = (upper + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) | 0;
    this.low = Math.imul(low, M_LOW);
  }
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
