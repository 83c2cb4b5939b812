// Freeing of large things in slices: a flushed database or a large value is put here and given back
// to the arena a little at a time by the server's cron, so that nobody waits for it. Owns what was
// put here.

import type { Arena } from '../memory/arena.ts';
import type { Dict } from '../structures/dict.ts';
import type { Strings } from '../values/string.ts';

interface Pending {
  readonly dict: Dict;
  bucket: number;
}

const SLICE_ENTRIES = 256;

export class LazyFree {
  /** Objects that were freed this way, as INFO's lazyfreed_objects counts them. */
  freedObjects = 0;
  readonly #arena: Arena;
  readonly #strings: Strings;
  readonly #pending: Pending[] = [];
  readonly #visit: (ref: number) => void;
  #left = 0;

  constructor(arena: Arena, strings: Strings) {
    this.#arena = arena;
    this.#strings = strings;
    this.#visit = (ref) => {
      this.#strings.freeValue(ref);
      this.#arena.free(ref);
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
    this.#pending.push({ dict, bucket: 0 });
  }

  /** Frees for as long as `mayContinue` says so. @returns true when there is more. */
  step(mayContinue: () => boolean): boolean {
    for (let pending = this.#pending[0]; pending !== undefined; pending = this.#pending[0]) {
      pending.bucket = pending.dict.visitBuckets(pending.bucket, SLICE_ENTRIES, this.#visit);
      if (pending.bucket < 0) {
        pending.dict.destroy();
        this.#pending.shift();
      }
      if (!mayContinue()) return this.#pending.length > 0;
    }
    return false;
  }

  /** Frees all that waits. */
  finish(): void {
    this.step(() => true);
  }
}
