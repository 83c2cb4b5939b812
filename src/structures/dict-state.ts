// The state of a dict that is at rest, six words at the beginning of an arena block: what a set or
// a hash with a table keeps, so that a million of them cost no object.
//
//   | table 0 | mask 0 | table 1 | mask 1 | rehash index | count |
//
// Dict.open reads it and Dict.close writes it; the block belongs to the value.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';

export const DICT_STATE_BYTES = 24;
export const STATE_TABLE0 = 0;
export const STATE_MASK0 = 1;
export const STATE_TABLE1 = 2;
export const STATE_MASK1 = 3;
export const STATE_REHASH = 4;
export const STATE_COUNT = 5;

/** Writes the state of a dict without entries. */
export function writeEmptyState(arena: Arena, state: number): void {
  const words = arena.words[state >>> SLOT_SHIFT]!;
  const at = (state & GRANULE_MASK) << 1;
  words[at + STATE_TABLE0] = NULL_REF;
  words[at + STATE_MASK0] = -1;
  words[at + STATE_TABLE1] = NULL_REF;
  words[at + STATE_MASK1] = -1;
  words[at + STATE_REHASH] = -1;
  words[at + STATE_COUNT] = 0;
}

/** Entries of the dict, without opening it. */
export function countOfState(arena: Arena, state: number): number {
  return arena.words[state >>> SLOT_SHIFT]![((state & GRANULE_MASK) << 1) + STATE_COUNT]!;
}

/** Bytes of the dict's tables, without opening it. */
export function tableBytesOfState(arena: Arena, state: number): number {
  const words = arena.words[state >>> SLOT_SHIFT]!;
  const at = (state & GRANULE_MASK) << 1;
  return (words[at + STATE_MASK0]! + words[at + STATE_MASK1]! + 2) * 4;
}
