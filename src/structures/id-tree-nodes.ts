// The nodes of ID trees (id-tree.ts), each one arena block: entries in the order of their IDs.
// Leaves and inner nodes lie the same way; only IdTree, which owns them, knows which is which.
//
//   | count, 16 bits, capacity, 16 bits | previous leaf | next leaf | entry | entry | ... room |
//   entry: | ID, 4 words | reference of a value or of a child |

import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import type { StreamId } from './id-tree-id.ts';

/** Words of a node's header: the neighbours in the chain of leaves. */
export const PREVIOUS = 1;
export const NEXT = 2;
const NODE_HEADER_WORDS = 3;
const ENTRY_WORDS = 5;
/** Word of an entry that holds its reference. */
export const VALUE = 4;
const COUNT_BITS = 16;
const COUNT_MASK = 0xffff;

/** Entries for which a node has room, so that its bytes are those of a size of the arena. */
const CAPACITIES: readonly number[] = [1, 2, 4, 9, 18, 37];
export const MAX_CAPACITY = 37;

/** The smallest capacity of a node for `count` entries. */
export function capacityFor(count: number): number {
  for (const capacity of CAPACITIES) if (capacity >= count) return capacity;
  return MAX_CAPACITY;
}

/** Bytes of a node with room for `capacity` entries. */
export function nodeBytes(capacity: number): number {
  return (NODE_HEADER_WORDS + capacity * ENTRY_WORDS) * 4;
}

/** Index of an entry's words in `arena.words` of the node's slot. */
export function entryAt(node: number, index: number): number {
  return ((node & GRANULE_MASK) << 1) + NODE_HEADER_WORDS + index * ENTRY_WORDS;
}

export class IdTreeNodes {
  readonly #arena: Arena;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Makes a block an empty node without neighbours. */
  initialize(node: number, capacity: number): void {
    const words = this.#arena.words[node >>> SLOT_SHIFT]!;
    const at = (node & GRANULE_MASK) << 1;
    words[at] = capacity << COUNT_BITS;
    words[at + PREVIOUS] = NULL_REF;
    words[at + NEXT] = NULL_REF;
  }

  /** Removes an entry, moving the later ones down. @returns how many are left. */
  remove(node: number, index: number): number {
    const count = this.countOf(node) - 1;
    const at = entryAt(node, index);
    if (index < count) {
      const words = this.#arena.words[node >>> SLOT_SHIFT]!;
      words.copyWithin(at, at + ENTRY_WORDS, entryAt(node, count + 1));
    }
    this.setCount(node, count);
    return count;
  }

  /** Moves entries to the end of another node, which has room. */
  moveEntries(from: number, first: number, to: number, toIndex: number, count: number): void {
    const source = this.#arena.words[from >>> SLOT_SHIFT]!;
    const target = this.#arena.words[to >>> SLOT_SHIFT]!;
    const sourceAt = entryAt(from, first);
    const targetAt = entryAt(to, toIndex);
    for (let i = 0; i < count * ENTRY_WORDS; i++) target[targetAt + i] = source[sourceAt + i]!;
    this.setCount(from, this.countOf(from) - count);
    this.setCount(to, toIndex + count);
  }

  /** Writes an entry into a node that has room, moving the later ones up. */
  put(node: number, index: number, id: StreamId, value: number): void {
    const words = this.#arena.words[node >>> SLOT_SHIFT]!;
    const count = this.countOf(node);
    const at = entryAt(node, index);
    if (index < count) words.copyWithin(at + ENTRY_WORDS, at, entryAt(node, count));
    id.store(words, at);
    words[at + VALUE] = value;
    this.setCount(node, count + 1);
  }

  /** Index of the last entry of a node whose ID is not above `id`, or -1. */
  floorIndex(node: number, id: StreamId): number {
    const words = this.#arena.words[node >>> SLOT_SHIFT]!;
    const base = entryAt(node, 0);
    let high = this.countOf(node) - 1;
    // What ascends is looked for at the end.
    if (id.compareWords(words, base + high * ENTRY_WORDS) >= 0) return high;
    let low = 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (id.compareWords(words, base + middle * ENTRY_WORDS) >= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** True when the entry has exactly this ID. */
  isAt(leaf: number, index: number, id: StreamId): boolean {
    const words = this.#arena.words[leaf >>> SLOT_SHIFT]!;
    return id.compareWords(words, entryAt(leaf, index)) === 0;
  }

  /** The reference of an entry. */
  valueOf(node: number, index: number): number {
    return this.#arena.words[node >>> SLOT_SHIFT]![entryAt(node, index) + VALUE]!;
  }

  /** A word of the node's header. */
  wordOf(node: number, field: number): number {
    return this.#arena.words[node >>> SLOT_SHIFT]![((node & GRANULE_MASK) << 1) + field]!;
  }

  setWord(node: number, field: number, value: number): void {
    this.#arena.words[node >>> SLOT_SHIFT]![((node & GRANULE_MASK) << 1) + field] = value;
  }

  countOf(node: number): number {
    return this.wordOf(node, 0) & COUNT_MASK;
  }

  /** Entries that the node has room for. */
  capacityOf(node: number): number {
    return this.wordOf(node, 0) >> COUNT_BITS;
  }

  setCount(node: number, count: number): void {
    const words = this.#arena.words[node >>> SLOT_SHIFT]!;
    const at = (node & GRANULE_MASK) << 1;
    words[at] = (words[at]! & ~COUNT_MASK) | count;
  }
}
