// A value that no key holds: the result of SUNIONSTORE and its kind while it is being computed. It
// has a bare entry of its own, so that all that works on entries works on it.

import { type Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { HEADER_BYTES, LENGTH_WORD, META_WORD, OUTLINE, VALUE_WORD } from '../structures/entry.ts';

/**
 * An entry without key around a value's root. Its maker hands the value on, or frees it, and then
 * frees the entry's block.
 */
export function createLoose(arena: Arena, type: number, encoding: number, root: number): number {
  const ref = arena.alloc(HEADER_BYTES);
  const words = arena.words[ref >>> SLOT_SHIFT]!;
  const at = (ref & GRANULE_MASK) << 1;
  words[at + META_WORD] = (type << 4) | encoding;
  words[at + LENGTH_WORD] = OUTLINE;
  words[at + VALUE_WORD] = root;
  return ref;
}
