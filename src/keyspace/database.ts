// One database: keys to values with their expiry. It owns its entries; a reference it hands out is
// true until the next call that changes the database. `lookup`, then an operation on "the found
// key" without another lookup between, costs one search.

import { copyBytes } from '../bytes/copy.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { Dict } from '../structures/dict.ts';
import {
  accessClockOf,
  ENCODING_RAW,
  HEADER_BYTES,
  hasExpiry,
  hasTag,
  isOutline,
  keyLengthOf,
  keyOffsetOf,
  LENGTH_WORD,
  META_WORD,
  NO_POSITION,
  setAccessClock,
  setTag,
  setTypeAndEncoding,
  setValueWord,
  TAG_WORD,
  TYPE_STRING,
  typeOf,
  VALUE_WORD,
  valueWordOf,
} from '../structures/entry.ts';
import { TAGGED } from '../structures/entry-layout.ts';
import { ExpiryHeap } from '../structures/expiry-heap.ts';
import { encodingForBytes, type Strings } from '../values/string.ts';
import { FieldExpiry } from './field-expiry.ts';
import type { Keyspace } from './keyspace.ts';

/** No expiry. */
export const NO_EXPIRY = -1;

export class Database {
  readonly id: number;
  readonly keyspace: Keyspace;
  dict: Dict;
  expires: ExpiryHeap;
  /** The hashes of which fields can expire. */
  readonly fieldExpiry: FieldExpiry;
  readonly #arena: Arena;
  readonly #strings: Strings;
  /** The key that `deleteIfDue` works on. */
  #dueKey: Uint8Array = new Uint8Array(256);

  constructor(keyspace: Keyspace, id: number) {
    this.id = id;
    this.keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#strings = keyspace.strings;
    this.dict = this.#newDict();
    this.expires = new ExpiryHeap(this.#arena, TAG_WORD);
    this.fieldExpiry = new FieldExpiry(this);
  }

  #newDict(): Dict {
    const dict = new Dict(this.#arena, this.keyspace.seed, {
      lengthWord: LENGTH_WORD,
      headerBytes: HEADER_BYTES,
    });
    dict.mayExpand = this.keyspace.mayGrow;
    return dict;
  }

  /**
   * Looks a key up for whatever purpose; an expired key is deleted and counts as missing.
   * Does not count as a use. @returns the entry, or 0.
   */
  lookup(bytes: Uint8Array, offset: number, length: number): number {
    const ref = this.dict.find(bytes, offset, length);
    if (ref === NULL_REF) return NULL_REF;
    const { guard } = this.keyspace;
    if (guard !== null && !this.keyspace.onlyReads) guard.beforeChange(this, ref);
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    if ((words[at + LENGTH_WORD]! & TAGGED) !== 0 && words[at + TAG_WORD]! >= 0) {
      if (this.keyspace.expiryNowMs > this.expires.timeAt(words[at + TAG_WORD]!)) {
        if (this.keyspace.deletesExpired) this.#expireFound(ref, bytes, offset, length);
        return NULL_REF;
      }
    }
    return ref;
  }

  /**
   * Looks a key up that is deleted or replaced whatever it is: also one that has expired and that
   * nobody has deleted yet. @returns the entry, or 0.
   */
  lookupStale(bytes: Uint8Array, offset: number, length: number): number {
    const ref = this.dict.find(bytes, offset, length);
    const { guard, onlyReads } = this.keyspace;
    if (ref !== NULL_REF && guard !== null && !onlyReads) guard.beforeChange(this, ref);
    return ref;
  }

  /** Marks an entry as used now. */
  touch(ref: number): void {
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = ((ref & GRANULE_MASK) << 1) + META_WORD;
    const meta = words[at]!;
    const clock = this.keyspace.usesLfu
      ? this.keyspace.touchedClock(meta >>> 8)
      : this.keyspace.clock;
    // Most touches change nothing, and memory that is not written need not be written back.
    if (clock !== meta >>> 8) words[at] = (meta & 0xff) | (clock << 8);
  }

  #expireFound(ref: number, bytes: Uint8Array, offset: number, length: number): void {
    this.removeFound(ref, this.keyspace.lazyExpire);
    this.keyspace.expiredKeys++;
    // The listener may run anything that a deletion can cause, so the last find is forgotten.
    this.keyspace.listener?.onExpired(this, bytes, offset, length);
    this.dict.find(bytes, offset, length);
  }

  /**
   * Deletes the entry that the last lookup returned.
   * @param lazily a large value is freed in slices, later.
   */
  removeFound(ref: number, lazily = false): void {
    this.keyspace.guard?.beforeChange(this, ref);
    this.dict.removeFound(ref);
    if (this.keyspace.tellsDeletions) this.#tellDeletion(ref);
    if (hasExpiry(this.#arena, ref)) this.expires.remove(ref);
    if (this.fieldExpiry.count > 0) this.fieldExpiry.forget(ref);
    this.keyspace.freeValue(ref, lazily);
    this.#arena.free(ref);
  }

  #tellDeletion(ref: number): void {
    const offset = keyOffsetOf(this.#arena, ref);
    const bytes = this.#arena.bytes[ref >>> SLOT_SHIFT]!;
    this.keyspace.listener?.onDeleted(this, bytes, offset, keyLengthOf(this.#arena, ref));
  }

  /** Adds an entry whose key the last lookup did not find. */
  insertNew(ref: number): void {
    this.dict.insert(ref);
    if (this.keyspace.tellsNewKeys) this.keyspace.listener?.onNewKey(this, ref);
  }

  /**
   * Adds a key with a value that has a block of its own; the last lookup has not found the key.
   * @param root the value's block, the entry's from now on.
   * @param isTagged whether the key will get a time to expire at.
   * @returns the entry.
   */
  insertValue(
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    type: number,
    encoding: number,
    root: number,
    isTagged = false,
  ): number {
    const ref = this.#strings.createEmpty(keyBytes, keyOffset, keyLength, -1, isTagged);
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    words[at + META_WORD] =
      (this.keyspace.clock << 8) | this.#strings.colour | (type << 4) | encoding;
    words[at + VALUE_WORD] = root;
    this.insertNew(ref);
    return ref;
  }

  /**
   * Sets a key to a string.
   * @param found what `lookup` of this key, the last call on this database, returned.
   * @param keepExpiry whether a time that the key has stays.
   * @returns the entry.
   */
  setString(
    found: number,
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    keepExpiry: boolean,
  ): number {
    const encoding = encodingForBytes(bytes, offset, length);
    const clock = this.#clockFor(found);
    if (found === NULL_REF) {
      const ref = this.#strings.create(
        keyBytes,
        keyOffset,
        keyLength,
        bytes,
        offset,
        length,
        false,
        clock,
        encoding,
      );
      this.insertNew(ref);
      return ref;
    }
    if (!keepExpiry && hasExpiry(this.#arena, found)) this.#dropExpiry(found);
    if (this.#strings.fitsInline(found, length)) {
      this.#strings.overwriteInline(found, bytes, offset, length, clock, encoding);
      return found;
    }
    const tagged = hasExpiry(this.#arena, found);
    const ref = this.#strings.create(
      keyBytes,
      keyOffset,
      keyLength,
      bytes,
      offset,
      length,
      tagged,
      clock,
      encoding,
    );
    this.replaceFound(found, ref);
    return ref;
  }

  /** The access clock of a value in the place of another: how often the key was used stays. */
  #clockFor(found: number): number {
    const { usesLfu, clock } = this.keyspace;
    return usesLfu && found !== NULL_REF ? accessClockOf(this.#arena, found) : clock;
  }

  /**
   * Puts `ref` in the place of the entry `old` that the last lookup returned, hands the expiry over
   * and frees `old` with its value.
   */
  replaceFound(old: number, ref: number): void {
    this.keyspace.guard?.beforeChange(this, old);
    this.dict.replaceFound(old, ref);
    if (hasExpiry(this.#arena, old)) this.expires.moved(old, ref);
    const changesType = typeOf(this.#arena, old) !== typeOf(this.#arena, ref);
    if (changesType && this.keyspace.tellsDeletions) this.#tellDeletion(old);
    if (this.fieldExpiry.count > 0) this.fieldExpiry.forget(old);
    this.keyspace.freeValue(old, this.keyspace.lazyServerDel);
    this.#arena.free(old);
  }

  /** Time at which an entry expires in ms of the Unix epoch, or NO_EXPIRY. */
  expiryOf(ref: number): number {
    return hasExpiry(this.#arena, ref) ? this.expires.timeOf(ref) : NO_EXPIRY;
  }

  /**
   * Gives the entry that the last lookup returned a time to expire at.
   * @returns the entry, which may have moved.
   */
  setExpiryFound(ref: number, timeMs: number): number {
    const arena = this.#arena;
    if (hasExpiry(arena, ref)) {
      this.expires.update(ref, timeMs);
      return ref;
    }
    const target = hasTag(arena, ref) ? ref : this.#retagFound(ref);
    this.expires.add(target, timeMs);
    return target;
  }

  /** Takes the time away from an entry. @returns false when it had none. */
  clearExpiry(ref: number): boolean {
    if (!hasExpiry(this.#arena, ref)) return false;
    this.#dropExpiry(ref);
    return true;
  }

  #dropExpiry(ref: number): void {
    this.expires.remove(ref);
    setTag(this.#arena, ref, NO_POSITION);
  }

  /** Copies the found entry to a block with room for a heap position. */
  #retagFound(ref: number): number {
    const copy = this.#copyEntry(ref, true);
    this.dict.replaceFound(ref, copy);
    if (this.fieldExpiry.count > 0) this.fieldExpiry.moved(copy);
    this.#arena.free(ref);
    return copy;
  }

  /**
   * Copies header, key and inline value to a new block; the value's own block, if any, is shared,
   * to be handed over.
   */
  #copyEntry(ref: number, tagged: boolean): number {
    const arena = this.#arena;
    const keyLength = keyLengthOf(arena, ref);
    const valueWord = valueWordOf(arena, ref);
    const inlineLength = isOutline(arena, ref) ? -1 : valueWord;
    const source = arena.bytes[ref >>> SLOT_SHIFT]!;
    const keyOffset = keyOffsetOf(arena, ref);
    const copy = this.#strings.createEmpty(source, keyOffset, keyLength, inlineLength, tagged);
    const slot = copy >>> SLOT_SHIFT;
    const at = (copy & GRANULE_MASK) << 1;
    const from = (ref & GRANULE_MASK) << 1;
    const words = arena.words[slot]!;
    words[at + META_WORD] = arena.words[ref >>> SLOT_SHIFT]![from + META_WORD]!;
    words[at + VALUE_WORD] = valueWord;
    if (inlineLength > 0) {
      const target = keyOffsetOf(arena, copy) + keyLength;
      const start = keyOffset + keyLength;
      arena.bytes[slot]!.set(source.subarray(start, start + inlineLength), target);
    }
    return copy;
  }

  /**
   * Moves an entry to another key of this or another database, with its expiry; what that key held
   * is deleted. The bytes may not lie in the arena.
   */
  moveTo(
    ref: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    target: Database,
    targetKey: Uint8Array,
    targetOffset: number,
    targetLength: number,
  ): void {
    const arena = this.#arena;
    this.keyspace.guard?.beforeChange(this, ref);
    const expiry = this.expiryOf(ref);
    const found = target.lookup(targetKey, targetOffset, targetLength);
    if (found !== NULL_REF) target.removeFound(found, this.keyspace.lazyServerDel);
    if (this.fieldExpiry.count > 0) this.fieldExpiry.forget(ref);
    const outline = isOutline(arena, ref);
    const valueWord = valueWordOf(arena, ref);
    const copy = this.#strings.createEmpty(
      targetKey,
      targetOffset,
      targetLength,
      outline ? -1 : valueWord,
      expiry !== NO_EXPIRY,
    );
    this.#copyKind(ref, copy);
    setAccessClock(arena, copy, accessClockOf(arena, ref));
    if (outline) setValueWord(arena, copy, valueWord);
    else this.#strings.copyInto(ref, copy);
    const source = this.dict.find(key, keyOffset, keyLength);
    this.dict.removeFound(source);
    if (this.keyspace.tellsDeletions) this.#tellDeletion(source);
    if (expiry !== NO_EXPIRY) this.expires.remove(source);
    arena.free(source);
    target.dict.find(targetKey, targetOffset, targetLength);
    if (expiry !== NO_EXPIRY) target.expires.add(copy, expiry);
    target.fieldExpiry.arrived(copy);
    target.insertNew(copy);
  }

  #copyKind(from: number, to: number): void {
    setTypeAndEncoding(this.#arena, to, typeOf(this.#arena, from), this.#encodingOf(from));
  }

  #encodingOf(ref: number): number {
    return this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + META_WORD]! & 15;
  }

  /** Copies an entry's value and expiry under a key of `target` that must not exist there. */
  copyTo(
    ref: number,
    target: Database,
    targetKey: Uint8Array,
    targetOffset: number,
    targetLength: number,
  ): void {
    const expiry = this.expiryOf(ref);
    const arena = this.#arena;
    const copy =
      typeOf(arena, ref) === TYPE_STRING
        ? this.#copyString(ref, targetKey, targetOffset, targetLength, expiry !== NO_EXPIRY)
        : this.#strings.createEmpty(
            targetKey,
            targetOffset,
            targetLength,
            -1,
            expiry !== NO_EXPIRY,
          );
    this.#copyKind(ref, copy);
    setAccessClock(arena, copy, this.keyspace.clock);
    if (typeOf(arena, ref) !== TYPE_STRING) {
      setValueWord(arena, copy, this.keyspace.values.of(typeOf(arena, ref)).copy(ref));
    }
    target.dict.find(targetKey, targetOffset, targetLength);
    if (expiry !== NO_EXPIRY) target.expires.add(copy, expiry);
    target.fieldExpiry.arrived(copy);
    target.insertNew(copy);
  }

  #copyString(
    ref: number,
    key: Uint8Array,
    keyOffset: number,
    keyLength: number,
    tagged: boolean,
  ): number {
    const strings = this.#strings;
    strings.view(ref);
    const { bytes, offset, length } = strings;
    return strings.create(
      key,
      keyOffset,
      keyLength,
      bytes,
      offset,
      length,
      tagged,
      0,
      ENCODING_RAW,
    );
  }

  /** Deletes the key that is due first, if one is due. @returns whether it did. */
  deleteIfDue(): boolean {
    const heap = this.expires;
    if (heap.count === 0 || heap.timeAt(0) >= this.keyspace.expiryNowMs) return false;
    const arena = this.#arena;
    const ref = heap.refAt(0);
    const offset = keyOffsetOf(arena, ref);
    const length = keyLengthOf(arena, ref);
    const listener = this.keyspace.listener;
    // A buffer that is used again: a million keys that are due together make no garbage.
    if (this.#dueKey.length < length) this.#dueKey = new Uint8Array(length);
    const key = this.#dueKey;
    copyBytes(key, 0, arena.bytes[ref >>> SLOT_SHIFT]!, offset, length);
    this.dict.find(key, 0, length);
    this.removeFound(ref, this.keyspace.lazyExpire);
    this.keyspace.expiredKeys++;
    listener?.onExpired(this, key, 0, length);
    return true;
  }

  /** True when the entry has expired and only waits to be deleted. */
  isExpired(ref: number): boolean {
    const expiry = this.expiryOf(ref);
    return expiry !== NO_EXPIRY && this.keyspace.expiryNowMs > expiry;
  }

  /** Deletes all keys, at once or in slices later. @returns how many there were. */
  empty(lazily: boolean): number {
    const count = this.dict.count;
    const dict = this.dict;
    this.dict = this.#newDict();
    this.fieldExpiry.heap.clear();
    if (this.keyspace.guard?.keeps(dict, this.expires) === true) {
      this.expires = new ExpiryHeap(this.#arena, TAG_WORD);
      return count;
    }
    this.expires.clear();
    this.keyspace.lazyFree.add(dict);
    if (!lazily) this.keyspace.lazyFree.finish();
    return count;
  }

  /** Exchanges all keys with another database. */
  exchange(other: Database): void {
    const { dict, expires } = this;
    this.dict = other.dict;
    this.expires = other.expires;
    other.dict = dict;
    other.expires = expires;
    const { heap } = this.fieldExpiry;
    this.fieldExpiry.heap = other.fieldExpiry.heap;
    other.fieldExpiry.heap = heap;
  }

  /**
   * Moves entries whose slabs are mostly empty, over the buckets of one SCAN step.
   * @returns the next cursor.
   */
  defragment(cursor: number, moved: (bytes: number) => void): number {
    const refs: number[] = [];
    const next = this.dict.scan(cursor, refs);
    const arena = this.#arena;
    for (const ref of refs) {
      if (!arena.shouldMove(ref)) continue;
      const offset = keyOffsetOf(arena, ref);
      const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
      if (this.dict.find(bytes, offset, keyLengthOf(arena, ref)) !== ref) continue;
      const copy = this.#copyEntry(ref, hasTag(arena, ref));
      this.dict.replaceFound(ref, copy);
      if (hasExpiry(arena, ref)) this.expires.moved(ref, copy);
      if (this.fieldExpiry.count > 0) this.fieldExpiry.moved(copy);
      moved(arena.capacity(ref));
      arena.free(ref);
    }
    return next;
  }
}
