// The decimal digits of a double: Grisu2 (F. Loitsch, "Printing floating-point numbers quickly and
// accurately with integers", PLDI 2010), the algorithm behind the doubles of Redis 7.2's replies.
// It always finds digits that read back as the same double, and in all but about one case of a
// thousand the fewest; those cases are why this is not JavaScript's own conversion, whose digits
// would differ from Redis's. Numbers of 64 bits are pairs of halves, and nothing is allocated: who
// writes doubles keeps an instance as scratch space, with no meaning from one call to the next.

const TWO32 = 4294967296;
const SIGN_BIT = -0x80000000;
const STEP = 8;
const FIRST_POWER = -348;
const POWER_COUNT = 87;
const LOG10_OF_2 = 0.30102999566398114;
/** Scaled exponents stay in here, so that the integer part of a scaled number has 4 to 32 bits. */
const MIN_EXPONENT = -60;
const MAX_EXPONENT = -32;

interface Powers {
  /** Upper and lower half of every eighth power of ten, normalized to 64 bits. */
  readonly fractions: Uint32Array;
  /** The binary exponents that belong to them. */
  readonly exponents: Int16Array;
}

let cachedPowers: Powers | null = null;

/**
 * The powers 10^-348, 10^-340 ... 10^340, each rounded to the nearest 64-bit fraction. A constant,
 * made when asked for.
 */
function powersOfTen(): Powers {
  if (cachedPowers !== null) return cachedPowers;
  const fractions = new Uint32Array(POWER_COUNT * 2);
  const exponents = new Int16Array(POWER_COUNT);
  for (let i = 0; i < POWER_COUNT; i++) {
    const power = FIRST_POWER + i * STEP;
    const exact = 10n ** BigInt(Math.abs(power));
    const bits = exact.toString(2).length;
    // At least 66 significant bits, of which 64 are kept.
    const shift = power < 0 ? bits + 66 : Math.max(0, 66 - bits);
    const scaled = power < 0 ? (1n << BigInt(shift)) / exact : exact << BigInt(shift);
    const extra = scaled.toString(2).length - 64;
    const fraction = (scaled + (1n << BigInt(extra - 1))) >> BigInt(extra);
    fractions[i * 2] = Number(fraction >> 32n);
    fractions[i * 2 + 1] = Number(fraction & 0xffffffffn);
    exponents[i] = extra - shift;
  }
  cachedPowers = { fractions, exponents };
  return cachedPowers;
}

/** Upper 32 bits of a product of two unsigned 32-bit numbers; the lower ones are Math.imul's. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const lower = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return ((Math.imul(aHigh, bHigh) >>> 0) + (middle >>> 16) + (lower >>> 16)) >>> 0;
}

/** Upper half of a pair of halves shifted left by 0 to 63 bits. */
function shiftedHigh(high: number, low: number, bits: number): number {
  if (bits === 0) return high;
  return (bits < 32 ? (high << bits) | (low >>> (32 - bits)) : low << (bits - 32)) >>> 0;
}

/** Lower half of the same. */
function shiftedLow(low: number, bits: number): number {
  return bits < 32 ? (low << bits) >>> 0 : 0;
}

/** Digits and exponent of one double at a time. */
export class DoubleDigits {
  /** The digits as ASCII bytes; the first `count` are valid. */
  readonly digits: Uint8Array = new Uint8Array(20);
  count = 0;
  /** The value is the digits, read as an integer, times ten to this power. */
  exponent = 0;

  /** Upper and lower halves of the last product. */
  #high = 0;
  #low = 0;
  /**
   * What the last digit may be lowered by, and how far the value lies below the top: see `finish`.
   */
  #distanceHigh = 0;
  #distanceLow = 0;
  readonly #bits = new DataView(new ArrayBuffer(8));

  /** Finds the digits of a positive, finite double. */
  find(positive: number): void {
    this.#bits.setFloat64(0, positive);
    const head = this.#bits.getUint32(0);
    const low = this.#bits.getUint32(4);
    const biased = head >>> 20;
    const exponent = biased === 0 ? -1074 : biased - 1075;
    const high = (head & 0xfffff) + (biased === 0 ? 0 : 0x100000);

    // Halfway to the next double above, shifted up until its highest bit is set.
    const doubledHigh = (high << 1) | (low >>> 31);
    const doubledLow = ((low << 1) | 1) >>> 0;
    const shift = doubledHigh === 0 ? 32 + Math.clz32(doubledLow) : Math.clz32(doubledHigh);
    const upperHigh = shiftedHigh(doubledHigh, doubledLow, shift);
    const upperLow = shiftedLow(doubledLow, shift);

    // Halfway to the double below, which is nearer where a power of two is crossed.
    const below = high === 0x100000 && low === 0 ? 2 : 1;
    const farLow = shiftedLow(low, below);
    const farHigh = shiftedHigh(high, low, below) - (farLow === 0 ? 1 : 0);
    const rest = shift + 1 - below;
    const lowerHigh = shiftedHigh(farHigh, (farLow - 1) >>> 0, rest);
    const lowerLow = shiftedLow((farLow - 1) >>> 0, rest);

    const binaryExponent = exponent - 1 - shift;
    const index = this.#powerFor(binaryExponent);
    const { fractions, exponents } = powersOfTen();
    const factorHigh = fractions[index * 2]!;
    const factorLow = fractions[index * 2 + 1]!;
    this.exponent = -(FIRST_POWER + index * STEP);

    // The ends of the interval move inwards by one, for the error that scaling brings.
    this.#multiply(upperHigh, upperLow, factorHigh, factorLow);
    const topHigh = this.#low === 0 ? this.#high - 1 : this.#high;
    const topLow = (this.#low - 1) >>> 0;
    this.#multiply(lowerHigh, lowerLow, factorHigh, factorLow);
    const bottomLow = (this.#low + 1) >>> 0;
    const bottomHigh = bottomLow === 0 ? this.#high + 1 : this.#high;
    const valueHigh = shiftedHigh(high, low, shift + 1);
    this.#multiply(valueHigh, shiftedLow(low, shift + 1), factorHigh, factorLow);

    this.#distanceLow = (topLow - this.#low) >>> 0;
    this.#distanceHigh = (topHigh - this.#high - (topLow < this.#low ? 1 : 0)) >>> 0;
    const widthLow = (topLow - bottomLow) >>> 0;
    const widthHigh = (topHigh - bottomHigh - (topLow < bottomLow ? 1 : 0)) >>> 0;
    const fraction = -(binaryExponent + exponents[index]! + 64) - 32;
    this.#generate(topHigh, topLow, widthHigh, widthLow, fraction);
  }

  /**
   * Which power brings a number of 64 bits times two to `binaryExponent` into the range of
   * exponents.
   */
  #powerFor(binaryExponent: number): number {
    const { exponents } = powersOfTen();
    const estimate = Math.trunc(-(binaryExponent + POWER_COUNT) * LOG10_OF_2);
    let index = Math.trunc((estimate - FIRST_POWER) / STEP);
    let scaled = binaryExponent + exponents[index]! + 64;
    while (scaled < MIN_EXPONENT || scaled > MAX_EXPONENT) {
      index += scaled < MIN_EXPONENT ? 1 : -1;
      scaled = binaryExponent + exponents[index]! + 64;
    }
    return index;
  }

  /** The upper 64 bits, rounded, of a product of two 64-bit numbers. */
  #multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
    const middle =
      (Math.imul(aHigh, bLow) >>> 0) +
      (Math.imul(aLow, bHigh) >>> 0) +
      multiplyHigh(aLow, bLow) +
      0x80000000;
    const lower =
      (Math.imul(aHigh, bHigh) >>> 0) +
      multiplyHigh(aHigh, bLow) +
      multiplyHigh(aLow, bHigh) +
      Math.floor(middle / TWO32);
    this.#low = lower >>> 0;
    this.#high = (multiplyHigh(aHigh, bHigh) + Math.floor(lower / TWO32)) >>> 0;
  }

  /**
   * Writes digits of the interval's top until what is left of it is less than the interval's
   * width. The lowest `shift` + 32 bits of `top` are its fraction.
   */
  #generate(
    topHigh: number,
    topLow: number,
    widthHigh: number,
    widthLow: number,
    shift: number,
  ): void {
    const { digits } = this;
    const mask = (1 << shift) - 1;
    let whole = topHigh >>> shift;
    let high = topHigh & mask;
    let power = 9;
    let divisor = 1_000_000_000;
    for (; divisor > whole; power--) divisor = (divisor / 10) >>> 0;
    let count = 0;
    for (; power >= 0; power--) {
      const digit = (whole / divisor) >>> 0;
      whole -= digit * divisor;
      digits[count++] = 48 + digit;
      const restHigh = ((whole << shift) | high) >>> 0;
      if (restHigh < widthHigh || (restHigh === widthHigh && topLow <= widthLow)) {
        this.exponent += power;
        this.#finish(count, restHigh, topLow, widthHigh, widthLow, (divisor << shift) >>> 0);
        return;
      }
      divisor = (divisor / 10) >>> 0;
    }
    // From here on halves are signed integers, which engines keep in registers; the highest bit is
    // turned over to compare them as unsigned ones.
    let low = topLow | 0;
    let reachHigh = widthHigh | 0;
    let reachLow = widthLow | 0;
    for (; ; power--) {
      // Both numbers times ten, in pieces of 16 bits.
      let piece = (low & 0xffff) * 10;
      let carry = (low >>> 16) * 10 + (piece >>> 16);
      low = (carry << 16) | (piece & 0xffff);
      const product = (Math.imul(high, 10) + (carry >>> 16)) | 0;
      piece = (reachLow & 0xffff) * 10;
      carry = (reachLow >>> 16) * 10 + (piece >>> 16);
      reachLow = (carry << 16) | (piece & 0xffff);
      reachHigh = (Math.imul(reachHigh, 10) + (carry >>> 16)) | 0;
      digits[count++] = 48 + (product >>> shift);
      high = product & mask;
      const flipped = reachHigh ^ SIGN_BIT;
      if (
        (high ^ SIGN_BIT) < flipped ||
        (high === reachHigh && (low ^ SIGN_BIT) < (reachLow ^ SIGN_BIT))
      ) {
        this.exponent += power;
        this.#scaleDistance(-power);
        this.#finish(count, high, low >>> 0, reachHigh >>> 0, reachLow >>> 0, 1 << shift);
        return;
      }
    }
  }

  #scaleDistance(powerOfTen: number): void {
    let high = this.#distanceHigh | 0;
    let low = this.#distanceLow | 0;
    for (let i = 0; i < powerOfTen; i++) {
      const piece = (low & 0xffff) * 10;
      const carry = (low >>> 16) * 10 + (piece >>> 16);
      low = (carry << 16) | (piece & 0xffff);
      high = (Math.imul(high, 10) + (carry >>> 16)) | 0;
    }
    this.#distanceHigh = high >>> 0;
    this.#distanceLow = low >>> 0;
  }

  /**
   * Lowers the last digit as long as that brings the result nearer to the value and keeps it
   * inside the interval. All numbers are distances from the top; `unit` is the upper half of what
   * one step of the last digit is worth.
   */
  #finish(
    count: number,
    restHigh: number,
    restLow: number,
    widthHigh: number,
    widthLow: number,
    unit: number,
  ): void {
    const goalHigh = this.#distanceHigh;
    const goalLow = this.#distanceLow;
    let high = restHigh;
    while (high < goalHigh || (high === goalHigh && restLow < goalLow)) {
      const roomHigh = widthHigh - high - (widthLow < restLow ? 1 : 0);
      if (roomHigh < unit) break;
      const nextHigh = high + unit;
      if (nextHigh > goalHigh || (nextHigh === goalHigh && restLow >= goalLow)) {
        // The next step passes the value: only take it where it ends nearer than this one.
        const aheadHigh = goalHigh - high - (goalLow < restLow ? 1 : 0);
        const aheadLow = (goalLow - restLow) >>> 0;
        const pastHigh = nextHigh - goalHigh - (restLow < goalLow ? 1 : 0);
        const pastLow = (restLow - goalLow) >>> 0;
        if (aheadHigh < pastHigh || (aheadHigh === pastHigh && aheadLow <= pastLow)) break;
      }
      this.digits[count - 1]!--;
      high = nextHigh;
    }
    this.count = count;
  }
}
