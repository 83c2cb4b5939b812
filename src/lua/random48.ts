// The random generator that Redis puts in the place of C's, so that a seed gives the same numbers
// on every machine: the 48-bit generator of POSIX's lrand48.

const HALF = 2 ** 24;
const FACTOR_HIGH = 0x5de;
const FACTOR_LOW = 0xece66d;
const ADDED = 11;
const SEED_LOW = 0x330e;
/** What it begins with when nobody seeds it. */
const FIRST_HIGH = 0x1234ab;
const FIRST_LOW = 0xcd330e;

/** The 48-bit generator of POSIX's lrand48, in two halves. */
export class Random48 {
  #high = FIRST_HIGH;
  #low = FIRST_LOW;

  /** What it will give from now on, for `restore`. */
  get state(): readonly [high: number, low: number] {
    return [this.#high, this.#low];
  }

  restore([high, low]: readonly [high: number, low: number]): void {
    this.#high = high;
    this.#low = low;
  }

  seed(value: number): void {
    const bits = value >>> 0;
    this.#high = Math.floor(bits / 256);
    this.#low = (bits % 256) * 65536 + SEED_LOW;
  }

  /** 31 bits. */
  next(): number {
    const low = this.#low * FACTOR_LOW + ADDED;
    const carry = Math.floor(low / HALF);
    const high = this.#high * FACTOR_LOW + this.#low * FACTOR_HIGH + carry;
    this.#low = low % HALF;
    this.#high = high % HALF;
    return Math.floor((this.#high * HALF + this.#low) / 131072);
  }
}
