// Small sorted sets: a listpack of members and their scores, in pairs and in order, as Redis lays
// them out. A score that is whole is an integer element, any other the shortest text that reads
// back as it. Functions that change the listpack return the reference from then on. Used by
// SortedSet.

import { compareBytes } from '../bytes/compare.ts';
import { MAX_DOUBLE_BYTES, parseDouble, writeDouble } from '../bytes/double.ts';
import { DoubleDigits } from '../bytes/double-digits.ts';
import { MAX_EXACT } from '../bytes/integer.ts';
import type { Listpacks } from '../structures/listpack.ts';
import type { LexBound, LexRange } from './sorted-set-ranges.ts';

/** Whole scores up to here are stored as integers. */
const INTEGER_LIMIT = 2 ** 62;

// Where a place among members of the same score is.
const TIES_AFTER = 0;
const TIES_BEFORE = 1;
const TIES_BY_MEMBER = 2;

const NO_BYTES = new Uint8Array(0);
/** Powers of ten that a double holds exactly, as it does numbers of up to 15 digits. */
const EXACT_POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MAX_FAST_DIGITS = 15;

/**
 * Reads a score. Few digits and a small exponent, as `writeDouble` writes it, make one exact
 * division or multiplication; anything else is left to parseDouble, which makes a string. So are
 * exponents without a sign, which other writers of dumps make (`1e21`).
 */
function parseScore(bytes: Uint8Array, offset: number, length: number): number {
  const end = offset + length;
  const isNegative = bytes[offset] === 45;
  let mantissa = 0;
  let digits = 0;
  let exponent = 0;
  let hasPoint = false;
  let i = isNegative ? offset + 1 : offset;
  for (; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 46) hasPoint = true;
    else if (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48);
      if (mantissa !== 0) digits++;
      if (hasPoint) exponent--;
    } else break;
  }
  if (i + 2 < end && bytes[i] === 101 && (bytes[i + 1] === 43 || bytes[i + 1] === 45)) {
    let written = 0;
    const sign = bytes[i + 1] === 45 ? -1 : 1;
    for (i += 2; i < end && bytes[i]! >= 48 && bytes[i]! <= 57; i++) {
      written = written * 10 + (bytes[i]! - 48);
    }
    exponent += sign * written;
  }
  const isFast = i === end && digits <= MAX_FAST_DIGITS && exponent <= 22 && exponent >= -22;
  if (!isFast) return parseDouble(bytes, offset, length);
  const power = EXACT_POWERS[Math.abs(exponent)]!;
  const magnitude = exponent < 0 ? mantissa / power : mantissa * power;
  return isNegative ? -magnitude : magnitude;
}

export class ScorePairs {
  /** The ranks that `selectMembers` has found: from `from` to before `to`. */
  from = 0;
  to = 0;
  /** What `#findPlace` has found. */
  #rank = 0;
  #position = 0;
  readonly #listpacks: Listpacks;
  readonly #text = new Uint8Array(MAX_DOUBLE_BYTES);
  readonly #digits = new DoubleDigits();

  constructor(listpacks: Listpacks) {
    this.#listpacks = listpacks;
  }

  count(lp: number): number {
    return this.#listpacks.count(lp) >> 1;
  }

  /** Position of the member with `rank` members before it, or 0. */
  seek(lp: number, rank: number): number {
    return this.#listpacks.seek(lp, rank << 1);
  }

  next(lp: number, position: number): number {
    return this.#listpacks.skip(lp, position, 2);
  }

  previous(lp: number, position: number): number {
    const listpacks = this.#listpacks;
    const score = listpacks.previous(lp, position);
    return score === 0 ? 0 : listpacks.previous(lp, score);
  }

  /** Position of a member, or 0. */
  find(lp: number, bytes: Uint8Array, offset: number, length: number): number {
    return this.#listpacks.find(lp, this.#listpacks.first(lp), bytes, offset, length, 1);
  }

  /** The score of the member at `position`. */
  scoreAt(lp: number, position: number): number {
    return this.#scoreOf(lp, this.#listpacks.next(lp, position));
  }

  #scoreOf(lp: number, element: number): number {
    const listpacks = this.#listpacks;
    const whole = listpacks.integerAt(lp, element);
    if (!Number.isNaN(whole)) return whole;
    listpacks.get(lp, element);
    return parseScore(listpacks.bytes, listpacks.offset, listpacks.length);
  }

  /** Order of the member at `position` against other bytes. */
  compare(lp: number, position: number, bytes: Uint8Array, offset: number, length: number): number {
    const listpacks = this.#listpacks;
    listpacks.get(lp, position);
    return compareBytes(listpacks.bytes, listpacks.offset, listpacks.length, bytes, offset, length);
  }

  /** The number of members before the one at `position`. */
  rankAt(lp: number, position: number): number {
    const listpacks = this.#listpacks;
    let rank = 0;
    for (let at = listpacks.first(lp); at !== position; at = this.next(lp, at)) rank++;
    return rank;
  }

  /** The number of members with a score below `score`, or up to it. */
  rankOfScore(lp: number, score: number, above: boolean): number {
    this.#findPlace(lp, score, above ? TIES_BEFORE : TIES_AFTER, NO_BYTES, 0, 0);
    return this.#rank;
  }

  /**
   * Halves the members until the first that is not before a place is found: its position and rank
   * are kept, the position 0 when there is none. Elements are passed over, few scores are read.
   */
  #findPlace(
    lp: number,
    score: number,
    ties: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const listpacks = this.#listpacks;
    let position = listpacks.first(lp);
    let rank = 0;
    for (let left = this.count(lp); left > 0; ) {
      const half = left >> 1;
      const middle = listpacks.skip(lp, position, half * 2);
      const element = listpacks.next(lp, middle);
      const other = this.#scoreOf(lp, element);
      let isBefore = other < score;
      if (other === score) {
        isBefore =
          ties === TIES_BY_MEMBER
            ? this.compare(lp, middle, bytes, offset, length) < 0
            : ties === TIES_BEFORE;
      }
      if (isBefore) {
        position = listpacks.next(lp, element);
        rank += half + 1;
        left -= half + 1;
      } else left = half;
    }
    this.#rank = rank;
    this.#position = position;
  }

  /**
   * Finds the ranks of a range of members, as Redis does: it walks from one end, whatever the
   * scores are, until a member is out of the range.
   */
  selectMembers(lp: number, range: LexRange, fromEnd: boolean): void {
    const count = this.count(lp);
    this.from = 0;
    this.to = 0;
    if (!this.#isFromMin(lp, this.seek(lp, count - 1), range)) return;
    if (!this.#isUpToMax(lp, this.seek(lp, 0), range)) return;
    if (fromEnd) {
      let rank = count;
      let at = this.seek(lp, count - 1);
      for (; at !== 0 && !this.#isUpToMax(lp, at, range); at = this.previous(lp, at)) rank--;
      this.to = rank;
      for (; at !== 0 && this.#isFromMin(lp, at, range); at = this.previous(lp, at)) rank--;
      this.from = rank;
      return;
    }
    let rank = 0;
    let at = this.seek(lp, 0);
    for (; at !== 0 && !this.#isFromMin(lp, at, range); at = this.next(lp, at)) rank++;
    this.from = rank;
    for (; at !== 0 && this.#isUpToMax(lp, at, range); at = this.next(lp, at)) rank++;
    this.to = rank;
  }

  #isFromMin(lp: number, position: number, { min }: LexRange): boolean {
    if (min.side !== 0) return min.side < 0;
    const order = this.#compareWith(lp, position, min);
    return min.exclusive ? order > 0 : order >= 0;
  }

  #isUpToMax(lp: number, position: number, { max }: LexRange): boolean {
    if (max.side !== 0) return max.side > 0;
    const order = this.#compareWith(lp, position, max);
    return max.exclusive ? order < 0 : order <= 0;
  }

  #compareWith(lp: number, position: number, { bytes, offset, length }: LexBound): number {
    return this.compare(lp, position, bytes, offset, length);
  }

  /** Adds a member that is not there, at its place. @returns the reference from now on. */
  insert(lp: number, score: number, bytes: Uint8Array, offset: number, length: number): number {
    const listpacks = this.#listpacks;
    const last = listpacks.last(lp);
    let place = 0;
    if (last !== 0 && score <= this.#scoreOf(lp, last)) {
      this.#findPlace(lp, score, TIES_BY_MEMBER, bytes, offset, length);
      place = this.#position;
    }
    if (place === 0) return this.append(lp, score, bytes, offset, length);
    return listpacks.insertBefore(
      this.#insertScore(lp, place, score),
      place,
      bytes,
      offset,
      length,
    );
  }

  /** Adds a member behind all others. @returns the reference from now on. */
  append(lp: number, score: number, bytes: Uint8Array, offset: number, length: number): number {
    const listpacks = this.#listpacks;
    const grown = listpacks.append(lp, bytes, offset, length);
    if (Math.abs(score) <= MAX_EXACT && Math.floor(score) === score) {
      return listpacks.appendInteger(grown, score);
    }
    return listpacks.append(grown, this.#text, 0, this.#writeScore(score));
  }

  #insertScore(lp: number, position: number, score: number): number {
    const listpacks = this.#listpacks;
    if (Math.abs(score) <= MAX_EXACT && Math.floor(score) === score) {
      return listpacks.insertIntegerBefore(lp, position, score);
    }
    return listpacks.insertBefore(lp, position, this.#text, 0, this.#writeScore(score));
  }

  /** Writes the text of a score; digits alone become an integer element. */
  #writeScore(score: number): number {
    if (Math.abs(score) <= INTEGER_LIMIT && Math.floor(score) === score) {
      const digits = BigInt(score).toString();
      for (let i = 0; i < digits.length; i++) this.#text[i] = digits.charCodeAt(i);
      return digits.length;
    }
    return writeDouble(this.#text, 0, score, this.#digits);
  }

  /** Gives the member at `position` another score. @returns the reference from now on. */
  changeScore(
    lp: number,
    position: number,
    score: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): number {
    const without = this.#listpacks.delete(lp, position, 2);
    return this.insert(without, score, bytes, offset, length);
  }

  /**
   * Takes out `count` members from the one at `position` on. @returns the reference from now on.
   */
  delete(lp: number, position: number, count: number): number {
    return this.#listpacks.delete(lp, position, count * 2);
  }
}
