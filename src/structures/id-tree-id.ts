// The ID of a stream entry: two unsigned 64-bit numbers, a time in milliseconds and a sequence
// number, kept as four 32-bit words so that every comparison is exact and nothing is allocated. IDs
// are work space: whoever owns one fills it again and again. In the arena an ID is its four words
// in the order of the fields, the most significant first.

const TWO_32 = 0x100000000;
const HIGH_BITS = 21;

export class StreamId {
  /** The words, as signed 32-bit integers that stand for unsigned ones. */
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): void {
    this.msHigh = msHigh;
    this.msLow = msLow;
    this.seqHigh = seqHigh;
    this.seqLow = seqLow;
  }

  copyFrom(other: StreamId): void {
    this.msHigh = other.msHigh;
    this.msLow = other.msLow;
    this.seqHigh = other.seqHigh;
    this.seqLow = other.seqLow;
  }

  /** Reads the four words at index `at`. */
  load(words: Int32Array, at: number): void {
    this.msHigh = words[at]!;
    this.msLow = words[at + 1]!;
    this.seqHigh = words[at + 2]!;
    this.seqLow = words[at + 3]!;
  }

  /** Writes the four words at index `at`. */
  store(words: Int32Array, at: number): void {
    words[at] = this.msHigh;
    words[at + 1] = this.msLow;
    words[at + 2] = this.seqHigh;
    words[at + 3] = this.seqLow;
  }

  /** The smallest ID, 0-0. */
  setMinimum(): void {
    this.set(0, 0, 0, 0);
  }

  /** The largest ID. */
  setMaximum(): void {
    this.set(-1, -1, -1, -1);
  }

  /** The time `ms` (0 to 2^53) with sequence number 0. */
  setTime(ms: number): void {
    this.set(Math.floor(ms / TWO_32) | 0, ms | 0, 0, 0);
  }

  get isZero(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0;
  }

  get isMaximum(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === -1;
  }

  equals(other: StreamId): boolean {
    return (
      this.seqLow === other.seqLow &&
      this.msLow === other.msLow &&
      this.seqHigh === other.seqHigh &&
      this.msHigh === other.msHigh
    );
  }

  /** Order: negative, 0 or positive. */
  compare(other: StreamId): number {
    if (this.msHigh !== other.msHigh) return order(this.msHigh, other.msHigh);
    if (this.msLow !== other.msLow) return order(this.msLow, other.msLow);
    if (this.seqHigh !== other.seqHigh) return order(this.seqHigh, other.seqHigh);
    if (this.seqLow !== other.seqLow) return order(this.seqLow, other.seqLow);
    return 0;
  }

  /** Order of the times alone. */
  compareTime(other: StreamId): number {
    if (this.msHigh !== other.msHigh) return order(this.msHigh, other.msHigh);
    return this.msLow === other.msLow ? 0 : order(this.msLow, other.msLow);
  }

  /** Order against the four words at index `at`. */
  compareWords(words: Int32Array, at: number): number {
    let word = words[at]!;
    if (this.msHigh !== word) return order(this.msHigh, word);
    word = words[at + 1]!;
    if (this.msLow !== word) return order(this.msLow, word);
    word = words[at + 2]!;
    if (this.seqHigh !== word) return order(this.seqHigh, word);
    word = words[at + 3]!;
    return this.seqLow === word ? 0 : order(this.seqLow, word);
  }

  /** Becomes the next ID. @returns false when there is none: the largest has become 0-0. */
  increment(): boolean {
    if ((this.seqLow = (this.seqLow + 1) | 0) !== 0) return true;
    if ((this.seqHigh = (this.seqHigh + 1) | 0) !== 0) return true;
    if ((this.msLow = (this.msLow + 1) | 0) !== 0) return true;
    return (this.msHigh = (this.msHigh + 1) | 0) !== 0;
  }

  /** Becomes the ID before. @returns false when there is none: 0-0 has become the largest. */
  decrement(): boolean {
    if (this.seqLow-- !== 0) return this.#wrap(true);
    if (this.seqHigh-- !== 0) return this.#wrap(true);
    if (this.msLow-- !== 0) return this.#wrap(true);
    return this.#wrap(this.msHigh-- !== 0);
  }

  #wrap(result: boolean): boolean {
    this.set(this.msHigh | 0, this.msLow | 0, this.seqHigh | 0, this.seqLow | 0);
    return result;
  }

  /** True when the time is exact as a double, as it is until the year 287396. */
  get hasExactTime(): boolean {
    return this.msHigh >>> HIGH_BITS === 0;
  }

  /** The time in ms, exact when `hasExactTime`. */
  get time(): number {
    return (this.msHigh >>> 0) * TWO_32 + (this.msLow >>> 0);
  }

  get hasExactSequence(): boolean {
    return this.seqHigh >>> HIGH_BITS === 0;
  }

  /** The sequence number, exact when `hasExactSequence`. */
  get sequence(): number {
    return (this.seqHigh >>> 0) * TWO_32 + (this.seqLow >>> 0);
  }
}

/** Order of two words that differ, as unsigned integers. */
function order(a: number, b: number): number {
  return a >>> 0 < b >>> 0 ? -1 : 1;
}
