// Copies the tables of a dict at rest (dict-state.ts) with all entries: each into the bucket that
// it has, so that nothing is hashed or looked up. Where entries move between two tables, both are
// copied as they are.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  STATE_COUNT,
  STATE_MASK0,
  STATE_MASK1,
  STATE_REHASH,
  STATE_TABLE0,
  STATE_TABLE1,
} from './dict-state.ts';

/** Words that are copied in a loop; more are copied by the machine. */
const LOOP_WORDS = 32;

/**
 * Copies the tables of the dict whose state lies at the beginning of `from` to the state of an
 * empty one, which hashes with the same seed.
 * @param copyEntry makes a copy of an entry, of which word 0 may be anything.
 */
export function copyTables(
  arena: Arena,
  from: number,
  to: number,
  copyEntry: (ref: number) => number,
): void {
  copyTable(arena, from, to, STATE_TABLE0, STATE_MASK0, copyEntry);
  copyTable(arena, from, to, STATE_TABLE1, STATE_MASK1, copyEntry);
  for (const word of [STATE_REHASH, STATE_COUNT]) {
    setWordOf(arena, to, word, wordOf(arena, from, word));
  }
}

function copyTable(
  arena: Arena,
  from: number,
  to: number,
  tableWord: number,
  maskWord: number,
  copyEntry: (ref: number) => number,
): void {
  const mask = wordOf(arena, from, maskWord);
  if (mask < 0) return;
  const source = wordOf(arena, from, tableWord);
  const target = arena.allocZeroed((mask + 1) * 4);
  setWordOf(arena, to, tableWord, target);
  setWordOf(arena, to, maskWord, mask);
  for (let bucket = 0; bucket <= mask; bucket++) {
    let last = NULL_REF;
    for (let ref = wordOf(arena, source, bucket); ref !== NULL_REF; ref = wordOf(arena, ref, 0)) {
      const copy = copyEntry(ref);
      setWordOf(arena, copy, 0, NULL_REF);
      if (last === NULL_REF) setWordOf(arena, target, bucket, copy);
      else setWordOf(arena, last, 0, copy);
      last = copy;
    }
  }
}

/** A copy of the first `byteCount` bytes of a block, at least 4, in a block of that size. */
export function copyBlock(arena: Arena, ref: number, byteCount: number): number {
  const copy = arena.alloc(byteCount);
  const from = arena.words[ref >>> SLOT_SHIFT]!;
  const to = arena.words[copy >>> SLOT_SHIFT]!;
  const fromAt = (ref & GRANULE_MASK) << 1;
  const toAt = (copy & GRANULE_MASK) << 1;
  // A block's size is a multiple of 8 bytes, so that the last word is whole.
  const count = (byteCount + 3) >> 2;
  if (count > LOOP_WORDS) to.set(from.subarray(fromAt, fromAt + count), toAt);
  else for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
  return copy;
}

function wordOf(arena: Arena, ref: number, index: number): number {
  return arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + index]!;
}

function setWordOf(arena: Arena, ref: number, index: number, value: number): void {
  arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + index] = value;
}
