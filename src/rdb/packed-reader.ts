// Makes values of those that lie in an RDB file as one string: listpacks and intsets, which are
// taken over as they are, and the ziplists and zipmaps of old versions, which are read element by
// element. Each function returns what is wrong with the bytes, or ''. A value that has outgrown our
// limits gets the encoding of a larger one, as Redis does it.

import { parseDouble } from '../bytes/double.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_LISTPACK_EX,
  TYPE_HASH,
  TYPE_SET,
  TYPE_ZSET,
} from '../structures/entry.ts';
import { HEAP_WORD } from '../structures/field-heap.ts';
import { HASH_ROOT_BYTES, OWNER_WORD, POSITION_WORD } from '../structures/field-table.ts';
import { SortedSet } from '../values/sorted-set.ts';
import type { BuiltValue } from './built-value.ts';
import type { OldElements } from './old-packing.ts';
import { hasSoundScores, isSoundIntset, soundListpackCount } from './packed-checks.ts';
import { RdbText } from './rdb-input.ts';

export class PackedReader {
  /** `sanitize-dump-payload`: duplicates are looked for. */
  isThorough = false;
  readonly #keyspace: Keyspace;
  readonly #built: BuiltValue;
  readonly #sortedSet: SortedSet;
  readonly #field = new RdbText();

  constructor(keyspace: Keyspace, built: BuiltValue) {
    const { arena, seed, values } = keyspace;
    this.#keyspace = keyspace;
    this.#built = built;
    this.#sortedSet = new SortedSet(arena, values.listpacks, values.limits, seed);
  }

  intset(text: RdbText): string {
    if (this.isThorough) this.#keyspace.sanitizedPayloads++;
    if (!isSoundIntset(text.bytes, text.offset, text.length))
      return 'Intset integrity check failed.';
    const { arena, values } = this.#keyspace;
    const root = arena.alloc(text.length);
    const target = arena.bytes[root >>> SLOT_SHIFT]!;
    const source = text.bytes.subarray(text.offset, text.offset + text.length);
    target.set(source, (root & GRANULE_MASK) << 3);
    this.#built.begin(TYPE_SET, ENCODING_INTSET, root);
    if (values.sets.count(this.#built.ref) > values.limits.setMaxIntsetEntries) {
      values.sets.convert(this.#built.ref, ENCODING_HASHTABLE);
    }
    return '';
  }

  /** @param stride elements that belong together: 1 of a set, 2 or 3 of a hash or sorted set. */
  #listpack(text: RdbText, stride: number): number {
    if (this.isThorough) this.#keyspace.sanitizedPayloads++;
    const count = soundListpackCount(text.bytes, text.offset, text.length);
    if (count < 0 || count % stride !== 0) return 0;
    const { listpacks } = this.#keyspace.values;
    const lp = listpacks.fromBytes(text.bytes, text.offset, text.length);
    if (!this.isThorough || !this.#hasDuplicates(lp, stride)) return lp;
    listpacks.free(lp);
    return 0;
  }

  #hasDuplicates(lp: number, stride: number): boolean {
    const { listpacks } = this.#keyspace.values;
    const seen = new Set<string>();
    for (let at = listpacks.first(lp); at !== 0; at = listpacks.skip(lp, at, stride)) {
      listpacks.get(lp, at);
      const { bytes, offset, length } = listpacks;
      const name = Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
      if (seen.has(name)) return true;
      seen.add(name);
    }
    return false;
  }

  setListpack(text: RdbText): string {
    const lp = this.#listpack(text, 1);
    if (lp === 0) return 'Set listpack integrity check failed.';
    this.#built.begin(TYPE_SET, ENCODING_LISTPACK, lp);
    const { limits, sets } = this.#keyspace.values;
    if (sets.count(this.#built.ref) > limits.setMaxListpackEntries) {
      sets.convert(this.#built.ref, ENCODING_HASHTABLE);
    }
    return '';
  }

  hashListpack(text: RdbText): string {
    const lp = this.#listpack(text, 2);
    if (lp === 0) return 'Hash listpack integrity check failed.';
    this.#built.begin(TYPE_HASH, ENCODING_LISTPACK, lp);
    this.#fitHash();
    return '';
  }

  #fitHash(): void {
    const { hashes, limits } = this.#keyspace.values;
    const { ref } = this.#built;
    if (hashes.count(ref) > limits.hashMaxListpackEntries) hashes.convertToTable(ref);
  }

  /** A hash whose fields have times: those must be in order, and integers. */
  hashListpackEx(text: RdbText): string {
    const { arena, values } = this.#keyspace;
    const { hashes, listpacks } = values;
    const lp = this.#listpack(text, 3);
    if (lp === 0) return 'Hash listpack with expiry integrity check failed.';
    let before = 0;
    let isSound = true;
    for (let at = listpacks.seek(lp, 2); at !== 0 && isSound; at = listpacks.skip(lp, at, 3)) {
      const timeMs = listpacks.integerAt(lp, at);
      isSound = timeMs === 0 || (timeMs > 0 && timeMs >= before);
      before = timeMs === 0 ? Number.POSITIVE_INFINITY : timeMs;
    }
    if (!isSound) {
      listpacks.free(lp);
      return 'Hash listpack with expiry has times out of order.';
    }
    const root = arena.alloc(HASH_ROOT_BYTES);
    const words = arena.words[root >>> SLOT_SHIFT]!;
    const at = (root & GRANULE_MASK) << 1;
    words[at] = lp;
    words[at + HEAP_WORD] = 0;
    words[at + POSITION_WORD] = -1;
    words[at + OWNER_WORD] = 0;
    this.#built.begin(TYPE_HASH, ENCODING_LISTPACK_EX, root);
    if (hashes.count(this.#built.ref) > values.limits.hashMaxListpackEntries) {
      hashes.convertToTable(this.#built.ref);
    }
    return '';
  }

  sortedSetListpack(text: RdbText): string {
    const { listpacks } = this.#keyspace.values;
    const lp = this.#listpack(text, 2);
    if (lp === 0) return 'Zset listpack integrity check failed.';
    if (!hasSoundScores(text.bytes, text.offset, text.length)) {
      listpacks.free(lp);
      return 'Zset listpack integrity check failed.';
    }
    this.#beginSortedSet(lp);
    return '';
  }

  // --- old versions

  /** Keeps a field while its value is read. */
  #keep(elements: OldElements): void {
    const field = this.#field;
    if (field.own.length < elements.length) field.own = new Uint8Array(elements.length * 2);
    const { bytes, offset, length } = elements;
    field.own.set(bytes.subarray(offset, offset + length));
    field.length = length;
  }

  /** @param fitsLengths whether long values make a table, as with zipmaps. */
  oldHash(elements: OldElements, kind: string, fitsLengths: boolean): string {
    const { hashes } = this.#keyspace.values;
    this.#built.begin(TYPE_HASH, ENCODING_LISTPACK, hashes.create());
    const { ref } = this.#built;
    while (elements.next()) {
      this.#keep(elements);
      if (!elements.next()) return `${kind} integrity check failed.`;
      const { bytes, offset, length } = elements;
      const { own, length: fieldLength } = this.#field;
      if (fitsLengths) hashes.fitLength(ref, Math.max(length, fieldLength));
      if (!hashes.set(ref, own, 0, fieldLength, bytes, offset, length, false)) {
        return `${kind} integrity check failed.`;
      }
    }
    return elements.isSound ? '' : `${kind} integrity check failed.`;
  }

  /** Scores keep their texts, as in listpacks: one may be `-0`. */
  oldSortedSet(elements: OldElements): string {
    const { listpacks } = this.#keyspace.values;
    let lp = listpacks.create();
    let isSound = true;
    while (isSound && elements.next()) {
      lp = listpacks.append(lp, elements.bytes, elements.offset, elements.length);
      isSound =
        elements.next() &&
        !Number.isNaN(parseDouble(elements.bytes, elements.offset, elements.length));
      if (isSound) lp = listpacks.append(lp, elements.bytes, elements.offset, elements.length);
    }
    if (!isSound || !elements.isSound || this.#hasDuplicates(lp, 2)) {
      listpacks.free(lp);
      return 'Zset ziplist integrity check failed.';
    }
    this.#beginSortedSet(lp);
    return '';
  }

  #beginSortedSet(lp: number): void {
    const { listpacks, limits } = this.#keyspace.values;
    this.#built.begin(TYPE_ZSET, ENCODING_LISTPACK, lp);
    if (listpacks.count(lp) <= limits.zsetMaxListpackEntries * 2) return;
    this.#sortedSet.open(this.#built.ref);
    this.#sortedSet.enlarge();
  }

  oldList(elements: OldElements): string {
    const { lists } = this.#keyspace.values;
    const { ref } = this.#built;
    while (elements.next()) {
      const { bytes, offset, length } = elements;
      lists.makeRoom(ref, length, 1);
      lists.push(ref, false, bytes, offset, length);
    }
    return elements.isSound ? '' : 'List ziplist integrity check failed.';
  }
}
