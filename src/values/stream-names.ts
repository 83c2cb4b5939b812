// A table of named blocks in the order of their names: the consumer groups of a stream, the
// consumers of a group. Few, looked up by name and listed in order.
//
//   table: | count | room | reference | reference | ... |
//   named block: | bytes of the name | ... | name, from a fixed offset on |
//
// The owner keeps the table's reference, 0 while it is empty, and takes the new one from `insert`
// and `removeAt`. The blocks are the owner's too.

import { compareBytes } from '../bytes/compare.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';

const COUNT = 0;
const ROOM = 1;
const HEADER_WORDS = 2;
const INITIAL_ROOM = 2;

export class StreamNames {
  /** Where the last `find` ended: the name's place, or where it would be. */
  index = 0;
  readonly #arena: Arena;
  readonly #nameOffset: number;

  /** @param nameOffset bytes from the start of a named block to its name. */
  constructor(arena: Arena, nameOffset: number) {
    this.#arena = arena;
    this.#nameOffset = nameOffset;
  }

  count(table: number): number {
    return table === NULL_REF ? 0 : this.#word(table, COUNT);
  }

  /** Block number `index` in the order of names. */
  at(table: number, index: number): number {
    return this.#word(table, HEADER_WORDS + index);
  }

  #word(table: number, field: number): number {
    return this.#arena.words[table >>> SLOT_SHIFT]![((table & GRANULE_MASK) << 1) + field]!;
  }

  /** The block with a name, or 0. Remembers the place for `insert` and `removeAt`. */
  find(table: number, bytes: Uint8Array, offset: number, length: number): number {
    let low = 0;
    let high = this.count(table);
    while (low < high) {
      const middle = (low + high) >> 1;
      const block = this.at(table, middle);
      const order = compareBytes(
        this.#arena.bytes[block >>> SLOT_SHIFT]!,
        this.nameStart(block),
        this.nameLength(block),
        bytes,
        offset,
        length,
      );
      if (order === 0) {
        this.index = middle;
        return block;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.index = low;
    return NULL_REF;
  }

  /** Offset of a block's name in `arena.bytes` of its slot. */
  nameStart(block: number): number {
    return ((block & GRANULE_MASK) << 3) + this.#nameOffset;
  }

  nameLength(block: number): number {
    return this.#word(block, 0);
  }

  /** Adds a block where the last `find` did not find its name. @returns the table. */
  insert(table: number, block: number): number {
    const target = this.#withRoom(table);
    const words = this.#arena.words[target >>> SLOT_SHIFT]!;
    const at = (target & GRANULE_MASK) << 1;
    const first = at + HEADER_WORDS + this.index;
    const count = words[at]!;
    words.copyWithin(first + 1, first, at + HEADER_WORDS + count);
    words[first] = block;
    words[at] = count + 1;
    return target;
  }

  #withRoom(table: number): number {
    const count = this.count(table);
    if (table !== NULL_REF && count < this.#word(table, ROOM)) return table;
    const room = count === 0 ? INITIAL_ROOM : count * 2;
    const grown = this.#arena.alloc((HEADER_WORDS + room) * 4);
    const words = this.#arena.words[grown >>> SLOT_SHIFT]!;
    const at = (grown & GRANULE_MASK) << 1;
    words[at + COUNT] = count;
    words[at + ROOM] = room;
    for (let i = 0; i < count; i++) words[at + HEADER_WORDS + i] = this.at(table, i);
    if (table !== NULL_REF) this.#arena.free(table);
    return grown;
  }

  /** Takes block number `index` out; freeing it is the caller's. @returns the table, 0 if empty. */
  removeAt(table: number, index: number): number {
    const words = this.#arena.words[table >>> SLOT_SHIFT]!;
    const at = (table & GRANULE_MASK) << 1;
    const count = words[at]! - 1;
    if (count === 0) {
      this.#arena.free(table);
      return NULL_REF;
    }
    const first = at + HEADER_WORDS + index;
    words.copyWithin(first, first + 1, at + HEADER_WORDS + count + 1);
    words[at] = count;
    return table;
  }

  /** Bytes of the table's block. */
  usedBytes(table: number): number {
    return table === NULL_REF ? 0 : this.#arena.capacity(table);
  }
}
