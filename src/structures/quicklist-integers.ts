// Reads the integers of a list or set into an array of numbers, without making a text of any: what
// SORT goes by. Packed nodes (quicklist-packing.ts) are read as they are. All functions give up
// with -1, or false, at the first element that is not kept as an integer of 32 bits.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { LISTPACK_HEADER_BYTES } from './listpack.ts';
import { END, elementBytesAt, INTEGER_64, integerValueAt } from './listpack-element.ts';
import type { QuicklistNodes } from './quicklist-nodes.ts';
import { DIFFERENCE, PACKED_HEADER_BYTES, SMALL_DIFFERENCE } from './quicklist-packing.ts';

/** First bytes of elements: texts begin at the first, and end before the second. */
const FIRST_TEXT = 0x80;
const BEHIND_SHORT_TEXTS = 0xc0;
const BEHIND_SMALL_INTEGERS = 0xe0;
const FIRST_WIDE_INTEGER = 0xf1;

/**
 * Reads the elements of a listpack.
 * @param out has room for them all from index `from` on.
 * @returns the index behind the last in `out`, or -1.
 */
export function readListpackIntegers(
  arena: Arena,
  listpack: number,
  out: Int32Array,
  from: number,
): number {
  const data = arena.bytes[listpack >>> SLOT_SHIFT]!;
  let at = ((listpack & GRANULE_MASK) << 3) + LISTPACK_HEADER_BYTES;
  let to = from;
  for (let first = data[at]!; first !== END; first = data[at]!) {
    if (first < FIRST_TEXT) {
      out[to++] = first;
      at += 2;
    } else if (first >= BEHIND_SHORT_TEXTS && first < BEHIND_SMALL_INTEGERS) {
      out[to++] = ((((first & 31) << 8) | data[at + 1]!) << 19) >> 19;
      at += 3;
    } else if (first >= FIRST_WIDE_INTEGER && first < INTEGER_64) {
      out[to++] = integerValueAt(data, at);
      at += elementBytesAt(data, at);
    } else return -1;
  }
  return to;
}

/** The same for the block of a packed node with `count` elements. */
function readPackedIntegers(
  arena: Arena,
  content: number,
  count: number,
  out: Int32Array,
  from: number,
): number {
  const data = arena.bytes[content >>> SLOT_SHIFT]!;
  let at = ((content & GRANULE_MASK) << 3) + PACKED_HEADER_BYTES;
  let integer = 0;
  const end = from + count;
  for (let to = from; to < end; to++) {
    const token = data[at++]!;
    if (token < SMALL_DIFFERENCE) return -1;
    if (token < DIFFERENCE) integer += token & 15;
    else {
      let byte = data[at++]!;
      let zigzag = byte & 127;
      for (let scale = 128; byte >= 128; scale *= 128) {
        byte = data[at++]!;
        zigzag += (byte & 127) * scale;
      }
      integer += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    out[to] = integer;
    if (out[to] !== integer) return -1;
  }
  return end;
}

/** Reads all elements of a quicklist to the beginning of `out`. @returns whether it could. */
export function readQuicklistIntegers(
  arena: Arena,
  nodes: QuicklistNodes,
  root: number,
  out: Int32Array,
): boolean {
  let to = 0;
  for (let node = nodes.head(root); node !== NULL_REF && to >= 0; node = nodes.next(node)) {
    if (nodes.isPlain(node)) return false;
    const content = nodes.content(node);
    to = nodes.isPacked(node)
      ? readPackedIntegers(arena, content, nodes.elements(node), out, to)
      : readListpackIntegers(arena, content, out, to);
  }
  return to >= 0;
}
