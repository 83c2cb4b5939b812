// The type `zset`: what the keyspace asks of it, and the objects through which commands work on
// sorted sets. One per keyspace.

import type { HashSeed } from '../bytes/hash.ts';
import type { Arena } from '../memory/arena.ts';
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  encodingOf,
  valueWordOf,
} from '../structures/entry.ts';
import type { Listpacks } from '../structures/listpack.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import { SortedSet } from './sorted-set.ts';
import { LexRange, ScoreRange } from './sorted-set-ranges.ts';
import type { ValueType } from './value-type.ts';

export class SortedSets implements ValueType {
  /** What a command works on; a second one that it reads; and one that it builds. */
  readonly main: SortedSet;
  readonly other: SortedSet;
  readonly result: SortedSet;
  /** The ranges of the running command. */
  readonly scoreRange: ScoreRange = new ScoreRange();
  readonly lexRange: LexRange = new LexRange();
  /** For what the keyspace asks, which may be in the middle of a command. */
  readonly #own: SortedSet;
  readonly #copy: SortedSet;
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;

  constructor(arena: Arena, listpacks: Listpacks, limits: EncodingLimits, seed: HashSeed) {
    const newSet = (): SortedSet => new SortedSet(arena, listpacks, limits, seed);
    this.main = newSet();
    this.other = newSet();
    this.result = newSet();
    this.#own = newSet();
    this.#copy = newSet();
    this.#arena = arena;
    this.#listpacks = listpacks;
  }

  /** Lets go of the memory that the last sorted sets lay in. */
  forget(): void {
    this.main.forget();
    this.other.forget();
    this.result.forget();
    this.#own.forget();
    this.#copy.forget();
  }

  /** The sorted set of an entry, to work on. */
  open(ref: number): SortedSet {
    this.main.open(ref);
    return this.main;
  }

  free(ref: number): void {
    this.#own.open(ref);
    this.#own.free();
  }

  copy(ref: number): number {
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_LISTPACK) return this.#listpacks.copy(valueWordOf(this.#arena, ref));
    this.#own.open(ref);
    this.#copy.createCopy(this.#own);
    return this.#copy.root;
  }

  count(ref: number): number {
    this.#own.open(ref);
    return this.#own.count;
  }

  freeEffort(ref: number): number {
    return encodingOf(this.#arena, ref) === ENCODING_LISTPACK ? 1 : this.count(ref);
  }

  freeSome(encoding: number, root: number, budget: number): number {
    this.#own.openRoot(encoding, root);
    if (encoding === ENCODING_SKIPLIST && this.#own.freeMembers(budget)) return root;
    this.#own.free();
    return 0;
  }

  usedBytes(ref: number, samples: number): number {
    if (encodingOf(this.#arena, ref) === ENCODING_LISTPACK) {
      return this.#arena.capacity(valueWordOf(this.#arena, ref));
    }
    const set = this.#own;
    set.open(ref);
    const { count } = set;
    const wanted = samples === 0 ? count : Math.min(samples, count);
    let bytes = 0;
    let more = set.seekRank(0);
    for (let i = 0; i < wanted && more; i++, more = set.next()) bytes += set.memberBytes;
    return set.frameBytes + (wanted === 0 ? 0 : Math.round((bytes / wanted) * count));
  }
}
