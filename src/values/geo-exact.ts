// Sine, cosine and arc sine rounded to the nearest double, as C's library nearly always has them;
// JavaScript's are off by one in the last place for one number in forty. Slow: for distances that
// are stored with all their digits. Numbers are kept as sums of two doubles, with twice the digits.

import type { Trigonometry } from './geo-distance.ts';

/** Splits a double into halves of 26 bits each. */
const SPLITTER = 134217729;
/** A quarter turn as a sum of three doubles. */
const QUARTER: readonly [number, number, number] = [
  1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33,
];
/** Terms of the series: enough for angles up to an eighth of a turn. */
const TERMS = 14;

/** A sum of two doubles, the second below the last place of the first. */
class Double2 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high;
    this.low = low;
  }

  /** The exact sum of two doubles. */
  setSum(a: number, b: number): void {
    const sum = a + b;
    const part = sum - a;
    this.low = a - (sum - part) + (b - part);
    this.high = sum;
  }

  /** The exact product of two doubles. */
  setProduct(a: number, b: number): void {
    const product = a * b;
    const aScaled = SPLITTER * a;
    const aHigh = aScaled - (aScaled - a);
    const aLow = a - aHigh;
    const bScaled = SPLITTER * b;
    const bHigh = bScaled - (bScaled - b);
    const bLow = b - bHigh;
    this.low = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
    this.high = product;
  }

  add(other: Double2): void {
    const { high, low } = this;
    this.setSum(high, other.high);
    this.setSum(this.high, this.low + low + other.low);
  }

  multiply(other: Double2): void {
    const { high, low } = this;
    this.setProduct(high, other.high);
    this.setSum(this.high, this.low + high * other.low + low * other.high);
  }

  /** Divides by a small whole number. */
  divide(by: number, scratch: Double2): void {
    const { high, low } = this;
    const quotient = high / by;
    scratch.setProduct(quotient, by);
    const rest = high - scratch.high - scratch.low + low;
    this.setSum(quotient, rest / by);
  }
}

export class ExactTrigonometry implements Trigonometry {
  /** 1, -1/2!, 1/4!, ... and 1, -1/3!, 1/5!, ... */
  readonly #cosineTerms: readonly Double2[];
  readonly #sineTerms: readonly Double2[];
  readonly #angle = new Double2();
  readonly #square = new Double2();
  readonly #sum = new Double2();
  readonly #scratch = new Double2();

  constructor() {
    this.#cosineTerms = this.#inverseFactorials(0);
    this.#sineTerms = this.#inverseFactorials(1);
  }

  #inverseFactorials(first: number): Double2[] {
    const terms: Double2[] = [];
    const term = new Double2();
    term.set(1, 0);
    for (let n = first; terms.length < TERMS; n += 2) {
      const copy = new Double2();
      copy.set(term.high, term.low);
      terms.push(copy);
      term.divide(-(n + 1) * (n + 2), this.#scratch);
    }
    return terms;
  }

  sin(angle: number): number {
    this.#evaluate(angle, 0);
    return this.#sum.high;
  }

  cos(angle: number): number {
    this.#evaluate(angle, 1);
    return this.#sum.high;
  }

  asin(value: number): number {
    const near = Math.asin(value);
    this.#evaluate(near, 0);
    const { high, low } = this.#sum;
    const cosine = Math.cos(near);
    return cosine === 0 ? near : near + (value - high - low) / cosine;
  }

  /** Leaves the sine in the sum, after `quarters` quarter turns have been added to the angle. */
  #evaluate(angle: number, quarters: number): void {
    const turns = Math.round(angle / QUARTER[0]);
    const rest = this.#angle;
    const scratch = this.#scratch;
    scratch.setProduct(-turns, QUARTER[0]);
    rest.setSum(angle, scratch.high);
    rest.setSum(rest.high, rest.low + scratch.low);
    scratch.setProduct(-turns, QUARTER[1]);
    scratch.low -= turns * QUARTER[2];
    rest.add(scratch);
    const quadrant = (turns + quarters) & 3;
    const isOdd = (quadrant & 1) === 1;
    this.#sumSeries(isOdd ? this.#cosineTerms : this.#sineTerms);
    const sum = this.#sum;
    if (!isOdd) sum.multiply(rest);
    if (quadrant >= 2) sum.set(-sum.high, -sum.low);
  }

  #sumSeries(terms: readonly Double2[]): void {
    const square = this.#square;
    const sum = this.#sum;
    square.set(this.#angle.high, this.#angle.low);
    square.multiply(this.#angle);
    sum.set(0, 0);
    for (let i = terms.length - 1; i >= 0; i--) {
      sum.multiply(square);
      sum.add(terms[i] as Double2);
    }
  }
}
