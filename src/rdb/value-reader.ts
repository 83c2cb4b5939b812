// Reads the value of one key from an RdbInput, of any version of the format, part by part, and
// makes it one of ours, in the encoding that our limits call for.
//
//   begin(type)        what comes
//   read(budget)       until it says VALUE_READ, or VALUE_BAD with `input.problem`
//
// VALUE_SHORT says that bytes are missing: feed them and call again. A step reads all it needs
// before it changes anything, so it can be made again from its beginning. `isString` tells whether
// the value is the string in `text`, or type, encoding and root in `built`, to be taken or
// discarded by the caller.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  typeOf,
  valueWordOf,
} from '../structures/entry.ts';
import { BuiltValue } from './built-value.ts';
import * as format from './format.ts';
import { ZiplistElements, ZipmapElements } from './old-packing.ts';
import { soundListpackCount } from './packed-checks.ts';
import { PackedReader } from './packed-reader.ts';
import { type RdbInput, RdbText } from './rdb-input.ts';
import { SmallSet } from './small-set.ts';
import { SortedSetReader } from './sorted-set-reader.ts';
import { StreamReader } from './stream-reader.ts';
import { TableMembers } from './table-members.ts';
import { isPacked, isStream } from './type-kinds.ts';

export const VALUE_MORE = 0;
export const VALUE_READ = 1;
export const VALUE_SHORT = 2;
export const VALUE_BAD = 3;

/** Room that is made at once for as many fields as a file announces; it may lie. */
const MAX_RESERVED = 65536;
/** No time of a field lies beyond. */
const MAX_EXPIRY_MS = 2 ** 48;

export class ValueReader {
  readonly built: BuiltValue;
  /** The string, where the value is one. */
  readonly text: RdbText = new RdbText();
  isString = false;
  /** True where the value has no elements: Redis has no such values. */
  isEmpty = false;
  /** Fields that were left out because they have expired. */
  expiredFields = 0;
  /** Parts that the last `read` has taken. */
  partsRead = 0;
  /** Whether fields that have expired are left out. */
  dropsExpired = true;
  readonly #keyspace: Keyspace;
  readonly #input: RdbInput;
  readonly #packed: PackedReader;
  readonly #streams: StreamReader;
  readonly #sortedSets: SortedSetReader;
  readonly #smallSet = new SmallSet();
  /** Whether the value is a set that `#smallSet` puts together. */
  #isSmallSet = false;
  readonly #other = new RdbText();
  readonly #tables: TableMembers;
  #type = 0;
  #isValkey = false;
  /** Elements to come; -1 before their number was read. */
  #left = -1;
  #minTimeMs = 0;

  constructor(keyspace: Keyspace, input: RdbInput) {
    this.#keyspace = keyspace;
    this.#input = input;
    this.built = new BuiltValue(keyspace);
    this.#packed = new PackedReader(keyspace, this.built);
    this.#sortedSets = new SortedSetReader(keyspace, input, this.text, this.#other, this.built);
    this.#tables = new TableMembers(keyspace, input, this.text, this.#other);
    this.#streams = new StreamReader(keyspace, input, this.built);
  }

  /**
   * Begins a value.
   * @param version of the format, which tells Valkey's types from Redis's.
   * @param isThorough whether duplicates in listpacks are looked for.
   */
  begin(type: number, version: number, isThorough: boolean): void {
    this.#type = type;
    this.#isValkey = version >= format.MIN_VALKEY_VERSION;
    this.#packed.isThorough = isThorough;
    this.#left = -1;
    this.#minTimeMs = 0;
    this.expiredFields = 0;
    this.isString = type === format.RDB_STRING;
    this.isEmpty = false;
    this.#isSmallSet = false;
    if (isStream(type)) this.#streams.begin(type, isThorough);
  }

  /** True for a type that can be read. */
  static knows(type: number, version: number): boolean {
    if (type <= format.RDB_ZSET_2) return true;
    if (type < format.RDB_HASH_ZIPMAP) return false;
    if (version >= format.MIN_VALKEY_VERSION) return type <= format.VALKEY_HASH_2;
    return type <= format.RDB_STREAM_5;
  }

  /** Reads about `budget` elements. @returns VALUE_MORE, VALUE_READ, VALUE_SHORT or VALUE_BAD. */
  read(budget: number): number {
    const input = this.#input;
    this.partsRead = 0;
    while (this.partsRead < budget) {
      this.partsRead++;
      input.mark();
      const isDone = this.#step();
      if (input.problem !== '') {
        this.discard();
        return VALUE_BAD;
      }
      if (input.isShort) {
        input.rewind();
        return VALUE_SHORT;
      }
      if (isDone) {
        this.#complete();
        return VALUE_READ;
      }
    }
    return VALUE_MORE;
  }

  #cannotGoOn(): boolean {
    return this.#input.isShort || this.#input.problem !== '';
  }

  #step(): boolean {
    if (this.#left > 0) return this.#stepElement();
    const type = this.#type;
    if (type === format.RDB_STRING) {
      this.#input.string(this.text);
      return true;
    }
    if (isStream(type)) return this.#streams.step();
    if (isPacked(type)) return this.#readPacked();
    return this.#left < 0 ? this.#readCount() : true;
  }

  #stepElement(): boolean {
    const { ref } = this.built;
    const isSet = this.#type === format.RDB_SET;
    if (
      (isSet || this.#type === format.RDB_HASH) &&
      ref !== NULL_REF &&
      this.#tables.isTable(ref)
    ) {
      return this.#readIntoTable(ref, isSet);
    }
    switch (this.#type) {
      case format.RDB_LIST:
        this.#readElement();
        break;
      case format.RDB_SET:
        this.#readMember();
        break;
      case format.RDB_ZSET:
      case format.RDB_ZSET_2:
        this.#sortedSets.read(this.#type);
        break;
      case format.RDB_LIST_QUICKLIST:
      case format.RDB_LIST_QUICKLIST_2:
        this.#readListNode();
        break;
      default:
        this.#readField();
    }
    if (this.#cannotGoOn()) return false;
    return --this.#left === 0;
  }

  #readIntoTable(ref: number, isSet: boolean): boolean {
    const left = this.#left;
    const added = isSet ? this.#tables.readMembers(ref, left) : this.#tables.readFields(ref, left);
    this.#left = left - added;
    if (added > 1) this.partsRead += added - 1;
    return this.#left === 0;
  }

  /** Empty values are none; lists get the encoding that their size calls for. */
  #complete(): void {
    const { built } = this;
    const { arena, values } = this.#keyspace;
    this.#sortedSets.complete();
    if (this.#isSmallSet) this.#finishSmallSet();
    if (built.ref === NULL_REF) {
      this.isEmpty = !this.isString;
      return;
    }
    const type = typeOf(arena, built.ref);
    if (type === TYPE_LIST) values.lists.settle(built.ref);
    // A stream may be empty.
    if (type === TYPE_STREAM || values.of(type).count(built.ref) > 0) return;
    built.discard();
    this.isEmpty = true;
  }

  #readCount(): boolean {
    const hasMinTime = this.#type === format.RDB_HASH_METADATA;
    const minTimeMs = hasMinTime ? this.#input.int64() : 0;
    const count = this.#input.count();
    if (this.#cannotGoOn()) return false;
    if (minTimeMs < 0 || minTimeMs > MAX_EXPIRY_MS) {
      this.#input.fail('Hash read invalid minExpire value');
      return false;
    }
    this.#minTimeMs = minTimeMs;
    this.#left = count;
    if (count > 0) this.#beginElements(count);
    return count === 0;
  }

  #beginElements(count: number): void {
    const { built } = this;
    const { hashes, lists } = this.#keyspace.values;
    switch (this.#type) {
      case format.RDB_SET:
        // Its first member decides on the encoding.
        break;
      case format.RDB_LIST:
      case format.RDB_LIST_QUICKLIST:
        built.begin(TYPE_LIST, ENCODING_LISTPACK, lists.create());
        break;
      case format.RDB_LIST_QUICKLIST_2:
        built.begin(TYPE_LIST, ENCODING_QUICKLIST, lists.cursor.create());
        break;
      case format.RDB_ZSET:
      case format.RDB_ZSET_2:
        this.#sortedSets.begin(count);
        break;
      default:
        built.begin(TYPE_HASH, ENCODING_LISTPACK, hashes.create());
        hashes.fitCount(built.ref, Math.min(count, MAX_RESERVED));
    }
  }

  /** Frees what was read so far, if anything. */
  discard(): void {
    this.#sortedSets.end();
    this.built.discard();
  }

  // --- element by element

  #readElement(): void {
    const { text } = this;
    const { lists } = this.#keyspace.values;
    this.#input.string(text);
    if (this.#cannotGoOn()) return;
    lists.makeRoom(this.built.ref, text.length, 1);
    lists.push(this.built.ref, false, text.bytes, text.offset, text.length);
  }

  #readMember(): void {
    const { built, text } = this;
    const { limits, sets } = this.#keyspace.values;
    this.#input.string(text);
    if (this.#cannotGoOn()) return;
    const { bytes, offset, length } = text;
    if (built.ref === NULL_REF && !this.#isSmallSet) {
      const encoding = sets.encodingFor(bytes, offset, length, this.#left);
      const room = Math.min(this.#left, MAX_RESERVED);
      if (encoding === ENCODING_LISTPACK) {
        this.#isSmallSet = true;
        this.#smallSet.begin(room);
      } else built.begin(TYPE_SET, encoding, sets.create(encoding, room));
    }
    if (this.#isSmallSet) {
      if (length <= limits.setMaxListpackValue) {
        if (this.#smallSet.add(bytes, offset, length)) return;
        this.#input.fail('Duplicate set members detected');
        return;
      }
      this.#finishSmallSet();
    }
    if (!sets.add(built.ref, bytes, offset, length)) {
      this.#input.fail('Duplicate set members detected');
    }
  }

  #finishSmallSet(): void {
    this.#isSmallSet = false;
    const root = this.#smallSet.finish(this.#keyspace.values.listpacks);
    this.built.begin(TYPE_SET, ENCODING_LISTPACK, root);
  }

  #readField(): void {
    const { built, text } = this;
    const input = this.#input;
    const value = this.#other;
    let timeMs = this.#readTimeBefore();
    input.string(text);
    input.string(value);
    if (this.#type === format.VALKEY_HASH_2 && this.#isValkey) timeMs = Math.max(input.int64(), 0);
    if (this.#cannotGoOn()) return;
    if (timeMs > MAX_EXPIRY_MS) {
      input.fail('Hash field with an invalid time to expire at');
      return;
    }
    if (timeMs > 0 && this.dropsExpired && timeMs < this.#keyspace.nowMs) {
      this.expiredFields++;
      return;
    }
    const { hashes } = this.#keyspace.values;
    const { bytes, offset, length } = text;
    hashes.fitLength(built.ref, Math.max(length, value.length));
    const isNew = hashes.set(
      built.ref,
      bytes,
      offset,
      length,
      value.bytes,
      value.offset,
      value.length,
      false,
    );
    if (!isNew) input.fail('Duplicate hash fields detected');
    else if (timeMs > 0) hashes.setExpiry(built.ref, bytes, offset, length, timeMs);
  }

  /** The time before a field: relative to the hash's first one, in old versions absolute. */
  #readTimeBefore(): number {
    if (this.#type === format.RDB_HASH || this.#isValkey) return 0;
    const time = this.#input.count();
    if (time === 0 || this.#type === format.RDB_HASH_METADATA_PRE_GA) return time;
    return time + this.#minTimeMs - 1;
  }

  // --- lists in nodes

  #readListNode(): void {
    const input = this.#input;
    if (this.#type === format.RDB_LIST_QUICKLIST) {
      this.#readOldListNode();
      return;
    }
    const container = input.count();
    if (container !== format.NODE_PACKED) {
      this.#readPlainNode(container);
      return;
    }
    const { arena, values } = this.#keyspace;
    const block = input.block(arena);
    if (block === NULL_REF) {
      if (!this.#cannotGoOn()) input.fail('Quicklist node is empty');
      return;
    }
    if (this.#packed.isThorough) this.#keyspace.sanitizedPayloads++;
    const bytes = arena.bytes[block >>> SLOT_SHIFT]!;
    const count = soundListpackCount(bytes, (block & GRANULE_MASK) << 3, input.blockLength);
    if (count > 0) {
      const { cursor } = values.lists;
      cursor.appendListpack(valueWordOf(arena, this.built.ref), block);
      return;
    }
    arena.free(block);
    if (count < 0) input.fail('Listpack integrity check failed.');
  }

  #readOldListNode(): void {
    const { text } = this;
    this.#input.string(text);
    if (this.#cannotGoOn()) return;
    const elements = new ZiplistElements(text.bytes, text.offset, text.length);
    const problem = this.#packed.oldList(elements);
    if (problem !== '') this.#input.fail(problem);
  }

  #readPlainNode(container: number): void {
    const input = this.#input;
    const { text } = this;
    input.string(text);
    if (this.#cannotGoOn()) return;
    if (text.length === 0) input.fail('Quicklist node is empty');
    else if (container !== format.NODE_PLAIN) input.fail('Listpack integrity check failed.');
    else {
      const { nodes } = this.#keyspace.values.lists.cursor;
      const root = valueWordOf(this.#keyspace.arena, this.built.ref);
      const node = nodes.createWith(text.bytes, text.offset, text.length, true);
      nodes.link(root, nodes.tail(root), node, true);
    }
  }

  // --- values in one string

  #readPacked(): boolean {
    const input = this.#input;
    const { text } = this;
    if (this.#type === format.RDB_HASH_LISTPACK_EX) input.int64();
    input.string(text);
    if (this.#cannotGoOn()) return false;
    const problem = this.#makePacked();
    if (problem !== '') input.fail(problem);
    return true;
  }

  #makePacked(): string {
    const packed = this.#packed;
    const { text } = this;
    const { bytes, offset, length } = text;
    switch (this.#type) {
      case format.RDB_HASH_ZIPMAP:
        return packed.oldHash(new ZipmapElements(bytes, offset, length), 'Zipmap', true);
      case format.RDB_HASH_ZIPLIST:
        return packed.oldHash(new ZiplistElements(bytes, offset, length), 'Hash ziplist', false);
      case format.RDB_ZSET_ZIPLIST:
        return packed.oldSortedSet(new ZiplistElements(bytes, offset, length));
      case format.RDB_LIST_ZIPLIST:
        this.built.begin(TYPE_LIST, ENCODING_LISTPACK, this.#keyspace.values.lists.create());
        return packed.oldList(new ZiplistElements(bytes, offset, length));
      case format.RDB_SET_INTSET:
        return packed.intset(text);
      case format.RDB_SET_LISTPACK:
        return packed.setListpack(text);
      case format.RDB_ZSET_LISTPACK:
        return packed.sortedSetListpack(text);
      case format.RDB_HASH_LISTPACK:
        return packed.hashListpack(text);
      default:
        return packed.hashListpackEx(text);
    }
  }
}
