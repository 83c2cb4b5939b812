// What a search has found: members of the set by their handles, with distance, score and place.
// Sorts by distance and keeps the nearest or farthest.

import type { GeoSearch, ScoreSpan } from '../../values/geo-search.ts';
import type { SortedSet } from '../../values/sorted-set.ts';

export type Order = 'none' | 'nearest' | 'farthest';

export interface FoundPlace {
  /** Names the member for the set's `setCurrent`. */
  readonly handle: number;
  readonly score: number;
  readonly distanceMeters: number;
  readonly longitude: number;
  readonly latitude: number;
}

/**
 * Collects what lies inside the search.
 * @param limit ends the search when as many were found; 0: none.
 */
export function findPlaces(set: SortedSet, search: GeoSearch, limit: number): FoundPlace[] {
  const found: FoundPlace[] = [];
  for (const span of search.spans()) {
    collectSpan(set, search, span, limit, found);
    if (limit > 0 && found.length >= limit) break;
  }
  return found;
}

function collectSpan(
  set: SortedSet,
  search: GeoSearch,
  { first, end }: ScoreSpan,
  limit: number,
  found: FoundPlace[],
): void {
  for (let more = set.seekScore(first); more; more = set.next()) {
    const score = set.stepScore;
    if (score >= end) return;
    if (!search.isInside(score)) continue;
    const { distanceMeters, place } = search;
    const { longitude, latitude } = place;
    found.push({ handle: set.handle, score, distanceMeters, longitude, latitude });
    if (limit > 0 && found.length >= limit) return;
  }
}

/**
 * The first `count` in an order.
 * @param count 0: all.
 */
export function pickPlaces(found: FoundPlace[], order: Order, count: number): FoundPlace[] {
  if (order === 'none') return count > 0 ? found.slice(0, count) : found;
  const sign = order === 'nearest' ? 1 : -1;
  const compare = (a: FoundPlace, b: FoundPlace): number =>
    sign * (a.distanceMeters - b.distanceMeters);
  const kept = count > 0 && count < found.length ? selectFirst(found, count, compare) : found;
  return kept.sort(compare);
}

/** The `count` that come first, in no order: those kept so far are a heap with the last on top. */
function selectFirst(found: readonly FoundPlace[], count: number, compare: Compare): FoundPlace[] {
  const heap: FoundPlace[] = [];
  for (const place of found) {
    if (heap.length < count) {
      heap.push(place);
      siftUp(heap, compare);
    } else if (compare(place, heap[0] as FoundPlace) < 0) {
      heap[0] = place;
      siftDown(heap, compare);
    }
  }
  return heap;
}

type Compare = (a: FoundPlace, b: FoundPlace) => number;

function siftUp(heap: FoundPlace[], compare: Compare): void {
  let at = heap.length - 1;
  const place = heap[at] as FoundPlace;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as FoundPlace;
    if (compare(place, above) <= 0) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = place;
}

function siftDown(heap: FoundPlace[], compare: Compare): void {
  const place = heap[0] as FoundPlace;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    const other = child + 1;
    if (other < heap.length && compare(heap[other] as FoundPlace, heap[child] as FoundPlace) > 0) {
      child = other;
    }
    const below = heap[child] as FoundPlace;
    if (compare(below, place) <= 0) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = place;
}
