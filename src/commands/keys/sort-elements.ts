// The elements that SORT works on, and the order it puts them in.

import { parseDouble } from '../../bytes/double.ts';
import { MAX_EXACT, parseInteger } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import { TYPE_LIST, TYPE_SET, typeOf } from '../../structures/entry.ts';
import { IntegerRoom } from './sort-integers.ts';
import { MISSING, SortList } from './sort-list.ts';
import type { SortPattern } from './sort-pattern.ts';
import { RadixSort } from './sort-radix.ts';
import { TextSort } from './sort-texts.ts';

const BLANK = 32;
const TAB = 9;
const RETURN = 13;
/** Elements whose numbers are sorted in room that is kept. */
const KEPT_COUNT = 1024;

/** What is kept from sort to sort: making it anew costs as much as sorting a hundred numbers. */
export interface SortRoom {
  readonly elements: SortList;
  readonly keys: Float64Array;
  readonly integers: IntegerRoom;
}

export function createSortRoom(): SortRoom {
  return {
    elements: new SortList(),
    keys: new Float64Array(KEPT_COUNT),
    integers: new IntegerRoom(),
  };
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
    const { setCursor: cursor } = values;
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

/**
 * Copies `count` elements of a list or sorted set, in its own order or backwards.
 * @param start elements to pass over, from the end where the order is backwards.
 */
export function readPart(
  call: Call,
  ref: number,
  start: number,
  count: number,
  backwards: boolean,
  elements: SortList,
): void {
  const { arena, values } = call.keyspace;
  if (count <= 0) return;
  if (typeOf(arena, ref) === TYPE_LIST) {
    const { cursor } = values.lists;
    values.lists.seek(ref, backwards ? -1 - start : start);
    for (let left = count; ; backwards ? cursor.previous() : cursor.next()) {
      cursor.get();
      elements.push(cursor.bytes, cursor.offset, cursor.length);
      if (--left === 0) return;
    }
  }
  const set = values.sortedSets.open(ref);
  set.seekRank(backwards ? set.count - 1 - start : start);
  for (let left = count; ; backwards ? set.previous() : set.next()) {
    set.loadMember();
    elements.push(set.bytes, set.offset, set.length);
    if (--left === 0) return;
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
  const keys = kept.subarray(0, count);
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
  if (order.by === null && !order.alpha && elements.count <= KEPT_COUNT) {
    const { keys } = call.workspace(createSortRoom);
    const sorted = orderIntegers(elements, keys, order.descending);
    if (sorted !== null) return sorted;
  }
  const keys = order.by === null ? elements : keysOf(call, elements, order.by);
  return order.alpha ? orderTexts(keys, order) : orderNumbers(elements, keys, order);
}

/** The order of texts. Those that are missing come first and are equal among themselves. */
function orderTexts(keys: SortList, { descending, stores }: SortOrder): Int32Array {
  const { bytes, offsets } = keys;
  const lengths = stores ? keys.lengths : lengthsUntilNul(keys);
  const { count } = keys;
  const order = new Int32Array(count);
  let missing = 0;
  for (let i = 0; i < count; i++) if (lengths[i] === MISSING) order[missing++] = i;
  for (let i = 0, at = missing; i < count; i++) if (lengths[i] !== MISSING) order[at++] = i;
  const sort = new TextSort({ bytes, offsets, lengths }, descending);
  sort.sort(order, missing, count);
  if (!descending || missing === 0) return order;
  const last = order.slice(0, missing);
  order.copyWithin(0, missing);
  order.set(last, count - missing);
  return order;
}

/** Lengths as strcoll sees them in the C locale: a NUL is the end. */
function lengthsUntilNul(list: SortList): Int32Array {
  const { bytes, offsets, lengths, count } = list;
  if (!list.used().includes(0)) return lengths;
  return lengths.map((length, i) => {
    if (i >= count || length <= 0) return length;
    const nul = bytes.subarray(offsets[i]!, offsets[i]! + length).indexOf(0);
    return nul < 0 ? length : nul;
  });
}

/** The order of elements by numbers, and of those with equal ones by their bytes. */
function orderNumbers(
  elements: SortList,
  keys: SortList,
  { descending }: SortOrder,
): Int32Array | null {
  const { count } = elements;
  const radix = new RadixSort(count);
  const { bytes, offsets, lengths } = keys;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    let score = length === MISSING ? 0 : parseInteger(bytes, offsets[i]!, length);
    if (!(score <= MAX_EXACT && score >= -MAX_EXACT)) {
      score = scoreOf(keys.view(i));
      if (Number.isNaN(score)) return null;
    }
    radix.setDouble(i, score, descending);
  }
  const order = ownOrder(count, false);
  radix.sort(order, 0, count);
  const runs = radix.equalRuns(order, 0, count);
  const texts = new TextSort(elements, descending, radix);
  for (let i = 0; i < runs.length; i += 2) texts.sort(order, runs[i]!, runs[i + 1]!);
  return order;
}

/** What a pattern leads to for each element. */
function keysOf(call: Call, elements: SortList, by: SortPattern): SortList {
  const keys = new SortList();
  for (let i = 0; i < elements.count; i++) by.find(call, elements, i, keys);
  return keys;
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
