// Pending entries of consumer groups: delivered and not yet acknowledged. One block each, named by
// two trees, that of its group and that of its consumer; the group owns the block.
//
//   | consumer | - | delivered at, ms, 2 words | deliveries, 2 words |
//
// A consumer is named by the reference of its block (stream-groups.ts), 0 for none yet.

import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import type { Counter64 } from './stream-counter.ts';
import { loadCounter, setWord, storeCounter, wordOf } from './stream-root.ts';

const PENDING_BYTES = 24;
const CONSUMER = 0;
const TIME = 2;
const DELIVERIES = 4;
const TWO_32 = 0x100000000;

/** A time in ms (exact integer, -1 for never) from two words. */
export function timeAt(arena: Arena, block: number, field: number): number {
  const words = arena.words[block >>> SLOT_SHIFT]!;
  const at = ((block & GRANULE_MASK) << 1) + field;
  return words[at]! * TWO_32 + (words[at + 1]! >>> 0);
}

export function setTimeAt(arena: Arena, block: number, field: number, timeMs: number): void {
  const words = arena.words[block >>> SLOT_SHIFT]!;
  const at = ((block & GRANULE_MASK) << 1) + field;
  words[at] = Math.floor(timeMs / TWO_32);
  words[at + 1] = timeMs | 0;
}

export class PendingEntries {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** An entry that was delivered once, at `timeMs`. */
  create(consumer: number, timeMs: number): number {
    const pending = this.#arena.alloc(PENDING_BYTES);
    const words = this.#arena.words[pending >>> SLOT_SHIFT]!;
    const at = (pending & GRANULE_MASK) << 1;
    words[at + CONSUMER] = consumer;
    words[at + 1] = 0;
    words[at + TIME] = Math.floor(timeMs / TWO_32);
    words[at + TIME + 1] = timeMs | 0;
    words[at + DELIVERIES] = 0;
    words[at + DELIVERIES + 1] = 1;
    return pending;
  }

  free(pending: number): void {
    this.#arena.free(pending);
  }

  consumerOf(pending: number): number {
    return wordOf(this.#arena, pending, CONSUMER);
  }

  setConsumer(pending: number, consumer: number): void {
    setWord(this.#arena, pending, CONSUMER, consumer);
  }

  /** When it was delivered last, in ms of the Unix epoch. */
  timeOf(pending: number): number {
    return timeAt(this.#arena, pending, TIME);
  }

  setTime(pending: number, timeMs: number): void {
    setTimeAt(this.#arena, pending, TIME, timeMs);
  }

  loadDeliveries(pending: number, to: Counter64): void {
    loadCounter(this.#arena, pending, DELIVERIES, to);
  }

  storeDeliveries(pending: number, from: Counter64): void {
    storeCounter(this.#arena, pending, DELIVERIES, from);
  }

  /** It counts as delivered once. */
  resetDeliveries(pending: number): void {
    setWord(this.#arena, pending, DELIVERIES, 0);
    setWord(this.#arena, pending, DELIVERIES + 1, 1);
  }

  /** Counts one delivery more. */
  addDelivery(pending: number): void {
    const words = this.#arena.words[pending >>> SLOT_SHIFT]!;
    const at = ((pending & GRANULE_MASK) << 1) + DELIVERIES;
    const low = (words[at + 1]! + 1) | 0;
    words[at + 1] = low;
    if (low === 0) words[at] = words[at]! + 1;
  }
}
