// The ends of quicklists, where nearly all elements come and go: pushes into and pops from an end
// node that is a plain listpack of several elements, with the words of root and node read once.
// Each function says false (or 0) where another way must be found (quicklist.ts), and has changed
// nothing then.

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import type { Listpacks } from './listpack.ts';
import { dropShortText, pushShortText } from './listpack-ends.ts';
import {
  CONTENT,
  COUNT,
  COUNT_HIGH,
  COUNT_LOW,
  ELEMENT_OVERHEAD_BYTES,
  exceedsNodeLimit,
  FILL,
  HEAD,
  MAX_INT_32,
  PACKED,
  PLAIN,
  TAIL,
} from './quicklist-nodes.ts';

export class QuicklistEnds {
  readonly #arena: Arena;
  readonly #listpacks: Listpacks;

  constructor(arena: Arena, listpacks: Listpacks) {
    this.#arena = arena;
    this.#listpacks = listpacks;
  }

  /**
   * Adds an element to the node at one end, where that has room.
   * @returns the number of elements of the list then, or 0.
   */
  push(root: number, atHead: boolean, bytes: Uint8Array, offset: number, length: number): number {
    const arena = this.#arena;
    const { words } = arena;
    const rootWords = words[root >>> SLOT_SHIFT]!;
    const rootAt = (root & GRANULE_MASK) << 1;
    const node = rootWords[rootAt + (atHead ? HEAD : TAIL)]!;
    const total = rootWords[rootAt + COUNT_LOW]!;
    if (node === NULL_REF || !isSmall(rootWords[rootAt + COUNT_HIGH]!, total)) return 0;
    const nodeWords = words[node >>> SLOT_SHIFT]!;
    const nodeAt = (node & GRANULE_MASK) << 1;
    const count = nodeWords[nodeAt + COUNT]!;
    if ((count & (PLAIN | PACKED)) !== 0) return 0;
    const lp = nodeWords[nodeAt + CONTENT]!;
    const bytesNow = words[lp >>> SLOT_SHIFT]![(lp & GRANULE_MASK) << 1]!;
    const bytesThen = bytesNow + length + ELEMENT_OVERHEAD_BYTES;
    if (exceedsNodeLimit(rootWords[rootAt + FILL]!, bytesThen, count + 1)) return 0;
    if (!pushShortText(arena, lp, atHead, bytes, offset, length)) {
      nodeWords[nodeAt + CONTENT] = atHead
        ? this.#listpacks.prepend(lp, bytes, offset, length)
        : this.#listpacks.append(lp, bytes, offset, length);
    }
    nodeWords[nodeAt + COUNT] = count + 1;
    rootWords[rootAt + COUNT_LOW] = total + 1;
    return total + 1;
  }

  /** The listpack of the node at one end, where that has more than one element; 0 otherwise. */
  listpackAt(root: number, atHead: boolean): number {
    const { words } = this.#arena;
    const node =
      words[root >>> SLOT_SHIFT]![((root & GRANULE_MASK) << 1) + (atHead ? HEAD : TAIL)]!;
    if (node === NULL_REF) return NULL_REF;
    const nodeWords = words[node >>> SLOT_SHIFT]!;
    const nodeAt = (node & GRANULE_MASK) << 1;
    const count = nodeWords[nodeAt + COUNT]!;
    return count <= 1 || (count & PACKED) !== 0 ? NULL_REF : nodeWords[nodeAt + CONTENT]!;
  }

  /** Drops the element at one end, where that is a short text and not the last of its node. */
  drop(root: number, atHead: boolean): boolean {
    const arena = this.#arena;
    const { words } = arena;
    const rootWords = words[root >>> SLOT_SHIFT]!;
    const rootAt = (root & GRANULE_MASK) << 1;
    const total = rootWords[rootAt + COUNT_LOW]!;
    if (!isSmall(rootWords[rootAt + COUNT_HIGH]!, total)) return false;
    const lp = this.listpackAt(root, atHead);
    if (lp === NULL_REF) return false;
    if (!dropShortText(arena, lp, atHead)) return false;
    const node = rootWords[rootAt + (atHead ? HEAD : TAIL)]!;
    const countAt = ((node & GRANULE_MASK) << 1) + COUNT;
    const nodeWords = words[node >>> SLOT_SHIFT]!;
    nodeWords[countAt] = nodeWords[countAt]! - 1;
    rootWords[rootAt + COUNT_LOW] = total - 1;
    return true;
  }
}

/** Whether a list's number of elements stays in one word with one more. */
function isSmall(high: number, low: number): boolean {
  return high === 0 && low >= 0 && low < MAX_INT_32;
}
