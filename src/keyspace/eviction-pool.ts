// The best candidates for eviction that were met so far, across all databases: up to sixteen keys,
// worst first. A sample alone is a poor guess at the least used key of all; what it met that was
// good and not the best stays here and is compared with later samples. Keys are copied, because
// entries move and go while they wait here; whoever takes one looks whether it is still true.

import { copyBytes } from '../bytes/copy.ts';

export const POOL_SIZE = 16;
/** Room that each place keeps; a longer key gets a buffer of its own while it is here. */
const KEPT_KEY_BYTES = 255;

/** A key that may be evicted. The higher the score, the better it is to go. */
export class Candidate {
  score = 0;
  databaseId = 0;
  key: Uint8Array;
  keyLength = 0;
  readonly #kept: Uint8Array = new Uint8Array(KEPT_KEY_BYTES);

  constructor() {
    this.key = this.#kept;
  }

  /** Takes another key's place. The bytes are copied. */
  set(score: number, databaseId: number, bytes: Uint8Array, offset: number, length: number): void {
    this.score = score;
    this.databaseId = databaseId;
    this.keyLength = length;
    this.key = length <= KEPT_KEY_BYTES ? this.#kept : new Uint8Array(length);
    copyBytes(this.key, 0, bytes, offset, length);
  }

  /** Lets go of a long key. */
  clear(): void {
    this.key = this.#kept;
    this.keyLength = 0;
  }
}

export class EvictionPool {
  /** Candidates in the first `count` places, the worst first. */
  count = 0;
  readonly #places: Candidate[] = Array.from({ length: POOL_SIZE }, () => new Candidate());

  /** Takes a key in, when it is better than the worst or there is room. */
  offer(
    score: number,
    databaseId: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const places = this.#places;
    let position = 0;
    while (position < this.count && places[position]!.score < score) position++;
    if (this.count < POOL_SIZE) {
      const free = places[this.count]!;
      for (let i = this.count; i > position; i--) places[i] = places[i - 1]!;
      places[position] = free;
      this.count++;
      free.set(score, databaseId, bytes, offset, length);
      return;
    }
    if (position === 0) return;
    const worst = places[0]!;
    for (let i = 1; i < position; i++) places[i - 1] = places[i]!;
    places[position - 1] = worst;
    worst.set(score, databaseId, bytes, offset, length);
  }

  /** Whether a key of this score would be taken in. */
  wants(score: number): boolean {
    return this.count < POOL_SIZE || score > this.#places[0]!.score;
  }

  /**
   * Takes the best candidate out; it is true until the next `offer`. @returns null when there is
   * none.
   */
  takeBest(): Candidate | null {
    return this.count === 0 ? null : this.#places[--this.count]!;
  }

  /** Forgets all candidates: their scores mean nothing under another policy. */
  clear(): void {
    for (const place of this.#places) place.clear();
    this.count = 0;
  }
}
