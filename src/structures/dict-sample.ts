// Looking at some entries of a dict, to reckon what all of them take.

import type { Dict } from './dict.ts';

/**
 * Visits the first `samples` entries of an open dict, or a few more, 0: all. Buckets are passed
 * over until there are so many: while a table grows, half of them may be empty.
 * @returns how many it visited
 */
export function visitSome(dict: Dict, samples: number, visit: (ref: number) => void): number {
  const wanted = samples === 0 ? Number.POSITIVE_INFINITY : samples;
  let seen = 0;
  let bucket = 0;
  const count = (ref: number): void => {
    seen++;
    visit(ref);
  };
  while (bucket >= 0 && seen < wanted) {
    bucket = dict.visitBuckets(bucket, wanted - seen, count);
  }
  return seen;
}
