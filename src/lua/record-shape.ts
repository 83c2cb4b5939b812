// The layout of a table that strings were set in, one after the other: which key lies where, and
// how the chains go. It depends on nothing but the keys and their order, so decoders that meet the
// same keys again make the next table from it, without hashing and without growing step by step.
// Tables share the parts of a shape until one of them gets another key.

import type { Value } from './value.ts';

export class RecordShape {
  /** The keys in the order in which they were set, and the place of each. */
  readonly order: readonly string[];
  readonly at: readonly number[];
  /** Which of them were set to nil: those take a place too, until the table grows. */
  readonly isNil: readonly boolean[];
  /** The parts of the table: read only. */
  readonly keys: Value[];
  readonly next: number[];
  readonly places: Map<Value, number> | null;
  readonly lastFree: number;

  constructor(
    order: readonly string[],
    isNil: readonly boolean[],
    keys: Value[],
    next: number[],
    places: Map<Value, number> | null,
    lastFree: number,
  ) {
    this.order = order;
    this.isNil = isNil;
    this.at = order.map((key) => keys.indexOf(key));
    this.keys = keys;
    this.next = next;
    this.places = places;
    this.lastFree = lastFree;
  }
}

/** True for a record of just these keys, with nil in the same places. */
export function isOfShape(
  { order, isNil }: RecordShape,
  keys: readonly Value[],
  values: readonly Value[],
): boolean {
  for (let i = 0; i < order.length; i++) {
    if (keys[i] !== order[i] || (values[i] === undefined) !== isNil[i]) return false;
  }
  return true;
}

/** Longer records are seldom alike. */
const MAX_FIELDS = 32;
/** A power of two less one. */
const PLACES_MASK = 63;

/** Shapes that were met of late, each at the place that its size and first key give. */
export class KnownShapes {
  readonly #shapes: (RecordShape | null)[] = new Array<RecordShape | null>(PLACES_MASK + 1).fill(
    null,
  );

  /** The first key that was last met in vain at each place. */
  readonly #missed: string[] = new Array<string>(PLACES_MASK + 1).fill('');

  /** The shape that a record of so many fields with this first key may have. */
  find(count: number, first: Value): RecordShape | null {
    if (count > MAX_FIELDS || typeof first !== 'string') return null;
    const shape = this.#shapes[placeOf(count, first)]!;
    return shape !== null && shape.order.length === count && shape.order[0] === first
      ? shape
      : null;
  }

  /** True when a record of this size with this first key has just been met in vain, too. */
  isWorth(keys: readonly Value[]): boolean {
    const [first] = keys;
    if (keys.length > MAX_FIELDS || typeof first !== 'string') return false;
    const place = placeOf(keys.length, first);
    const isAgain = this.#missed[place] === first;
    this.#missed[place] = first;
    return isAgain;
  }

  keep(shape: RecordShape): void {
    this.#shapes[placeOf(shape.order.length, shape.order[0]!)] = shape;
  }
}

function placeOf(count: number, first: string): number {
  return (count * 7 + first.length * 3 + first.charCodeAt(0)) & PLACES_MASK;
}
