// Short texts at the ends of a listpack, added, read and dropped in its place: what pushes and pops
// of lists nearly always do, in one step each and not in the ten that any element at any place
// takes (listpack.ts). Each function says false where that other way must be gone, and has changed
// nothing then. Layout: docs/internals/listpack.md.

import { copyBytes } from '../bytes/copy.ts';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { END, isShortText, shortTextLength } from './listpack-element.ts';

const HEADER_BYTES = 6;
const SHORT_TEXT = 0x80;
const SHORT_TEXT_MAX = 63;
/** Encoding and back length of a short text. */
const OVERHEAD_BYTES = 2;
/** From this number of elements on the header does not tell it. */
const COUNT_LIMIT = 65534;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;

/** Adds a text that is no integer at one end, where the block has room for it. */
export function pushShortText(
  arena: Arena,
  lp: number,
  atHead: boolean,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (length === 0 || length > SHORT_TEXT_MAX) return false;
  const first = bytes[offset]!;
  if (first <= NINE && (first >= ZERO || first === MINUS)) return false;
  const slot = lp >>> SLOT_SHIFT;
  const granule = lp & GRANULE_MASK;
  const words = arena.words[slot]!;
  const total = words[granule << 1]!;
  const size = length + OVERHEAD_BYTES;
  if (total + size > arena.capacity(lp)) return false;
  const data = arena.bytes[slot]!;
  const start = granule << 3;
  const count = data[start + 4]! | (data[start + 5]! << 8);
  if (count >= COUNT_LIMIT) return false;
  let at = start + total - 1;
  if (atHead) {
    at = start + HEADER_BYTES;
    data.copyWithin(at + size, at, start + total);
  } else data[at + size] = END;
  words[granule << 1] = total + size;
  data[start + 4] = count + 1;
  data[start + 5] = (count + 1) >> 8;
  data[at] = SHORT_TEXT | length;
  copyBytes(data, at + 1, bytes, offset, length);
  data[at + 1 + length] = length + 1;
  return true;
}

/** Where the text at one end begins in the bytes of the slot, if it is a short one; else 0. */
function shortTextAt(arena: Arena, lp: number, atHead: boolean): number {
  const slot = lp >>> SLOT_SHIFT;
  const granule = lp & GRANULE_MASK;
  const data = arena.bytes[slot]!;
  const start = granule << 3;
  const first = start + HEADER_BYTES;
  if (atHead) return isShortText(data[first]!) ? first : 0;
  const end = start + arena.words[slot]![granule << 1]! - 1;
  if (end === first) return 0;
  const body = data[end - 1]!;
  if (body > SHORT_TEXT_MAX + 1) return 0;
  const at = end - 1 - body;
  return isShortText(data[at]!) ? at : 0;
}

/** Reads the element at one end, if it is a short text. */
export function readShortText(
  arena: Arena,
  lp: number,
  atHead: boolean,
  into: { bytes: Uint8Array; offset: number; length: number },
): boolean {
  const at = shortTextAt(arena, lp, atHead);
  if (at === 0) return false;
  const bytes = arena.bytes[lp >>> SLOT_SHIFT]!;
  into.bytes = bytes;
  into.offset = at + 1;
  into.length = shortTextLength(bytes[at]!);
  return true;
}

/** Drops the element at one end, if it is a short text and the block stays as large as it is. */
export function dropShortText(arena: Arena, lp: number, atHead: boolean): boolean {
  const at = shortTextAt(arena, lp, atHead);
  if (at === 0) return false;
  const slot = lp >>> SLOT_SHIFT;
  const granule = lp & GRANULE_MASK;
  const words = arena.words[slot]!;
  const data = arena.bytes[slot]!;
  const start = granule << 3;
  const count = data[start + 4]! | (data[start + 5]! << 8);
  if (count > COUNT_LIMIT) return false;
  const total = words[granule << 1]!;
  const newTotal = total - shortTextLength(data[at]!) - OVERHEAD_BYTES;
  if (Arena.capacityFor(newTotal + (newTotal >> 3)) < arena.capacity(lp)) return false;
  if (atHead) data.copyWithin(at, at + total - newTotal, start + total);
  else data[at] = END;
  words[granule << 1] = newTotal;
  data[start + 4] = count - 1;
  data[start + 5] = (count - 1) >> 8;
  return true;
}
