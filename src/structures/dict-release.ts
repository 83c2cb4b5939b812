// Freeing a dict at rest in slices. Nobody looks anything up in it any more, so the word of its
// state that counts entries keeps how far the walk has come, as a negative number.

import type { Dict } from './dict.ts';

/**
 * Visits up to about `budget` entries of a dict whose state lies in a block, each exactly once over
 * all calls, for the visitor to free them; the tables are freed with the last.
 * @returns true while there are more; the state's block is the caller's to free then.
 */
export function releaseSome(
  dict: Dict,
  state: number,
  budget: number,
  free: (ref: number) => void,
): boolean {
  dict.open(state);
  const from = dict.count < 0 ? ~dict.count : 0;
  const next = dict.visitBuckets(from, budget, free);
  if (next < 0) {
    dict.destroy();
    return false;
  }
  dict.count = ~next;
  dict.close(state);
  return true;
}
