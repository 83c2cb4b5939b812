// Goes over the entries of a dict at rest (dict-state.ts), one after the other, without opening it
// and without an array or closure for each: what HGETALL, SMEMBERS and SINTER do most. The dict may
// not change meanwhile, but the entry that was returned last may be freed.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { STATE_MASK0, STATE_MASK1, STATE_TABLE0, STATE_TABLE1 } from './dict-state.ts';

const NO_WORDS = new Int32Array(0);

export class DictWalk {
  readonly #arena: Arena;
  #state = NULL_REF;
  /** The table that is gone through: its words, where it begins in them, its last bucket. */
  #words: Int32Array = NO_WORDS;
  #base = 0;
  #mask = -1;
  #isSecond = false;
  #bucket = -1;
  #next = NULL_REF;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Begins with the first entry of the dict whose state lies in a block. */
  begin(state: number): void {
    this.#state = state;
    this.#isSecond = false;
    this.#open(STATE_TABLE0, STATE_MASK0);
  }

  #open(tableWord: number, maskWord: number): void {
    const { words } = this.#arena;
    const state = words[this.#state >>> SLOT_SHIFT]!;
    const at = (this.#state & GRANULE_MASK) << 1;
    const table = state[at + tableWord]!;
    this.#words = words[table >>> SLOT_SHIFT]!;
    this.#base = (table & GRANULE_MASK) << 1;
    this.#mask = state[at + maskWord]!;
    this.#bucket = -1;
    this.#next = NULL_REF;
  }

  /** Lets go of the memory that the last dict lay in. */
  forget(): void {
    this.#words = NO_WORDS;
  }

  /** @returns the next entry's reference, or 0 when all have been returned. */
  next(): number {
    let ref = this.#next;
    while (ref === NULL_REF) {
      if (this.#bucket < this.#mask) ref = this.#words[this.#base + ++this.#bucket]!;
      else if (this.#isSecond) return NULL_REF;
      else {
        this.#isSecond = true;
        this.#open(STATE_TABLE1, STATE_MASK1);
      }
    }
    this.#next = this.#arena.words[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) << 1]!;
    return ref;
  }
}
