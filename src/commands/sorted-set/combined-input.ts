// One input of a union, intersection or difference: a sorted set, a set, or a key that is not
// there. It is walked or searched; both at once only for different keys.

import type { Keyspace } from '../../keyspace/keyspace.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_SET } from '../../structures/entry.ts';
import { SetCursor } from '../../values/set-cursor.ts';
import type { SortedSet } from '../../values/sorted-set.ts';

const NO_BYTES = new Uint8Array(0);

export class CombinedInput {
  /** The key's entry, or 0. */
  readonly ref: number;
  /** Members. */
  readonly count: number;
  weight = 1;
  /** The member that `next` has read, and its score. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  score = 0;
  /** The score of what `find` has found. */
  foundScore = 0;
  readonly #keyspace: Keyspace;
  readonly #isSet: boolean;
  #walked: SortedSet | null = null;
  #cursor: SetCursor | null = null;
  #begins = true;

  constructor(keyspace: Keyspace, ref: number, type: number) {
    this.ref = ref;
    this.#keyspace = keyspace;
    this.#isSet = type === TYPE_SET;
    this.count = ref === NULL_REF ? 0 : keyspace.values.of(type).count(ref);
  }

  /** Begins to walk: from the last member of a sorted set to the first, as Redis does. */
  begin(): void {
    if (this.ref === NULL_REF) return;
    const { values, arena } = this.#keyspace;
    this.#begins = true;
    if (this.#isSet) {
      this.#cursor = new SetCursor(arena, values.sets);
      this.#cursor.begin(this.ref);
    } else {
      this.#walked = values.sortedSets.main;
      this.#walked.open(this.ref);
    }
  }

  /** Reads the next member. @returns false at the end. */
  next(): boolean {
    if (this.ref === NULL_REF) return false;
    const source = this.#isSet ? this.#cursor : this.#walked;
    if (source === null || !this.#step()) return false;
    if (this.#walked !== null) {
      this.#walked.loadMember();
      this.score = this.#walked.score;
    } else this.score = 1;
    this.bytes = source.bytes;
    this.offset = source.offset;
    this.length = source.length;
    return true;
  }

  #step(): boolean {
    if (this.#cursor !== null) return this.#cursor.next();
    const walked = this.#walked;
    if (walked === null) return false;
    if (!this.#begins) return walked.previous();
    this.#begins = false;
    return walked.seekRank(walked.count - 1);
  }

  /** Looks for a member. @returns false when it is not there. */
  find(bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.ref === NULL_REF) return false;
    const { sets, sortedSets } = this.#keyspace.values;
    if (this.#isSet) {
      this.foundScore = 1;
      return sets.has(this.ref, bytes, offset, length);
    }
    const { other } = sortedSets;
    other.open(this.ref);
    if (!other.find(bytes, offset, length)) return false;
    this.foundScore = other.score;
    return true;
  }
}
