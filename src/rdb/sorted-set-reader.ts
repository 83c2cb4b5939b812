// Sorted sets of a dump, member by member: many are put together by ScoredMembers, and few are
// added to a set of ours as they come.

import { parseDouble } from '../bytes/double.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { ENCODING_SKIPLIST, TYPE_ZSET } from '../structures/entry.ts';
import { SortedSet } from '../values/sorted-set.ts';
import type { BuiltValue } from './built-value.ts';
import { RDB_ZSET_2 } from './format.ts';
import type { RdbInput, RdbText } from './rdb-input.ts';
import { ScoredMembers } from './scored-members.ts';

/** Room that is made at once for as many members as a file announces; it may lie. */
const MAX_RESERVED = 65536;

export class SortedSetReader {
  readonly #keyspace: Keyspace;
  readonly #input: RdbInput;
  readonly #text: RdbText;
  readonly #other: RdbText;
  readonly #built: BuiltValue;
  readonly #small: SortedSet;
  readonly #large: ScoredMembers;
  #isLarge = false;
  /** Whether few members are read into a large set, for the sake of a score of -0. */
  #isEnlarged = false;

  /** @param text room for a member, `other` for its score where it is a text. */
  constructor(
    keyspace: Keyspace,
    input: RdbInput,
    text: RdbText,
    other: RdbText,
    built: BuiltValue,
  ) {
    const { arena, seed, values } = keyspace;
    this.#keyspace = keyspace;
    this.#input = input;
    this.#text = text;
    this.#other = other;
    this.#built = built;
    this.#small = new SortedSet(arena, values.listpacks, values.limits, seed);
    this.#large = new ScoredMembers(keyspace);
  }

  /** Begins a set of so many members. */
  begin(count: number): void {
    const built = this.#built;
    const set = this.#small;
    this.#isEnlarged = false;
    this.#isLarge = count > this.#keyspace.values.limits.zsetMaxListpackEntries;
    if (this.#isLarge) {
      const root = this.#large.begin(Math.min(count, MAX_RESERVED));
      built.begin(TYPE_ZSET, ENCODING_SKIPLIST, root);
      return;
    }
    set.create(count, 0);
    built.begin(TYPE_ZSET, set.encoding, set.root);
    set.open(built.ref);
  }

  /** Reads a member and its score, which files of old versions have as a text. */
  read(type: number): void {
    const text = this.#text;
    const input = this.#input;
    input.string(text);
    const score = type === RDB_ZSET_2 ? input.double() : this.#readTextScore();
    if (input.isShort || input.problem !== '') return;
    if (Number.isNaN(score)) input.fail('Zset with NAN score detected');
    else if (!this.#add(score, text)) input.fail('Duplicate zset fields detected');
  }

  /** @returns false when the member is there already. */
  #add(score: number, { bytes, offset, length }: RdbText): boolean {
    if (this.#isLarge) return this.#large.add(score, bytes, offset, length);
    const set = this.#small;
    if (set.find(bytes, offset, length)) return false;
    // A listpack has no -0, and whether the set becomes one is known at its end.
    if (Object.is(score, -0)) {
      this.#isEnlarged = true;
      set.enlarge();
    }
    set.addNew(score, bytes, offset, length);
    return true;
  }

  /** A score of version 3 and older: a byte of length and a text, or one of three special bytes. */
  #readTextScore(): number {
    const input = this.#input;
    const length = input.byte();
    if (length === 255) return Number.NEGATIVE_INFINITY;
    if (length === 254) return Number.POSITIVE_INFINITY;
    if (length === 253) return Number.NaN;
    const text = this.#other;
    input.raw(length, text);
    return input.isShort ? 0 : parseDouble(text.bytes, text.offset, text.length);
  }

  /** Ends what `begin` began, if anything: all members were read. */
  complete(): void {
    if (this.#isEnlarged) this.#small.compact();
    this.end();
  }

  /** Ends it where it is, so that it can be freed. */
  end(): void {
    if (this.#isLarge) this.#large.end();
    this.#isLarge = false;
    this.#isEnlarged = false;
  }
}
