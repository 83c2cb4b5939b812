// Reads runs of keys whose values are one string each, which most dumps consist of: strings, and
// small collections in their compact encodings. As many as lie whole in the input are found out
// first, so that the hash table can ask for the memory of all of them at once, and then added,
// their values unpacked right into their blocks. Whatever is unusual (a key that is there already,
// has expired or is an integer, data that is not sound, a value that has outgrown our limits) ends
// the run in front of it, and the reader of single keys goes on with it.
//
//   [fc ms, 8] type | length, key | [01 02] | length, value; or integer; or LZF |
//
// The two bytes are of a list that has one node. Of streams those with one node and no groups
// belong here (short-streams.ts).

import { copyBytes } from '../bytes/copy.ts';
import { writeInteger } from '../bytes/integer.ts';
import type { Database } from '../keyspace/database.ts';
import { NO_EXPIRY } from '../keyspace/database.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  ENCODING_INT,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_STREAM,
  META_WORD,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from '../structures/entry.ts';
import { EXPECTED_MAX } from '../structures/expected-keys.ts';
import { exceedsNodeLimit } from '../structures/quicklist-nodes.ts';
import type { EncodingLimits } from '../values/encoding-limits.ts';
import { NODE_PREFIX_BYTES } from '../values/stream-nodes.ts';
import { encodingForBytes, INLINE_MAX_BYTES, type Strings } from '../values/string.ts';
import {
  LENGTH_32,
  NODE_PACKED,
  OP_EXPIRETIME_MS,
  RDB_HASH_LISTPACK,
  RDB_LIST_QUICKLIST_2,
  RDB_SET_INTSET,
  RDB_SET_LISTPACK,
  RDB_STREAM_2,
  RDB_STREAM_3,
  RDB_STRING,
  RDB_ZSET_LISTPACK,
  STRING_INT8,
  STRING_INT16,
  STRING_INT32,
  STRING_LZF,
} from './format.ts';
import { hasSoundScores, isSoundIntset, soundListpackCount } from './packed-checks.ts';
import type { RdbInput } from './rdb-input.ts';
import { ShortStreams, STREAM_HEAD_BYTES } from './short-streams.ts';

const INTSET_HEADER_BYTES = 8;
const EXPIRY_BYTES = 9;
/** Number of nodes and kind of the node, of a list with one. */
const NODE_HEAD_BYTES = 2;
/** Larger values are read by the reader of single keys. */
const MAX_BLOCK_BYTES = 65536;
/** One step of LZF makes at most 264 bytes of 3. */
const MAX_EXPANSION = 88;
const LONGEST_LENGTH = 5;
const DIGITS = 12;

// How a value lies in the input.
const PLAIN = 0;
const INTEGER = 1;
const PACKED = 2;

export interface KeyRunOptions {
  readonly dropsExpired: boolean;
  /** Whether duplicates are looked for in listpacks, which is not done here. */
  readonly isThorough: boolean;
}

export class KeyRuns {
  /** The RDB type of the key that was told of last. */
  type: number = RDB_STRING;
  readonly #input: RdbInput;
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #strings: Strings;
  readonly #limits: EncodingLimits;
  readonly #streams: ShortStreams;
  readonly #dropsExpired: boolean;
  readonly #isThorough: boolean;
  // Of each key of the run.
  readonly #types = new Int32Array(EXPECTED_MAX);
  readonly #keyAt = new Int32Array(EXPECTED_MAX);
  readonly #keyLength = new Int32Array(EXPECTED_MAX);
  readonly #expiryMs = new Float64Array(EXPECTED_MAX);
  readonly #kind = new Int32Array(EXPECTED_MAX);
  readonly #valueAt = new Int32Array(EXPECTED_MAX);
  readonly #valueLength = new Int32Array(EXPECTED_MAX);
  /** Bytes of the value in the input. */
  readonly #packedLength = new Int32Array(EXPECTED_MAX);
  /** Where the next key begins. */
  readonly #endAt = new Int32Array(EXPECTED_MAX);
  // The length that `#readLength` has read, and where it ends.
  #length = 0;
  #at = 0;
  readonly #digits = new Uint8Array(DIGITS);

  constructor(keyspace: Keyspace, input: RdbInput, options: KeyRunOptions) {
    this.#input = input;
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#strings = keyspace.strings;
    this.#limits = keyspace.values.limits;
    this.#streams = new ShortStreams(keyspace.arena, keyspace.values.streams);
    this.#dropsExpired = options.dropsExpired;
    this.#isThorough = options.isThorough;
  }

  /**
   * Adds the next keys, as far as nothing is unusual; the input stands between two keys.
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
      const type = this.#types[added]!;
      const ref = this.#add(db, type, added);
      if (ref === NULL_REF) break;
      this.type = type;
      const expiryMs = this.#expiryMs[added]!;
      if (expiryMs !== NO_EXPIRY) db.expires.add(ref, expiryMs);
      this.#input.keyPosition = this.#input.position;
      this.#input.at = this.#endAt[added]!;
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
      const type = bytes[at]!;
      if (type !== RDB_STRING && !this.#isOneBlock(type)) break;
      if (!this.#readLength(bytes, at + 1)) break;
      const keyAt = this.#at;
      const keyLength = this.#length;
      if (end - keyAt < keyLength + NODE_HEAD_BYTES + 2 * LONGEST_LENGTH) break;
      let valueAt = keyAt + keyLength;
      if (type === RDB_LIST_QUICKLIST_2) {
        if (bytes[valueAt] !== 1 || bytes[valueAt + 1] !== NODE_PACKED) break;
        valueAt += NODE_HEAD_BYTES;
      } else if (isStream(type)) {
        if (end - valueAt < STREAM_HEAD_BYTES + 2 * LONGEST_LENGTH) break;
        if (!this.#streams.hasOneNode(bytes, valueAt)) break;
        valueAt += STREAM_HEAD_BYTES;
      }
      if (!this.#findValue(bytes, count, valueAt, type)) break;
      at = this.#valueAt[count]! + this.#packedLength[count]!;
      if (at > end) break;
      if (isStream(type)) {
        at = this.#streams.endOf(bytes, at, end);
        if (at === 0) break;
      }
      this.#endAt[count] = at;
      this.#types[count] = type;
      this.#keyAt[count] = keyAt;
      this.#keyLength[count] = keyLength;
      this.#expiryMs[count] = expiryMs;
      count++;
    }
    return count;
  }

  /** Whether a value of that RDB type is one block, as the file has it. */
  #isOneBlock(type: number): boolean {
    switch (type) {
      case RDB_SET_INTSET:
      case RDB_LIST_QUICKLIST_2:
      case RDB_STREAM_2:
      case RDB_STREAM_3:
        return true;
      case RDB_HASH_LISTPACK:
      case RDB_ZSET_LISTPACK:
      case RDB_SET_LISTPACK:
        return !this.#isThorough;
      default:
        return false;
    }
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

  #findValue(bytes: Uint8Array, i: number, at: number, type: number): boolean {
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
      const most = type === RDB_STRING ? INLINE_MAX_BYTES : MAX_BLOCK_BYTES;
      return this.#length <= most && this.#length <= this.#packedLength[i]! * MAX_EXPANSION;
    }
    if (first > STRING_INT32 || type !== RDB_STRING) return false;
    this.#kind[i] = INTEGER;
    this.#valueAt[i] = at + 1;
    this.#packedLength[i] = first === STRING_INT8 ? 1 : first === STRING_INT16 ? 2 : 4;
    return true;
  }

  /** @returns the entry, or 0 when the value is not sound. */
  #add(db: Database, type: number, i: number): number {
    if (type === RDB_STRING) return this.#addString(db, i);
    const ref = isStream(type) ? this.#addStream(db, i) : this.#addBlock(db, i);
    if (this.#isThorough && ref !== NULL_REF) this.#keyspace.sanitizedPayloads++;
    return ref;
  }

  #addString(db: Database, i: number): number {
    const ref = this.#create(this.#input.bytes, i);
    if (ref !== NULL_REF) db.insertNew(ref);
    return ref;
  }

  /** The same of a value that is a block of its own. */
  #addBlock(db: Database, i: number): number {
    const arena = this.#arena;
    const { bytes } = this.#input;
    const type = this.#types[i]!;
    const length = this.#valueLength[i]!;
    const at = this.#valueAt[i]!;
    if (length === 0) return NULL_REF;
    const block = arena.alloc(length);
    const target = arena.bytes[block >>> SLOT_SHIFT]!;
    const start = (block & GRANULE_MASK) << 3;
    let isSound = true;
    if (this.#kind[i] === PLAIN) copyBytes(target, start, bytes, at, length);
    else {
      isSound = this.#input.unpackBlock(at, this.#packedLength[i]!, arena, block, length);
    }
    if (!isSound || !this.#isOurs(type, target, start, length)) {
      arena.free(block);
      return NULL_REF;
    }
    const isTagged = this.#expiryMs[i]! !== NO_EXPIRY;
    const encoding = type === RDB_SET_INTSET ? ENCODING_INTSET : ENCODING_LISTPACK;
    const keyAt = this.#keyAt[i]!;
    const keyLength = this.#keyLength[i]!;
    return db.insertValue(bytes, keyAt, keyLength, typeOfBlock(type), encoding, block, isTagged);
  }

  /** The same of a stream. */
  #addStream(db: Database, i: number): number {
    const arena = this.#arena;
    const { bytes } = this.#input;
    const length = this.#valueLength[i]!;
    const at = this.#valueAt[i]!;
    const packedLength = this.#packedLength[i]!;
    if (length === 0) return NULL_REF;
    const node = arena.alloc(NODE_PREFIX_BYTES + length);
    let isSound = true;
    if (this.#kind[i] === PLAIN) {
      const start = ((node & GRANULE_MASK) << 3) + NODE_PREFIX_BYTES;
      copyBytes(arena.bytes[node >>> SLOT_SHIFT]!, start, bytes, at, length);
    } else {
      isSound = this.#input.unpackBlock(at, packedLength, arena, node, length, NODE_PREFIX_BYTES);
    }
    const keyAt = this.#keyAt[i]!;
    const keyLength = this.#keyLength[i]!;
    const root = isSound
      ? this.#streams.create(bytes, keyAt + keyLength, at + packedLength, node, length)
      : NULL_REF;
    if (root === NULL_REF) {
      arena.free(node);
      return NULL_REF;
    }
    const isTagged = this.#expiryMs[i]! !== NO_EXPIRY;
    return db.insertValue(bytes, keyAt, keyLength, TYPE_STREAM, ENCODING_STREAM, root, isTagged);
  }

  /** Whether the bytes of a block are sound, with elements, and within our limits. */
  #isOurs(type: number, data: Uint8Array, at: number, length: number): boolean {
    const limits = this.#limits;
    if (type === RDB_SET_INTSET) {
      if (!isSoundIntset(data, at, length)) return false;
      const width = data[at]!;
      return (length - INTSET_HEADER_BYTES) / width <= limits.setMaxIntsetEntries;
    }
    const count = soundListpackCount(data, at, length);
    if (count <= 0) return false;
    switch (type) {
      case RDB_LIST_QUICKLIST_2:
        return !exceedsNodeLimit(limits.listMaxListpackSize, length, count);
      case RDB_SET_LISTPACK:
        return count <= limits.setMaxListpackEntries;
      case RDB_HASH_LISTPACK:
        return (count & 1) === 0 && count <= limits.hashMaxListpackEntries * 2;
      default:
        if ((count & 1) !== 0 || count > limits.zsetMaxListpackEntries * 2) return false;
        return hasSoundScores(data, at, length);
    }
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
    if (!this.#input.unpack(this.#valueAt[i]!, this.#packedLength[i]!, target, at, length)) {
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

function isStream(type: number): boolean {
  return type === RDB_STREAM_2 || type === RDB_STREAM_3;
}

function typeOfBlock(type: number): number {
  switch (type) {
    case RDB_SET_INTSET:
    case RDB_SET_LISTPACK:
      return TYPE_SET;
    case RDB_HASH_LISTPACK:
      return TYPE_HASH;
    case RDB_ZSET_LISTPACK:
      return TYPE_ZSET;
    default:
      return TYPE_LIST;
  }
}
