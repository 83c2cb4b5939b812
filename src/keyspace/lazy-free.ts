// Freeing of large things in slices: a flushed database or a large value is put here and given back
// to the arena a little at a time by the server's cron, so that nobody waits for it. Owns what was
// put here.

import { NULL_REF } from '../memory/arena.ts';
import type { Dict } from '../structures/dict.ts';
import { encodingOf, typeOf, valueWordOf } from '../structures/entry.ts';
import type { ValueType } from '../values/value-type.ts';
import type { Keyspace } from './keyspace.ts';

interface PendingDict {
  readonly dict: Dict;
  bucket: number;
}

interface PendingValue {
  /** Counts as freed lazily. */
  readonly counts: boolean;
  readonly type: ValueType;
  readonly encoding: number;
  root: number;
}

const SLICE_ENTRIES = 256;
/** Done values that are kept before the list of the others is copied. */
const CUT_AFTER_VALUES = 65536;
/** Values with no more parts than this are freed at once. */
const SMALL_EFFORT = 64;
/** With more than this they are not, whatever the options say: that takes 5 ms. */
const LARGE_EFFORT = 50_000;

export class LazyFree {
  /** Objects that were freed this way, as INFO's lazyfreed_objects counts them. */
  freedObjects = 0;
  readonly #keyspace: Keyspace;
  readonly #dicts: PendingDict[] = [];
  /** Values in the order in which they came; those before `#nextValue` are done. */
  #values: PendingValue[] = [];
  #nextValue = 0;
  readonly #visit: (ref: number) => void;
  #left = 0;

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
    this.#visit = (ref) => {
      keyspace.freeValue(ref, true);
      keyspace.arena.free(ref);
      this.#left--;
      this.freedObjects++;
    };
  }

  /** Objects that wait to be freed. */
  get pendingObjects(): number {
    return this.#left;
  }

  /** Takes over a dict that nothing refers to any more, with all its entries. */
  add(dict: Dict): void {
    this.#left += dict.count;
    this.#dicts.push({ dict, bucket: 0 });
  }

  /**
   * Takes over an entry's value, if it is large.
   * @param lazily options or the command ask for it; else only very large ones are taken, and
   * `freedObjects` leaves them out.
   * @returns whether it did.
   */
  addValue(ref: number, lazily: boolean): boolean {
    const { arena, values } = this.#keyspace;
    const type = values.of(typeOf(arena, ref));
    if (type.freeEffort(ref) <= (lazily ? SMALL_EFFORT : LARGE_EFFORT)) return false;
    this.#left++;
    const encoding = encodingOf(arena, ref);
    this.#values.push({ counts: lazily, type, encoding, root: valueWordOf(arena, ref) });
    return true;
  }

  /** Frees for as long as `mayContinue` says so. @returns true when there is more. */
  step(mayContinue: () => boolean): boolean {
    while (this.#freeSlice()) {
      if (!mayContinue()) return this.#nextValue < this.#values.length || this.#dicts.length > 0;
    }
    return false;
  }

  /** Frees one slice. @returns false when there was nothing to free. */
  #freeSlice(): boolean {
    const value = this.#values[this.#nextValue];
    if (value !== undefined) {
      value.root = value.type.freeSome(value.encoding, value.root, SLICE_ENTRIES);
      if (value.root !== NULL_REF) return true;
      this.#forgetValue();
      this.#left--;
      if (value.counts) this.freedObjects++;
      return true;
    }
    const pending = this.#dicts[0];
    if (pending === undefined) return false;
    pending.bucket = pending.dict.visitBuckets(pending.bucket, SLICE_ENTRIES, this.#visit);
    if (pending.bucket < 0) {
      pending.dict.destroy();
      this.#dicts.shift();
    }
    return true;
  }

  /** The first value is done. A million may wait, so the list is cut seldom. */
  #forgetValue(): void {
    this.#nextValue++;
    if (this.#nextValue < this.#values.length && this.#nextValue < CUT_AFTER_VALUES) return;
    this.#values = this.#values.slice(this.#nextValue);
    this.#nextValue = 0;
  }

  /** Frees all that waits. */
  finish(): void {
    this.step(() => true);
  }
}
