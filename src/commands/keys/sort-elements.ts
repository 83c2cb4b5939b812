// The elements that SORT works on, and the order it puts them in.

import { parseDouble } from '../../bytes/double.ts';
import { MAX_EXACT, parseInteger } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import { TYPE_LIST, TYPE_SET, typeOf } from '../../structures/entry.ts';
import { SetCursor } from '../../values/set-cursor.ts';
import type { SortPattern } from './sort-pattern.ts';

const BLANK = 32;
const TAB = 9;
const RETURN = 13;

/** Elements of a list, set or sorted set in its own order, copied. */
export function readElements(call: Call, ref: number, backwards: boolean): Uint8Array[] {
  const { arena, values } = call.keyspace;
  const type = typeOf(arena, ref);
  const elements: Uint8Array[] = [];
  const take = (from: { bytes: Uint8Array; offset: number; length: number }): void => {
    elements.push(from.bytes.slice(from.offset, from.offset + from.length));
  };
  if (type === TYPE_LIST) {
    const { lists } = values;
    for (let more = lists.seek(ref, 0); more; more = lists.cursor.next()) {
      lists.cursor.get();
      take(lists.cursor);
    }
  } else if (type === TYPE_SET) {
    const cursor = new SetCursor(arena, values.sets);
    cursor.begin(ref);
    while (cursor.next()) take(cursor);
    return elements;
  } else {
    const set = values.sortedSets.open(ref);
    for (let more = set.seekRank(0); more; more = set.next()) {
      set.loadMember();
      take(set);
    }
  }
  return backwards ? elements.reverse() : elements;
}

export interface SortOrder {
  readonly by: SortPattern | null;
  readonly alpha: boolean;
  readonly descending: boolean;
  /** Results that are stored are ordered by their bytes, others as C compares strings. */
  readonly stores: boolean;
}

/**
 * Sorts integers, whose texts are equal when they are, by keys that hold a number and its index.
 * @returns null when an element is not such an integer.
 */
function sortIntegers(elements: readonly Uint8Array[], descending: boolean): Uint8Array[] | null {
  const count = elements.length;
  const bound = Math.floor(MAX_EXACT / (count + 1));
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const element = elements[i]!;
    const value = parseInteger(element, 0, element.length);
    if (!(value < bound && value > -bound)) return null;
    keys[i] = value * count + i;
  }
  keys.sort();
  if (descending) keys.reverse();
  const sorted: Uint8Array[] = [];
  for (const key of keys) sorted.push(elements[key - Math.floor(key / count) * count]!);
  return sorted;
}

/** Sorts elements. @returns null when a number is asked for and an element has none. */
export function sortElements(
  call: Call,
  elements: readonly Uint8Array[],
  order: SortOrder,
): Uint8Array[] | null {
  if (order.by === null && !order.alpha) {
    const sorted = sortIntegers(elements, order.descending);
    if (sorted !== null) return sorted;
  }
  const keys = elements.map((element) =>
    order.by === null ? element : order.by.find(call, element),
  );
  const indexes = elements.map((_, i) => i);
  const sign = order.descending ? -1 : 1;
  if (order.alpha) {
    const compare = order.stores ? Buffer.compare : compareUntilNul;
    indexes.sort((a, b) => sign * compareKeys(keys[a] ?? null, keys[b] ?? null, compare));
  } else {
    const scores = new Float64Array(elements.length);
    for (const [i, key] of keys.entries()) {
      const score = key === null ? 0 : scoreOf(key);
      if (Number.isNaN(score)) return null;
      scores[i] = score;
    }
    indexes.sort((a, b) => {
      const first = scores[a]!;
      const second = scores[b]!;
      if (first !== second) return first > second ? sign : -sign;
      return sign * Buffer.compare(elements[a]!, elements[b]!);
    });
  }
  return indexes.map((i) => elements[i]!);
}

type Compare = (a: Uint8Array, b: Uint8Array) => number;

/** Elements without a key come first and are equal among themselves. */
function compareKeys(a: Uint8Array | null, b: Uint8Array | null, compare: Compare): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compare(a, b);
}

/** As strcoll does in the C locale: a NUL is the end. */
function compareUntilNul(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(untilNul(a), untilNul(b));
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** A number as strtod reads it, to the end: blanks before it are allowed, and nothing is 0. */
function scoreOf(text: Uint8Array): number {
  let start = 0;
  const bytes = untilNul(text);
  while (start < bytes.length && isBlank(bytes[start]!)) start++;
  if (bytes.length === 0) return 0;
  return parseDouble(bytes, start, bytes.length - start);
}

function isBlank(byte: number): boolean {
  return byte === BLANK || (byte >= TAB && byte <= RETURN);
}
