// Sets: distinct members in one of three encodings, which an entry goes through in this order.
//
//   intset      only integers, up to set-max-intset-entries
//   listpack    up to set-max-listpack-entries members of up to set-max-listpack-value bytes
//   hashtable   anything else (member-table.ts)
//
// Functions take the reference of the key's entry, whose value word and encoding they keep true.
// Members are read into the fields bytes, offset and length, true until the next read or change of
// the arena. A set never becomes a more compact one again, as in Redis.

import type { HashSeed } from '../bytes/hash.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  encodingOf,
  setTypeAndEncoding,
  setValueWord,
  TYPE_SET,
  valueWordOf,
} from '../structures/entry.ts';
import { Intsets } from '../structures/intset.ts';
import type { Listpacks } from '../structures/listpack.ts';
import { MemberPairs } from '../structures/member-pairs.ts';
import { MemberTable } from '../structures/member-table.ts';
import type { EncodingLimits } from './encoding-limits.ts';
import type { ValueType } from './value-type.ts';

/** Goes over members: `next` loads one, or tells that there is none any more. */
export interface MemberWalk {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
  next(): boolean;
}

/** No intset grows beyond this, whatever the option says. */
const INTSET_MAX_ENTRIES = 1 << 30;
const NO_BYTES = new Uint8Array(0);

export class Sets implements ValueType {
  /** The member that was read last. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;
  /** Where `loadRandom` found it: an index, a position or a member, by the set's encoding. */
  #chosen = 0;
  readonly intsets: Intsets;
  readonly listpacks: Listpacks;
  readonly tables: MemberTable;
  /** Works on a second table while `tables` walks over the first: SINTER. */
  readonly probes: MemberTable;
  /** Goes over what two tables share. */
  readonly pairs: MemberPairs;
  readonly #arena: Arena;
  readonly #limits: EncodingLimits;
  readonly #digits = new Uint8Array(20);

  constructor(arena: Arena, listpacks: Listpacks, limits: EncodingLimits, seed: HashSeed) {
    this.#arena = arena;
    this.listpacks = listpacks;
    this.#limits = limits;
    this.intsets = new Intsets(arena);
    this.tables = new MemberTable(arena, seed);
    this.probes = new MemberTable(arena, seed);
    this.pairs = new MemberPairs(arena);
  }

  /** Lets go of the memory that the last sets lay in. */
  forget(): void {
    this.bytes = NO_BYTES;
    this.tables.dict.forget();
    this.probes.dict.forget();
    this.pairs.forget();
  }

  // --- making

  /** The encoding that a new set begins with, by its first member and how many are to come. */
  encodingFor(bytes: Uint8Array, offset: number, length: number, sizeHint: number): number {
    const isInteger = this.intsets.value.setText(bytes, offset, length);
    if (isInteger && sizeHint <= this.#intsetMax()) return ENCODING_INTSET;
    return this.encodingForSize(sizeHint);
  }

  /** The encoding of a set of texts of unknown length. */
  encodingForSize(sizeHint: number): number {
    return sizeHint <= this.#limits.setMaxListpackEntries ? ENCODING_LISTPACK : ENCODING_HASHTABLE;
  }

  /** So many members are about to be added, new or not: more than fit are not tried compactly. */
  expectMembers(ref: number, sizeHint: number): void {
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_HASHTABLE) return;
    const { setMaxListpackEntries } = this.#limits;
    const most = encoding === ENCODING_INTSET ? this.#intsetMax() : setMaxListpackEntries;
    if (sizeHint > most) this.convert(ref, ENCODING_HASHTABLE);
  }

  #intsetMax(): number {
    return Math.min(this.#limits.setMaxIntsetEntries, INTSET_MAX_ENTRIES);
  }

  /** The root of an empty set. */
  create(encoding: number, sizeHint = 0): number {
    if (encoding === ENCODING_INTSET) return this.intsets.create();
    return encoding === ENCODING_LISTPACK ? this.listpacks.create() : this.tables.create(sizeHint);
  }

  // --- asking

  count(ref: number): number {
    return this.countOf(encodingOf(this.#arena, ref), valueWordOf(this.#arena, ref));
  }

  countOf(encoding: number, root: number): number {
    if (encoding === ENCODING_HASHTABLE) return this.tables.count(root);
    return encoding === ENCODING_INTSET ? this.intsets.count(root) : this.listpacks.count(root);
  }

  has(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const root = valueWordOf(this.#arena, ref);
    switch (encodingOf(this.#arena, ref)) {
      case ENCODING_HASHTABLE:
        return this.tables.has(root, bytes, offset, length);
      case ENCODING_INTSET:
        return this.intsets.value.setText(bytes, offset, length) && this.intsets.find(root);
      default: {
        const { listpacks } = this;
        return listpacks.find(root, listpacks.first(root), bytes, offset, length, 0) !== 0;
      }
    }
  }

  /** Loads the integer with number `index` of an intset. */
  loadInteger(root: number, index: number): void {
    this.intsets.get(root, index);
    this.bytes = this.#digits;
    this.offset = 0;
    this.length = this.intsets.value.write(this.#digits);
  }

  /** Loads the element at a position of a listpack. */
  loadElement(root: number, position: number): void {
    const { listpacks } = this;
    listpacks.get(root, position);
    this.bytes = listpacks.bytes;
    this.offset = listpacks.offset;
    this.length = listpacks.length;
  }

  /** Loads a member of a table. */
  loadMember(member: number): void {
    this.bytes = this.#arena.bytes[member >>> SLOT_SHIFT]!;
    this.offset = this.tables.offsetOf(member);
    this.length = this.tables.lengthOf(member);
  }

  /** Loads a member chosen uniformly. */
  loadRandom(ref: number, randomBelow: (bound: number) => number): void {
    const root = valueWordOf(this.#arena, ref);
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_HASHTABLE) {
      this.#chosen = this.tables.random(root, randomBelow);
      this.loadMember(this.#chosen);
      return;
    }
    this.#chosen = randomBelow(this.countOf(encoding, root));
    if (encoding === ENCODING_INTSET) {
      this.loadInteger(root, this.#chosen);
    } else {
      this.#chosen = this.listpacks.seek(root, this.#chosen);
      this.loadElement(root, this.#chosen);
    }
  }

  // --- changing

  /** Adds a member, whose bytes may lie in another value. @returns false when it was there. */
  add(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const root = valueWordOf(this.#arena, ref);
    switch (encodingOf(this.#arena, ref)) {
      case ENCODING_HASHTABLE:
        return this.tables.add(root, bytes, offset, length);
      case ENCODING_INTSET:
        return this.#addToIntset(ref, root, bytes, offset, length);
      default:
        return this.#addToListpack(ref, root, bytes, offset, length);
    }
  }

  #addToIntset(
    ref: number,
    root: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    const { intsets } = this;
    if (!intsets.value.setText(bytes, offset, length)) {
      const fits = this.#fitsListpack(intsets.count(root), length) && this.#digitsFit(root);
      this.convert(ref, fits ? ENCODING_LISTPACK : ENCODING_HASHTABLE);
      return this.add(ref, bytes, offset, length);
    }
    if (intsets.find(root)) return false;
    setValueWord(this.#arena, ref, intsets.insertFound(root));
    if (this.count(ref) > this.#intsetMax()) this.convert(ref, ENCODING_HASHTABLE);
    return true;
  }

  #fitsListpack(count: number, length: number): boolean {
    const { setMaxListpackEntries, setMaxListpackValue } = this.#limits;
    return count < setMaxListpackEntries && length <= setMaxListpackValue;
  }

  /** Whether the longest integer of an intset is short enough for a listpack. */
  #digitsFit(root: number): boolean {
    const { intsets } = this;
    const count = intsets.count(root);
    if (count === 0) return true;
    const { setMaxListpackValue } = this.#limits;
    this.loadInteger(root, 0);
    if (this.length > setMaxListpackValue) return false;
    this.loadInteger(root, count - 1);
    return this.length <= setMaxListpackValue;
  }

  #addToListpack(
    ref: number,
    root: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean {
    const { listpacks } = this;
    if (listpacks.find(root, listpacks.first(root), bytes, offset, length, 0) !== 0) return false;
    if (this.#fitsListpack(listpacks.count(root), length)) {
      setValueWord(this.#arena, ref, listpacks.append(root, bytes, offset, length));
      return true;
    }
    this.convert(ref, ENCODING_HASHTABLE);
    return this.tables.add(valueWordOf(this.#arena, ref), bytes, offset, length);
  }

  /** Removes a member. @returns false when it was not there. The set may be empty then. */
  remove(ref: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const root = valueWordOf(this.#arena, ref);
    switch (encodingOf(this.#arena, ref)) {
      case ENCODING_HASHTABLE:
        return this.tables.remove(root, bytes, offset, length);
      case ENCODING_INTSET: {
        const { intsets } = this;
        if (!intsets.value.setText(bytes, offset, length) || !intsets.find(root)) return false;
        setValueWord(this.#arena, ref, intsets.removeAt(root, intsets.index));
        return true;
      }
      default: {
        const { listpacks } = this;
        const first = listpacks.first(root);
        const position = listpacks.find(root, first, bytes, offset, length, 0);
        if (position === 0) return false;
        setValueWord(this.#arena, ref, listpacks.delete(root, position));
        return true;
      }
    }
  }

  /** Removes the member that `loadRandom` has just loaded, and nothing was done with sets since. */
  removeChosen(ref: number): void {
    const root = valueWordOf(this.#arena, ref);
    const chosen = this.#chosen;
    switch (encodingOf(this.#arena, ref)) {
      case ENCODING_HASHTABLE:
        this.tables.removeChosen(root, chosen);
        return;
      case ENCODING_INTSET:
        setValueWord(this.#arena, ref, this.intsets.removeAt(root, chosen));
        return;
      default:
        setValueWord(this.#arena, ref, this.listpacks.delete(root, chosen));
    }
  }

  /** Gives a set another, less compact encoding. */
  convert(ref: number, encoding: number): void {
    const arena = this.#arena;
    const from = encodingOf(arena, ref);
    const root = valueWordOf(arena, ref);
    const count = this.countOf(from, root);
    let target = this.create(encoding, count + 1);
    const { listpacks } = this;
    let position = from === ENCODING_LISTPACK ? listpacks.first(root) : 0;
    for (let i = 0; i < count; i++) {
      if (from === ENCODING_INTSET) this.loadInteger(root, i);
      else {
        this.loadElement(root, position);
        position = listpacks.next(root, position);
      }
      if (encoding === ENCODING_LISTPACK) {
        target = listpacks.append(target, this.bytes, this.offset, this.length);
      } else {
        this.tables.add(target, this.bytes, this.offset, this.length);
      }
    }
    arena.free(root);
    setValueWord(arena, ref, target);
    setTypeAndEncoding(arena, ref, TYPE_SET, encoding);
  }

  /** Makes a set of integers that is no intset one, if it may be: `members` goes over them. */
  compactIntegers(ref: number, members: MemberWalk): void {
    const { intsets } = this;
    if (this.count(ref) > this.#intsetMax()) return;
    let target = intsets.create();
    while (members.next()) {
      intsets.value.setText(members.bytes, members.offset, members.length);
      if (!intsets.find(target)) target = intsets.insertFound(target);
    }
    this.free(ref);
    setValueWord(this.#arena, ref, target);
    setTypeAndEncoding(this.#arena, ref, TYPE_SET, ENCODING_INTSET);
  }

  // --- as any value

  free(ref: number): void {
    this.freeRoot(encodingOf(this.#arena, ref), valueWordOf(this.#arena, ref));
  }

  /** Frees a set that no entry holds. */
  freeRoot(encoding: number, root: number): void {
    if (encoding === ENCODING_HASHTABLE) this.tables.destroy(root);
    else this.#arena.free(root);
  }

  copy(ref: number): number {
    const root = valueWordOf(this.#arena, ref);
    const encoding = encodingOf(this.#arena, ref);
    if (encoding === ENCODING_HASHTABLE) return this.tables.copy(root);
    return encoding === ENCODING_INTSET ? this.intsets.copy(root) : this.listpacks.copy(root);
  }

  freeEffort(ref: number): number {
    return encodingOf(this.#arena, ref) === ENCODING_HASHTABLE ? this.count(ref) : 1;
  }

  freeSome(encoding: number, root: number, budget: number): number {
    if (encoding === ENCODING_HASHTABLE) return this.tables.freeSome(root, budget);
    this.#arena.free(root);
    return NULL_REF;
  }

  usedBytes(ref: number, samples: number): number {
    const root = valueWordOf(this.#arena, ref);
    if (encodingOf(this.#arena, ref) !== ENCODING_HASHTABLE) return this.#arena.capacity(root);
    return this.tables.usedBytes(root, samples);
  }
}
