// What two tables of members share, found without a hash: tables with the same seed have a member
// in the same bucket, so the buckets are laid side by side and only their chains are compared. Half
// of what SINTER takes otherwise. Neither table may change meanwhile.
//
//   first    bucket 5 -> c -> a          the second may have half, twice or four times as many
//   second   bucket 5 -> a -> x          buckets: then it is bucket 5 of 4, or 5, 13, 21 ...

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { STATE_MASK0, STATE_REHASH, STATE_TABLE0 } from './dict-state.ts';
import { IS_LITTLE_ENDIAN } from './key-words.ts';

const NO_WORDS = new Int32Array(0);
const LENGTH_WORD = 1;
const MEMBER_WORD = 2;
/** With more buckets to look into for each member, a hash costs less. */
const MOST_BUCKETS = 4;

export class MemberPairs {
  readonly #arena: Arena;
  #firstWords: Int32Array = NO_WORDS;
  #firstBase = 0;
  #firstMask = -1;
  #secondWords: Int32Array = NO_WORDS;
  #secondBase = 0;
  #secondMask = -1;
  #bucket = -1;
  /** What follows in the chain of the first table. */
  #next = NULL_REF;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * Begins to go over the members of one table that another has, by the blocks of their states.
   * @returns false where the tables do not lie side by side: each member must be looked up.
   */
  begin(first: number, second: number): boolean {
    const { words } = this.#arena;
    const firstState = words[first >>> SLOT_SHIFT]!;
    const firstAt = (first & GRANULE_MASK) << 1;
    const secondState = words[second >>> SLOT_SHIFT]!;
    const secondAt = (second & GRANULE_MASK) << 1;
    if (firstState[firstAt + STATE_REHASH]! >= 0) return false;
    if (secondState[secondAt + STATE_REHASH]! >= 0) return false;
    this.#firstMask = firstState[firstAt + STATE_MASK0]!;
    this.#secondMask = secondState[secondAt + STATE_MASK0]!;
    if (this.#secondMask >= (this.#firstMask + 1) * MOST_BUCKETS) return false;
    const firstTable = firstState[firstAt + STATE_TABLE0]!;
    this.#firstWords = words[firstTable >>> SLOT_SHIFT]!;
    this.#firstBase = (firstTable & GRANULE_MASK) << 1;
    const secondTable = secondState[secondAt + STATE_TABLE0]!;
    this.#secondWords = words[secondTable >>> SLOT_SHIFT]!;
    this.#secondBase = (secondTable & GRANULE_MASK) << 1;
    this.#bucket = -1;
    this.#next = NULL_REF;
    return true;
  }

  /** Lets go of the memory that the last tables lay in. */
  forget(): void {
    this.#firstWords = NO_WORDS;
    this.#secondWords = NO_WORDS;
  }

  /** @returns the next common member, as the first table has it; 0 at the end. */
  next(): number {
    const slots = this.#arena.words;
    const words = this.#firstWords;
    const base = this.#firstBase;
    const mask = this.#firstMask;
    let bucket = this.#bucket;
    let ref = this.#next;
    for (;;) {
      while (ref === NULL_REF) {
        if (bucket >= mask) {
          this.#bucket = bucket;
          this.#next = NULL_REF;
          return NULL_REF;
        }
        ref = words[base + ++bucket]!;
      }
      const member = slots[ref >>> SLOT_SHIFT]!;
      const at = (ref & GRANULE_MASK) << 1;
      if (this.#isInSecond(member, at, bucket)) {
        this.#bucket = bucket;
        this.#next = member[at]!;
        return ref;
      }
      ref = member[at]!;
    }
  }

  #isInSecond(member: Int32Array, at: number, bucket: number): boolean {
    const slots = this.#arena.words;
    const words = this.#secondWords;
    const base = this.#secondBase;
    const mask = this.#secondMask;
    const step = this.#firstMask + 1;
    const length = member[at + LENGTH_WORD]!;
    for (let i = bucket & mask; i <= mask; i += step) {
      let ref = words[base + i]!;
      while (ref !== NULL_REF) {
        const other = slots[ref >>> SLOT_SHIFT]!;
        const otherAt = (ref & GRANULE_MASK) << 1;
        if (other[otherAt + LENGTH_WORD] === length) {
          if (this.#areEqual(member, at + MEMBER_WORD, other, otherAt + MEMBER_WORD, length)) {
            return true;
          }
        }
        ref = other[otherAt]!;
      }
    }
    return false;
  }

  /** Compares by words, and what fills the last one byte by byte: behind it lies anything. */
  #areEqual(a: Int32Array, aAt: number, b: Int32Array, bAt: number, length: number): boolean {
    const whole = length >> 2;
    for (let i = 0; i < whole; i++) if (a[aAt + i] !== b[bAt + i]) return false;
    const rest = length & 3;
    if (rest === 0) return true;
    const differing = a[aAt + whole]! ^ b[bAt + whole]!;
    return (IS_LITTLE_ENDIAN ? differing << (32 - rest * 8) : differing >>> (32 - rest * 8)) === 0;
  }
}
