// SORT of integers, the common case: the numbers are read from the value, sorted as numbers and
// written again; the text of an element is made only if it is answered. Equal integers have equal
// texts, so that their order among themselves shows nowhere.

import { writeInteger } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  encodingOf,
  TYPE_LIST,
  TYPE_SET,
  typeOf,
  valueWordOf,
} from '../../structures/entry.ts';
import { readListpackIntegers } from '../../structures/quicklist-integers.ts';
import type { SortList } from './sort-list.ts';

/** Of fewer numbers all are sorted, and the array for them is kept. */
const KEPT_COUNT = 1024;
/** A part of the order is found by itself when it is smaller than this part of the numbers. */
const SMALL_PART = 8;
/** Classes by size that numbers are counted in. */
const CLASS_COUNT = 4096;
const DIGITS_ROOM = 20;

export class IntegerRoom {
  /** The texts of the numbers, one after the other. */
  readonly digits: Uint8Array = new Uint8Array(DIGITS_ROOM);
  readonly #kept = new Int32Array(KEPT_COUNT);

  /** An array for `count` numbers, with any content. */
  take(count: number): Int32Array {
    return count <= KEPT_COUNT ? this.#kept.subarray(0, count) : new Int32Array(count);
  }
}

/** Reads the elements of a value; `out` has room for all. @returns false if they are others. */
export function readIntegers({ keyspace }: Call, ref: number, out: Int32Array): boolean {
  const { arena, values } = keyspace;
  const type = typeOf(arena, ref);
  if (type === TYPE_LIST) return values.lists.readIntegers(ref, out);
  const encoding = encodingOf(arena, ref);
  if (type !== TYPE_SET || encoding === ENCODING_HASHTABLE) return false;
  const root = valueWordOf(arena, ref);
  if (encoding === ENCODING_INTSET) return values.sets.intsets.readIntegers(root, out);
  return readListpackIntegers(arena, root, out, 0) >= 0;
}

/**
 * The integers from number `start` to before `end` of the wanted order.
 * @param values all integers; their order is lost.
 */
export function orderedPart(
  values: Int32Array,
  start: number,
  end: number,
  descending: boolean,
): Int32Array {
  if (!descending) return ascendingPart(values, start, end);
  const { length } = values;
  return ascendingPart(values, length - end, length - start).reverse();
}

function ascendingPart(values: Int32Array, start: number, end: number): Int32Array {
  const isSmall = values.length > KEPT_COUNT && (end - start) * SMALL_PART < values.length;
  if (!isSmall) return values.sort().subarray(start, end);
  return start < end ? smallPart(values, start, end) : values.subarray(0, 0);
}

/** Counts the numbers by classes, and sorts those that share one with the part that is wanted. */
function smallPart(values: Int32Array, start: number, end: number): Int32Array {
  const count = values.length;
  let least = values[0]!;
  let most = least;
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    else if (value > most) most = value;
  }
  const scale = CLASS_COUNT / (most - least + 1);
  const sizes = new Int32Array(CLASS_COUNT);
  for (let i = 0; i < count; i++) sizes[((values[i]! - least) * scale) | 0]!++;
  let first = 0;
  let before = 0;
  for (; before + sizes[first]! <= start; first++) before += sizes[first]!;
  let last = first;
  let upTo = before + sizes[first]!;
  while (upTo < end) upTo += sizes[++last]!;
  const found = new Int32Array(upTo - before);
  let foundCount = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    const at = ((value - least) * scale) | 0;
    if (at >= first && at <= last) found[foundCount++] = value;
  }
  return found.sort().subarray(start - before, end - before);
}

/** Adds the texts of numbers to `elements`. */
export function addTexts(room: IntegerRoom, values: Int32Array, elements: SortList): void {
  const { digits } = room;
  for (let i = 0; i < values.length; i++) {
    elements.push(digits, 0, writeInteger(digits, 0, values[i]!));
  }
}

/** Answers with numbers. */
export function answerIntegers({ reply }: Call, values: Int32Array): void {
  reply.array(values.length);
  for (let i = 0; i < values.length; i++) reply.bulkInteger(values[i]!);
}
