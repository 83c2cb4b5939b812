// Reads runs of keys whose values are strings, which most dumps consist of: as many as lie whole in
// the input are found out first, so that the hash table can ask for the memory of all of them at
// once, and then added, their values unpacked right into their blocks. Whatever is unusual (a key
// that is there already, has expired or is an integer, data that is not sound) ends the run in
// front of it, and the reader of single keys goes on with it.
//
//   [fc ms, 8] 00 | length, key | length, value; or integer; or LZF |

import { writeInteger } from '../bytes/integer.ts';
import { lzfDecompress } from '../bytes/lzf.ts';
import type { Database } from '../keyspace/database.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { ENCODING_INT, META_WORD, TYPE_STRING } from '../structures/entry.ts';
import { EXPECTED_MAX } from '../structures/expected-keys.ts';
import { encodingForBytes, INLINE_MAX_BYTES, type Strings } from '../values/string.ts';
import {
  LENGTH_32,
  OP_EXPIRETIME_MS,
  RDB_STRING,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './format.ts';
import type { RdbInput } from './rdb-input.ts';

const EXPIRY_BYTES = 9;
const LONGEST_LENGTH = 5;
const DIGITS = 12;

// How a value lies in the input.
const PLAIN = 0;
const INTEGER = 1;
const PACKED = 2;

export class StringRuns {
  readonly #input: RdbInput;
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #strings: Strings;
  readonly #dropsExpired: boolean;
  // Of each key of the run.
  readonly #keyAt = new Int32Array(EXPECTED_MAX);
  readonly #keyLength = new Int32Array(EXPECTED_MAX);
  readonly #expiryMs = new Float64Array(EXPECTED_MAX);
  readonly #kind = new Int32Array(EXPECTED_MAX);
  readonly #valueAt = new Int32Array(EXPECTED_MAX);
  readonly #valueLength = new Int32Array(EXPECTED_MAX);
  /** Bytes of the value in the input. */
  readonly #packedLength = new Int32Array(EXPECTED_MAX);
  // The length that `#readLength` has read, and where it ends.
  #length = 0;
  #at = 0;
  readonly #digits = new Uint8Array(DIGITS);

  constructor(keyspace: Keyspace, input: RdbInput, dropsExpired: boolean) {
    this.#input = input;
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#strings = keyspace.strings;
    this.#dropsExpired = dropsExpired;
  }

  /**
   * Adds the next keys, as far as they are strings; the input stands between two keys.
   * @param keyAdded is told of each.
   * @returns the keys added.
   */
  read(db: Database, keyAdded: ((db: Database, ref: number) => void) | undefined): number {
    const { bytes } = this.#input;
    const count = this.#find();
    if (count === 0) return 0;
    const { dict } = db;
    dict.expectBegin(bytes);
    for (let i = 0; i < count; i++) dict.expect(this.#keyAt[i]!, this.#keyLength[i]!);
    dict.expectEnd();
    let added = 0;
    while (added < count) {
      if (dict.find(bytes, this.#keyAt[added]!, this.#keyLength[added]!) !== NULL_REF) break;
      const ref = this.#create(bytes, added);
      if (ref === NULL_REF) break;
      const expiryMs = this.#expiryMs[added]!;
      if (expiryMs !== NO_EXPIRY) db.expires.add(ref, expiryMs);
      db.insertNew(ref);
      this.#input.keyPosition = this.#input.position;
      this.#input.at = this.#valueAt[added]! + this.#packedLength[added]!;
      added++;
      keyAdded?.(db, ref);
    }
    dict.expectNothing();
    return added;
  }

  /** Finds the keys that can be added. @returns their number */
  #find(): number {
    const { bytes, end } = this.#input;
    let at = this.#input.at;
    let count = 0;
    while (count < EXPECTED_MAX) {
      // The longest beginning: with it there, lengths need not ask for each byte.
      if (end - at < EXPIRY_BYTES + 1 + LONGEST_LENGTH) break;
      let expiryMs = NO_EXPIRY;
      if (bytes[at] === OP_EXPIRETIME_MS) {
        expiryMs = this.#input.int64At(at + 1);
        if (this.#dropsExpired && expiryMs < this.#keyspace.nowMs) break;
        at += EXPIRY_BYTES;
      }
      if (bytes[at] !== RDB_STRING || !this.#readLength(bytes, at + 1)) break;
      const keyAt = this.#at;
      const keyLength = this.#length;
      if (end - keyAt < keyLength + 2 * LONGEST_LENGTH) break;
      if (!this.#findValue(bytes, count, keyAt + keyLength)) break;
      at = this.#valueAt[count]! + this.#packedLength[count]!;
      if (at > end) break;
      this.#keyAt[count] = keyAt;
      this.#keyLength[count] = keyLength;
      this.#expiryMs[count] = expiryMs;
      count++;
    }
    return count;
  }

  /** Reads a length of up to 31 bits. @returns false for anything else. */
  #readLength(bytes: Uint8Array, at: number): boolean {
    const first = bytes[at]!;
    if (first < 0x40) {
      this.#length = first;
      this.#at = at + 1;
      return true;
    }
    if (first < LENGTH_32) {
      this.#length = ((first & 63) << 8) | bytes[at + 1]!;
      this.#at = at + 2;
      return true;
    }
    this.#length =
      (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    this.#at = at + LONGEST_LENGTH;
    return first === LENGTH_32 && this.#length >= 0;
  }

  #findValue(bytes: Uint8Array, i: number, at: number): boolean {
    const first = bytes[at]!;
    if (first < STRING_INT8) {
      if (!this.#readLength(bytes, at)) return false;
      this.#kind[i] = PLAIN;
      this.#valueAt[i] = this.#at;
      this.#valueLength[i] = this.#length;
      this.#packedLength[i] = this.#length;
      return true;
    }
    if (first === STRING_LZF) {
      if (!this.#readLength(bytes, at + 1)) return false;
      this.#kind[i] = PACKED;
      this.#packedLength[i] = this.#length;
      if (!this.#readLength(bytes, this.#at)) return false;
      this.#valueAt[i] = this.#at;
      this.#valueLength[i] = this.#length;
      // Longer ones are too rare to have a way of their own here.
      return this.#length <= INLINE_MAX_BYTES;
    }
    if (first > STRING_INT32) return false;
    this.#kind[i] = INTEGER;
    this.#valueAt[i] = at + 1;
    this.#packedLength[i] = first === STRING_INT8 ? 1 : first === STRING_INT16 ? 2 : 4;
    return true;
  }

  /** @returns the entry of key `i`, or 0 when its value is not sound. */
  #create(bytes: Uint8Array, i: number): number {
    const strings = this.#strings;
    const keyAt = this.#keyAt[i]!;
    const keyLength = this.#keyLength[i]!;
    const at = this.#valueAt[i]!;
    const isTagged = this.#expiryMs[i]! !== NO_EXPIRY;
    const { clock } = this.#keyspace;
    const kind = this.#kind[i]!;
    if (kind === PACKED) return this.#createPacked(bytes, i);
    if (kind === INTEGER) {
      const length = writeInteger(this.#digits, 0, this.#integer(i));
      return strings.create(
        bytes,
        keyAt,
        keyLength,
        this.#digits,
        0,
        length,
        isTagged,
        clock,
        ENCODING_INT,
      );
    }
    const length = this.#valueLength[i]!;
    const encoding = encodingForBytes(bytes, at, length);
    return strings.create(bytes, keyAt, keyLength, bytes, at, length, isTagged, clock, encoding);
  }

  #integer(i: number): number {
    const { bytes } = this.#input;
    const at = this.#valueAt[i]!;
    const width = this.#packedLength[i]!;
    if (width === 1) return (bytes[at]! << 24) >> 24;
    if (width === 2) return ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }

  #createPacked(bytes: Uint8Array, i: number): number {
    const arena = this.#arena;
    const strings = this.#strings;
    const length = this.#valueLength[i]!;
    const isTagged = this.#expiryMs[i]! !== NO_EXPIRY;
    const ref = strings.createEmpty(bytes, this.#keyAt[i]!, this.#keyLength[i]!, length, isTagged);
    strings.view(ref);
    const target = strings.bytes;
    const at = strings.offset;
    if (!lzfDecompress(bytes, this.#valueAt[i]!, this.#packedLength[i]!, target, at, length)) {
      arena.free(ref);
      return NULL_REF;
    }
    arena.words[ref >>> SLOT_SHIFT]![((ref & GRANULE_MASK) << 1) + META_WORD] =
      (this.#keyspace.clock << 8) |
      strings.colour |
      (TYPE_STRING << 4) |
      encodingForBytes(target, at, length);
    return ref;
  }
}
