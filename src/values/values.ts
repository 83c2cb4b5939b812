// The types of values of one keyspace, found by their numbers: what the keyspace frees, copies and
// counts without knowing which type it is. A new type is one line here.

import { assert } from '../bytes/assert.ts';
import type { HashSeed } from '../bytes/hash.ts';
import type { Arena } from '../memory/arena.ts';
import { TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STREAM, TYPE_ZSET } from '../structures/entry.ts';
import { Listpacks } from '../structures/listpack.ts';
import { EncodingLimits } from './encoding-limits.ts';
import { Hashes } from './hash.ts';
import { HyperLogLog } from './hyperloglog.ts';
import { Lists } from './list.ts';
import { Sets } from './set.ts';
import { SetCursor } from './set-cursor.ts';
import { SortedSets } from './sorted-sets.ts';
import { Streams } from './stream.ts';
import { Strings } from './string.ts';
import type { ValueType } from './value-type.ts';

const NO_BYTES = new Uint8Array(0);
/** Redis keeps 4 bits for the type of a value. */
const TYPE_COUNT = 16;

export class Values {
  readonly limits: EncodingLimits = new EncodingLimits();
  readonly listpacks: Listpacks;
  readonly strings: Strings;
  /** Works on strings that are HyperLogLogs. */
  readonly hyperLogLog: HyperLogLog = new HyperLogLog();
  readonly lists: Lists;
  readonly hashes: Hashes;
  readonly sets: Sets;
  /** For commands that go over one set at a time. */
  readonly setCursor: SetCursor;
  readonly sortedSets: SortedSets;
  readonly streams: Streams;
  readonly #types: (ValueType | null)[] = new Array(TYPE_COUNT).fill(null);

  /** @param seed of the hashes of members and fields. */
  constructor(arena: Arena, seed: HashSeed) {
    const listpacks = new Listpacks(arena);
    const { limits } = this;
    this.listpacks = listpacks;
    this.strings = new Strings(arena);
    this.lists = new Lists(arena, listpacks, limits);
    this.hashes = new Hashes(arena, listpacks, limits, seed);
    this.sets = new Sets(arena, listpacks, limits, seed);
    this.setCursor = new SetCursor(arena, this.sets);
    this.sortedSets = new SortedSets(arena, listpacks, limits, seed);
    this.streams = new Streams(arena, listpacks, limits);
    this.#types[TYPE_LIST] = this.lists;
    this.#types[TYPE_HASH] = this.hashes;
    this.#types[TYPE_SET] = this.sets;
    this.#types[TYPE_ZSET] = this.sortedSets;
    this.#types[TYPE_STREAM] = this.streams;
  }

  /** Lets go of the memory that was read last, which nobody needs between commands. */
  forget(): void {
    const { strings, lists, listpacks } = this;
    for (const reader of [strings, lists.cursor, listpacks]) reader.bytes = NO_BYTES;
    for (const type of [this.hashes, this.sets, this.setCursor, this.sortedSets]) type.forget();
  }

  /** What a type other than string can do. */
  of(type: number): ValueType {
    const found = this.#types[type];
    assert(found !== null && found !== undefined, 'an entry has a type that does not exist');
    return found;
  }
}
