// One database: keys to values with their expiry. It owns its entries; a reference it hands out is
// true until the next call that changes the database. `lookup`, then an operation on "the found
// key" without another lookup between, costs one search.

import { copyBytes } from '../bytes/copy.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { Dict, KEY_LENGTH_MASK, TAGGED } from '../structures/dict.ts';
import {
  accessClockOf,
  bytesBeforeValue,
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
  TAG_WORD,
  TYPE_STRING,
  typeOf,
  VALUE_WORD,
  valueWordOf,
} from '../structures/entry.ts';
import { ExpiryHeap } from '../structures/expiry-heap.ts';
import { encodingForBytes, INLINE_MAX_BYTES, type Strings } from '../values/string.ts';
import type { Keyspace } from './keyspace.ts';

/** No expiry. */
export const NO_EXPIRY = -1;

export class Database {
  readonly id: number;
  readonly keyspace: Keyspace;
  dict: Dict;
  expires: ExpiryHeap;
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
  }

  #newDict(): Dict {
    return new Dict(this.#arena, this.keyspace.seed, {
      lengthWord: LENGTH_WORD,
      headerBytes: HEADER_BYTES,
    });
  }

  /**
   * Looks a key up for whatever purpose; an expired key is deleted and counts as missing.
   * Does not count as a use. @returns the entry, or 0.
   */
  lookup(bytes: Uint8Array, offset: number, length: number): number {
    const ref = this.dict.find(bytes, offset, length);
    if (ref === NULL_REF) return NULL_REF;
    const words = this.#arena.words[ref >>> SLOT_SHIFT]!;
    const at = (ref & GRANULE_MASK) << 1;
    if ((words[at + LENGTH_WORD]! & TAGGED) !== 0 && words[at + TAG_WORD]! >= 0) {
      if (this.keyspace.nowMs > this.expires.timeAt(words[at + TAG_WORD]!)) {
        if (this.keyspace.deletesExpired) this.#expireFound(ref, bytes, offset, length);
        return NULL_REF;
      }
    }
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
    words[at] = (meta & 0xff) | (clock << 8);
  }

  #expireFound(ref: number, bytes: Uint8Array, offset: number, length: number): void {
    this.removeFound(ref);
    this.keyspace.expiredKeys++;
    // The listener may run anything that a deletion can cause, so the last find is forgotten.
    this.keyspace.listener?.onExpired(this, bytes, offset, length);
    this.dict.find(bytes, offset, length);
  }

  /** Deletes the entry that the last lookup returned. */
  removeFound(ref: number): void {
    this.dict.removeFound(ref);
    this.#freeEntry(ref);
  }

  #freeEntry(ref: number): void {
    if (hasExpiry(this.#arena, ref)) this.expires.remove(ref);
    this.#strings.freeValue(ref);
    this.#arena.free(ref);
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
    const clock = this.keyspace.clock;
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
      this.dict.insert(ref);
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
    this.#replaceEntry(found, ref);
    return ref;
  }

  /** Puts `ref` in the place of `old`, hands the expiry over and frees `old` with its value. */
  #replaceEntry(old: number, ref: number): void {
    this.dict.replaceFound(old, ref);
    if (hasExpiry(this.#arena, old)) this.expires.moved(old, ref);
    this.#strings.freeValue(old);
    this.#arena.free(old);
  }

  /**
   * Makes a string writable up to `length` bytes: its encoding becomes raw, bytes beyond its end
   * are zero, its length grows to `length` if that is more. Load it with `strings.view` afterwards.
   * @param found what `lookup` of this key, the last call on this database, returned; 0 makes a new
   * key.
   * @returns the entry, which may have moved.
   */
  editString(
    found: number,
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    length: number,
  ): number {
    const arena = this.#arena;
    if (found === NULL_REF) {
      const ref = this.#newZeroString(keyBytes, keyOffset, keyLength, length, false);
      this.dict.insert(ref);
      return ref;
    }
    setTypeAndEncoding(arena, found, TYPE_STRING, ENCODING_RAW);
    if (isOutline(arena, found)) {
      this.#strings.growOutline(found, length);
      return found;
    }
    const oldLength = valueWordOf(arena, found);
    if (length <= oldLength) return found;
    if (length > INLINE_MAX_BYTES) return this.#moveOutline(found, length);
    const tagged = hasTag(arena, found);
    const before = bytesBeforeValue(keyLength, tagged);
    if (before + length <= arena.capacity(found)) {
      const slot = found >>> SLOT_SHIFT;
      const start = ((found & GRANULE_MASK) << 3) + before;
      arena.bytes[slot]!.fill(0, start + oldLength, start + length);
      arena.words[slot]![((found & GRANULE_MASK) << 1) + VALUE_WORD] = length;
      return found;
    }
    const ref = this.#newZeroString(keyBytes, keyOffset, keyLength, length, tagged);
    this.#copyString(found, ref);
    this.#replaceEntry(found, ref);
    return ref;
  }

  #moveOutline(found: number, length: number): number {
    const arena = this.#arena;
    const keySlot = found >>> SLOT_SHIFT;
    const keyOffset = keyOffsetOf(arena, found);
    const keyLength = keyLengthOf(arena, found);
    const key = arena.bytes[keySlot]!;
    const ref = this.#newZeroString(key, keyOffset, keyLength, length, hasTag(arena, found));
    this.#copyString(found, ref);
    this.#replaceEntry(found, ref);
    return ref;
  }

  #newZeroString(
    keyBytes: Uint8Array,
    keyOffset: number,
    keyLength: number,
    length: number,
    tagged: boolean,
  ): number {
    const ref = this.#strings.createZero(keyBytes, keyOffset, keyLength, length, tagged);
    setTypeAndEncoding(this.#arena, ref, TYPE_STRING, ENCODING_RAW);
    setAccessClock(this.#arena, ref, this.keyspace.clock);
    return ref;
  }

  #copyString(from: number, to: number): void {
    const strings = this.#strings;
    strings.view(from);
    const { bytes, offset, length } = strings;
    strings.view(to);
    strings.bytes.set(bytes.subarray(offset, offset + length), strings.offset);
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
   * is deleted. The bytes may not lie in the arena. @returns the new entry.
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
    const expiry = this.expiryOf(ref);
    const found = target.lookup(targetKey, targetOffset, targetLength);
    if (found !== NULL_REF) target.removeFound(found);
    const outline = isOutline(arena, ref);
    const valueWord = valueWordOf(arena, ref);
    const copy = this.#strings.createEmpty(
      targetKey,
      targetOffset,
      targetLength,
      outline ? -1 : valueWord,
      expiry !== NO_EXPIRY,
    );
    this.#copyMeta(ref, copy);
    if (outline)
      arena.words[copy >>> SLOT_SHIFT]![((copy & GRANULE_MASK) << 1) + VALUE_WORD] = valueWord;
    else this.#copyString(ref, copy);
    target.dict.find(targetKey, targetOffset, targetLength);
    target.dict.insert(copy);
    if (expiry !== NO_EXPIRY) target.expires.add(copy, expiry);
    const source = this.dict.find(key, keyOffset, keyLength);
    this.dict.removeFound(source);
    if (expiry !== NO_EXPIRY) this.expires.remove(source);
    arena.free(source);
  }

  #copyMeta(from: number, to: number): void {
    setTypeAndEncoding(this.#arena, to, typeOf(this.#arena, from), this.#encodingOf(from));
    setAccessClock(this.#arena, to, accessClockOf(this.#arena, from));
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
    const strings = this.#strings;
    strings.view(ref);
    const copy = strings.create(
      targetKey,
      targetOffset,
      targetLength,
      strings.bytes,
      strings.offset,
      strings.length,
      expiry !== NO_EXPIRY,
      0,
      ENCODING_RAW,
    );
    this.#copyMeta(ref, copy);
    target.dict.find(targetKey, targetOffset, targetLength);
    target.dict.insert(copy);
    if (expiry !== NO_EXPIRY) target.expires.add(copy, expiry);
  }

  /** Deletes the key that is due first, if one is due. @returns whether it did. */
  deleteIfDue(): boolean {
    const heap = this.expires;
    if (heap.count === 0 || heap.timeAt(0) >= this.keyspace.nowMs) return false;
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
    this.removeFound(ref);
    this.keyspace.expiredKeys++;
    listener?.onExpired(this, key, 0, length);
    return true;
  }

  /** A key chosen uniformly among those that have not expired, or 0. */
  randomKey(): number {
    const { randomBelow, nowMs, deletesExpired } = this.keyspace;
    // A replica keeps expired keys; when all are expired the hundredth is answered, as Redis does.
    for (let tries = deletesExpired ? Number.POSITIVE_INFINITY : 100; tries > 0; tries--) {
      const ref = this.dict.randomEntry(randomBelow);
      if (ref === NULL_REF) return NULL_REF;
      const expiry = this.expiryOf(ref);
      if (expiry === NO_EXPIRY || nowMs <= expiry) return ref;
      if (!deletesExpired) {
        if (tries === 1) return ref;
        continue;
      }
      const offset = keyOffsetOf(this.#arena, ref);
      const length =
        this.#arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + LENGTH_WORD]!;
      const end = offset + (length & KEY_LENGTH_MASK);
      const key = this.#arena.bytes[ref >>> SLOT_SHIFT]!.slice(offset, end);
      this.lookup(key, 0, key.length);
    }
    return NULL_REF;
  }

  /** True when the entry has expired and only waits to be deleted. */
  isExpired(ref: number): boolean {
    const expiry = this.expiryOf(ref);
    return expiry !== NO_EXPIRY && this.keyspace.nowMs > expiry;
  }

  /** Deletes all keys, at once or in slices later. @returns how many there were. */
  empty(lazily: boolean): number {
    const count = this.dict.count;
    const dict = this.dict;
    this.dict = this.#newDict();
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
  }

  /** Mean time to live of the volatile keys in ms, over a sample, as INFO keyspace shows it. */
  averageTtlMs(): number {
    const { count } = this.expires;
    if (count === 0) return 0;
    const sample = Math.min(count, 20);
    let sum = 0;
    for (let i = 0; i < sample; i++) {
      const position = count <= 20 ? i : this.keyspace.randomBelow(count);
      sum += Math.max(0, this.expires.timeAt(position) - this.keyspace.nowMs);
    }
    return Math.floor(sum / sample);
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
      moved(arena.capacity(ref));
      arena.free(ref);
    }
    return next;
  }
}
