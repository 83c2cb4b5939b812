// A member of a large sorted set: one arena block, found by its bytes through the set's dict and by
// its place through the sorted index.
//
//   byte 0          4            8                 16
//        +----------+------------+-----------------+---------------+
//        | next     | length     | score, a double | member ...    |
//        +----------+------------+-----------------+---------------+
//
// Word 0 belongs to the dict. The sorted set owns the block; index and dict only name it.

import { compareBytes } from '../bytes/compare.ts';
import { copyBytes } from '../bytes/copy.ts';
import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { copyBlock } from './dict-copy.ts';
import { type EntryLayout, KEY_LENGTH_MASK } from './entry-layout.ts';

export const MEMBER_HEADER_BYTES = 16;
const LENGTH_WORD = 1;

/** Where a dict of such members finds their bytes. */
export const MEMBER_LAYOUT: EntryLayout = {
  lengthWord: LENGTH_WORD,
  headerBytes: MEMBER_HEADER_BYTES,
};

/** Makes a member; its bytes are copied. @returns its reference. */
export function createMember(
  arena: Arena,
  score: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const ref = arena.alloc(MEMBER_HEADER_BYTES + length);
  const slot = ref >>> SLOT_SHIFT;
  const granule = ref & GRANULE_MASK;
  arena.words[slot]![(granule << 1) + LENGTH_WORD] = length;
  arena.doubles[slot]![granule + 1] = score;
  copyBytes(arena.bytes[slot]!, (granule << 3) + MEMBER_HEADER_BYTES, bytes, offset, length);
  return ref;
}

/** A member with the same score and bytes, of which nobody knows yet. @returns its reference. */
export function copyMember(arena: Arena, ref: number): number {
  return copyBlock(arena, ref, MEMBER_HEADER_BYTES + lengthOfMember(arena, ref));
}

export function scoreOfMember(arena: Arena, ref: number): number {
  return arena.doubles[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) + 1]!;
}

/** Writes the score into the block; an index that holds the member is not told. */
export function setScoreOfMember(arena: Arena, ref: number, score: number): void {
  arena.doubles[ref >>> SLOT_SHIFT]![(ref & GRANULE_MASK) + 1] = score;
}

export function lengthOfMember(arena: Arena, ref: number): number {
  const word = arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + LENGTH_WORD]!;
  return word & KEY_LENGTH_MASK;
}

/** Offset of the member's bytes in `arena.bytes[ref >>> SLOT_SHIFT]`. */
export function offsetOfMember(ref: number): number {
  return ((ref & GRANULE_MASK) << 3) + MEMBER_HEADER_BYTES;
}

/** Order of a member's bytes against others: negative, 0 or positive, as memcmp and length say. */
export function compareMember(
  arena: Arena,
  ref: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  return compareBytes(
    arena.bytes[ref >>> SLOT_SHIFT]!,
    offsetOfMember(ref),
    lengthOfMember(arena, ref),
    bytes,
    offset,
    length,
  );
}
