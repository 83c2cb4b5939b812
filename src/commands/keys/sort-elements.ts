// The elements that SORT works on, and the order it puts them in.

import { parseDouble } from '../../bytes/double.ts';
import { MAX_EXACT, parseInteger } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import { TYPE_LIST, TYPE_SET, typeOf } from '../../structures/entry.ts';
import { SetCursor } from '../../values/set-cursor.ts';
import { MISSING, SortList } from './sort-list.ts';
import type { SortPattern } from './sort-pattern.ts';

const BLANK = 32;
const TAB = 9;
const RETURN = 13;
/** Elements whose numbers are sorted in room that is kept. */
const KEPT_COUNT = 1024;

/** What is kept from sort to sort: making it anew costs as much as sorting a hundred numbers. */
export interface SortRoom {
  readonly elements: SortList;
  readonly keys: Float64Array;
}

export function createSortRoom(): SortRoom {
  return { elements: new SortList(), keys: new Float64Array(KEPT_COUNT) };
}

/** Copies the elements of a list, set or sorted set in its own order to `elements`. */
export function readElements(call: Call, ref: number, elements: SortList): void {
  const { arena, values } = call.keyspace;
  const type = typeOf(arena, ref);
  if (type === TYPE_LIST) {
    const { lists } = values;
    const { cursor } = lists;
    for (let more = lists.seek(ref, 0); more; more = cursor.next()) {
      cursor.get();
      elements.push(cursor.bytes, cursor.offset, cursor.length);
    }
  } else if (type === TYPE_SET) {
    const cursor = new SetCursor(arena, values.sets);
    cursor.begin(ref);
    while (cursor.next()) elements.push(cursor.bytes, cursor.offset, cursor.length);
  } else {
    const set = values.sortedSets.open(ref);
    for (let more = set.seekRank(0); more; more = set.next()) {
      set.loadMember();
      elements.push(set.bytes, set.offset, set.length);
    }
  }
}

/** The indexes of `count` elements in their own order, or backwards. */
export function ownOrder(count: number, backwards: boolean): Int32Array {
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = backwards ? count - 1 - i : i;
  return order;
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
function orderIntegers(
  elements: SortList,
  kept: Float64Array,
  descending: boolean,
): Int32Array | null {
  const { count, bytes, offsets, lengths } = elements;
  const bound = Math.floor(MAX_EXACT / (count + 1));
  const keys = count <= KEPT_COUNT ? kept.subarray(0, count) : new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const value = parseInteger(bytes, offsets[i]!, lengths[i]!);
    if (!(value < bound && value > -bound)) return null;
    keys[i] = value * count + i;
  }
  keys.sort();
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const key = keys[descending ? count - 1 - i : i]!;
    order[i] = key - Math.floor(key / count) * count;
  }
  return order;
}

/**
 * Sorts elements.
 * @returns their indexes in the wanted order; null when a number is asked for and an element has
 *   none.
 */
export function orderElements(call: Call, elements: SortList, order: SortOrder): Int32Array | null {
  if (order.by === null && !order.alpha) {
    const { keys } = call.workspace(createSortRoom);
    const sorted = orderIntegers(elements, keys, order.descending);
    if (sorted !== null) return sorted;
  }
  const keys = order.by === null ? elements : keysOf(call, elements, order.by);
  const indexes = ownOrder(elements.count, false);
  const sign = order.descending ? -1 : 1;
  if (order.alpha) {
    const views = Array.from(indexes, (i) => (keys.lengths[i] === MISSING ? null : keys.view(i)));
    const compare = order.stores ? Buffer.compare : compareUntilNul;
    return indexes.sort((a, b) => sign * compareKeys(views[a] ?? null, views[b] ?? null, compare));
  }
  const scores = new Float64Array(elements.count);
  for (const i of indexes) {
    const score = keys.lengths[i] === MISSING ? 0 : scoreOf(keys.view(i));
    if (Number.isNaN(score)) return null;
    scores[i] = score;
  }
  return indexes.sort((a, b) => {
    const first = scores[a]!;
    const second = scores[b]!;
    if (first !== second) return first > second ? sign : -sign;
    return sign * Buffer.compare(elements.view(a), elements.view(b));
  });
}

/** What a pattern leads to for each element. */
function keysOf(call: Call, elements: SortList, by: SortPattern): SortList {
  const keys = new SortList();
  for (let i = 0; i < elements.count; i++) by.find(call, elements, i, keys);
  return keys;
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
