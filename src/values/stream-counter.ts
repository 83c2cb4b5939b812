// A signed 64-bit count as two 32-bit words: how many entries were ever added to a stream, how many
// a group has read, how often one was delivered. Clients may set them to anything, so they are
// exact beyond 2^53; counting allocates nothing. In the arena a counter is its two words, the high
// one first.

const TWO_32 = 0x100000000;
/** Highest word up to which the value is exact as a double. */
const EXACT_HIGH = 0x1fffff;

export class Counter64 {
  high = 0;
  low = 0;

  /** Takes an exact integer (up to 2^53). */
  set(value: number): void {
    this.high = Math.floor(value / TWO_32) | 0;
    this.low = value | 0;
  }

  setBigInt(value: bigint): void {
    this.high = Number(BigInt.asIntN(32, value >> 32n));
    this.low = Number(BigInt.asIntN(32, value));
  }

  load(words: Int32Array, at: number): void {
    this.high = words[at]!;
    this.low = words[at + 1]!;
  }

  store(words: Int32Array, at: number): void {
    words[at] = this.high;
    words[at + 1] = this.low;
  }

  increment(): void {
    this.low = (this.low + 1) | 0;
    if (this.low === 0) this.high = (this.high + 1) | 0;
  }

  /** Becomes `this - other`. */
  subtract(other: Counter64): void {
    const borrow = this.low >>> 0 < other.low >>> 0 ? 1 : 0;
    this.low = (this.low - other.low) | 0;
    this.high = (this.high - other.high - borrow) | 0;
  }

  /** True when `value` is the number itself and not only the nearest double. */
  get isExact(): boolean {
    return this.high <= EXACT_HIGH && this.high >= ~EXACT_HIGH;
  }

  get value(): number {
    return this.high * TWO_32 + (this.low >>> 0);
  }

  get bigValue(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low >>> 0);
  }

  get isZero(): boolean {
    return (this.high | this.low) === 0;
  }

  /** True for -1: a count that is not known. */
  get isUnknown(): boolean {
    return (this.high & this.low) === -1;
  }
}
