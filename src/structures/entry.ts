// A key with its value, as the keyspace's dict holds it: one arena block.
//
//   word 0   next entry of the bucket (dict.ts)
//   word 1   access clock, 24 bits | colour, 1 bit | type, 3 bits | encoding, 4 bits
//   word 2   key length, 30 bits | TAGGED, bit 30 | OUTLINE, bit 31
//   word 3   length of the value that follows the key; with OUTLINE the reference of the value's own block
//   word 4   only with TAGGED: position in the expiry heap, or -1 for a key that does not expire
//   then     the key, and the value's bytes unless OUTLINE
//
// Type and encoding numbers are Redis's own, as DEBUG OBJECT and RDB files know them. See
// docs/internals/entry.md.

import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { KEY_LENGTH_MASK, TAGGED } from './entry-layout.ts';

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 6;

export const ENCODING_RAW = 0;
export const ENCODING_INT = 1;
export const ENCODING_HASHTABLE = 2;
export const ENCODING_INTSET = 6;
export const ENCODING_SKIPLIST = 7;
export const ENCODING_EMBSTR = 8;
export const ENCODING_QUICKLIST = 9;
export const ENCODING_STREAM = 10;
export const ENCODING_LISTPACK = 11;
export const ENCODING_LISTPACK_EX = 12;

/** Flag of word 2: the value has a block of its own. */
export const OUTLINE: number = 0x80000000 | 0;

/**
 * Bit of word 1 by which a snapshot tells what it has written: see keyspace/snapshot-guard.ts. It
 * has no meaning of its own, only as equal to the colour of the keyspace or not.
 */
export const COLOUR = 0x80;

export const META_WORD = 1;
export const LENGTH_WORD = 2;
export const VALUE_WORD = 3;
export const TAG_WORD = 4;
export const HEADER_BYTES = 16;
export const TAG_BYTES = 4;
/** Tag of an entry that has room for a heap position and none. */
export const NO_POSITION = -1;

export function typeOf(arena: Arena, ref: number): number {
  return (arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + META_WORD]! >> 4) & 7;
}

export function encodingOf(arena: Arena, ref: number): number {
  return arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + META_WORD]! & 15;
}

export function setTypeAndEncoding(
  arena: Arena,
  ref: number,
  type: number,
  encoding: number,
): void {
  const words = arena.words[ref >>> SLOT_SHIFT]!;
  const at = ((ref & GRANULE_MASK) << 1) + META_WORD;
  words[at] = (words[at]! & ~0x7f) | (type << 4) | encoding;
}

/** COLOUR or 0. */
export function colourOf(arena: Arena, ref: number): number {
  return arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + META_WORD]! & COLOUR;
}

export function turnColour(arena: Arena, ref: number): void {
  const words = arena.words[ref >>> SLOT_SHIFT]!;
  const at = ((ref & GRANULE_MASK) << 1) + META_WORD;
  words[at] = words[at]! ^ COLOUR;
}

/** The 24 bits of LRU clock or LFU state. */
export function accessClockOf(arena: Arena, ref: number): number {
  return arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + META_WORD]! >>> 8;
}

export function setAccessClock(arena: Arena, ref: number, clock: number): void {
  const words = arena.words[ref >>> SLOT_SHIFT]!;
  const at = ((ref & GRANULE_MASK) << 1) + META_WORD;
  words[at] = (words[at]! & 0xff) | (clock << 8);
}

export function keyLengthOf(arena: Arena, ref: number): number {
  const word = arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + LENGTH_WORD]!;
  return word & KEY_LENGTH_MASK;
}

/** Offset of the key in `arena.bytes[ref >>> SLOT_SHIFT]`. */
export function keyOffsetOf(arena: Arena, ref: number): number {
  const granule = ref & GRANULE_MASK;
  const word = arena.words[ref >>> SLOT_SHIFT]![(granule << 1) + LENGTH_WORD]!;
  return (granule << 3) + HEADER_BYTES + ((word & TAGGED) !== 0 ? TAG_BYTES : 0);
}

export function isOutline(arena: Arena, ref: number): boolean {
  return arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + LENGTH_WORD]! < 0;
}

/** Word 3: the inline value's length, or the reference of the value's block. */
export function valueWordOf(arena: Arena, ref: number): number {
  return arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + VALUE_WORD]!;
}

export function setValueWord(arena: Arena, ref: number, value: number): void {
  arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + VALUE_WORD] = value;
}

/** True when the entry is in the expiry heap. */
export function hasExpiry(arena: Arena, ref: number): boolean {
  const words = arena.words[ref >>> SLOT_SHIFT]!;
  const at = (ref & GRANULE_MASK) << 1;
  return (words[at + LENGTH_WORD]! & TAGGED) !== 0 && words[at + TAG_WORD]! >= 0;
}

export function hasTag(arena: Arena, ref: number): boolean {
  const word = arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + LENGTH_WORD]!;
  return (word & TAGGED) !== 0;
}

export function setTag(arena: Arena, ref: number, position: number): void {
  arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + TAG_WORD] = position;
}

/** Bytes of an entry's block without the value. */
export function bytesBeforeValue(keyLength: number, tagged: boolean): number {
  return HEADER_BYTES + (tagged ? TAG_BYTES : 0) + keyLength;
}

/** The key's bytes, copied. */
export function copyKey(arena: Arena, ref: number): Uint8Array {
  const start = keyOffsetOf(arena, ref);
  return arena.bytes[ref >>> SLOT_SHIFT]!.slice(start, start + keyLengthOf(arena, ref));
}
