// Writes the value of one key at a time into an RdbOutput: all at once, or for values with very
// many elements in steps. Listpacks and intsets are copied as they lie in memory, large tables
// element by element; nothing is allocated per element.
//
//   begin(ref)             what is to be written; `type` and `version` say how
//   writeSome(budget)      until it returns true
//
// Between `begin` and the step that ends it nothing may change the key or move its entry; reading
// it is allowed. One object serves any number of values, one after the other.

import { MAX_DOUBLE_BYTES, writeDouble17 } from '../bytes/double.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Arena, GRANULE_MASK, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import type { Dict } from '../structures/dict.ts';
import { DictWalk } from '../structures/dict-walk.ts';
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  encodingOf,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
  typeOf,
  valueWordOf,
} from '../structures/entry.ts';
import { QuicklistNodes } from '../structures/quicklist-nodes.ts';
import { SortedSet } from '../values/sorted-set.ts';
import type { Values } from '../values/values.ts';
import {
  NODE_PACKED,
  NODE_PLAIN,
  RDB_HASH,
  RDB_HASH_LISTPACK,
  RDB_HASH_LISTPACK_EX,
  RDB_HASH_METADATA,
  RDB_LIST,
  RDB_LIST_QUICKLIST_2,
  RDB_SET,
  RDB_SET_INTSET,
  RDB_STREAM,
  RDB_STREAM_2,
  RDB_STRING,
  RDB_VERSION,
  RDB_VERSION_FIELD_EXPIRY,
  RDB_ZSET,
  RDB_ZSET_2,
  RDB_ZSET_LISTPACK,
} from './format.ts';
import type { RdbOutput } from './rdb-output.ts';
import { StreamWriter } from './stream-writer.ts';

// What the next step of a value is.
const STEP_WHOLE = 0;
const STEP_SETTLE = 1;
const STEP_MEMBERS = 2;
const STEP_FIELDS = 3;
const STEP_NODES = 4;
const STEP_SCORES = 5;
const STEP_STREAM = 6;
const STEP_ELEMENTS = 7;
/** The version since which listpacks are understood; older ones get element by element. */
const LISTPACKS_SINCE = 10;
/** The version since which scores are doubles, not texts. */
const BINARY_SCORES_SINCE = 8;
/** Bytes in the place of a text's length that mean an infinite score. */
const SCORE_INFINITE = 254;
const SCORE_MINUS_INFINITE = 255;
/** Buckets moved for one unit of the budget. */
const SETTLE_BUCKETS = 1;

export class ValueWriter {
  /** How the value is written: its RDB type. */
  type: number = RDB_STRING;
  /** The version of the format that this needs. */
  version: number = RDB_VERSION;
  /**
   * The version that will be read: what it does not know is written in older ways. Streams need 9;
   * below RDB_VERSION_FIELD_EXPIRY only where `dropsTimes` are fields left without theirs.
   */
  forVersion: number = RDB_VERSION;
  dropsTimes = false;
  readonly #arena: Arena;
  readonly #keyspace: Keyspace;
  readonly #values: Values;
  readonly #output: RdbOutput;
  readonly #walk: DictWalk;
  readonly #sortedSet: SortedSet;
  readonly #streams: StreamWriter;
  #step = STEP_WHOLE;
  #ref = NULL_REF;
  #root = NULL_REF;
  /** The node of a list that is next, or 0. */
  #node = NULL_REF;
  #hasTimes = false;
  #minTimeMs = 0;
  #hasBegun = false;
  /** Whether listpacks are not understood. */
  #isOld = false;
  /** The element of a list that is next, or -1 before their number was written. */
  #index = -1;
  readonly #digits = new Uint8Array(MAX_DOUBLE_BYTES);

  constructor(keyspace: Keyspace, output: RdbOutput) {
    this.#arena = keyspace.arena;
    this.#keyspace = keyspace;
    this.#values = keyspace.values;
    this.#output = output;
    this.#walk = new DictWalk(keyspace.arena);
    const { listpacks, limits } = keyspace.values;
    this.#sortedSet = new SortedSet(keyspace.arena, listpacks, limits, keyspace.seed);
    this.#streams = new StreamWriter(keyspace.arena, keyspace.values.streams, output);
  }

  /** Takes the entry whose value is to be written. */
  begin(ref: number): void {
    const arena = this.#arena;
    const encoding = encodingOf(arena, ref);
    this.#ref = ref;
    this.#root = valueWordOf(arena, ref);
    this.#step = STEP_WHOLE;
    this.#hasTimes = false;
    this.#isOld = this.forVersion < LISTPACKS_SINCE;
    this.version = RDB_VERSION;
    switch (typeOf(arena, ref)) {
      case TYPE_STRING:
        this.type = RDB_STRING;
        break;
      case TYPE_LIST:
        this.type = RDB_LIST_QUICKLIST_2;
        if (this.#isOld) this.#beginElements();
        else if (encoding !== ENCODING_LISTPACK) this.#beginQuicklist();
        break;
      case TYPE_SET:
        this.type = encoding === ENCODING_INTSET ? RDB_SET_INTSET : RDB_SET;
        if (encoding === ENCODING_HASHTABLE) this.#step = STEP_SETTLE;
        break;
      case TYPE_ZSET:
        this.type = encoding === ENCODING_LISTPACK ? RDB_ZSET_LISTPACK : RDB_ZSET_2;
        if (encoding !== ENCODING_LISTPACK || this.#isOld) this.#beginSortedSet();
        break;
      case TYPE_HASH:
        this.#beginHash(encoding);
        break;
      default:
        this.type = this.#isOld ? RDB_STREAM : RDB_STREAM_2;
        this.#step = STEP_STREAM;
        this.#streams.begin(this.#root, this.#isOld);
    }
  }

  /** Lets go of the memory that the last value lay in: for who writes the next much later. */
  forget(): void {
    this.#walk.forget();
    this.#sortedSet.forget();
  }

  #beginElements(): void {
    this.type = RDB_LIST;
    this.#step = STEP_ELEMENTS;
    this.#index = -1;
  }

  #beginQuicklist(): void {
    this.#step = STEP_NODES;
    this.#node = NULL_REF;
  }

  #beginSortedSet(): void {
    this.#step = STEP_SCORES;
    this.#hasBegun = false;
    this.type = this.forVersion < BINARY_SCORES_SINCE ? RDB_ZSET : RDB_ZSET_2;
    this.#sortedSet.open(this.#ref);
  }

  #beginHash(encoding: number): void {
    const { hashes } = this.#values;
    if (encoding === ENCODING_LISTPACK) {
      this.type = this.#isOld ? RDB_HASH : RDB_HASH_LISTPACK;
      return;
    }
    const timeMs = this.dropsTimes ? -1 : hashes.nextExpiryMs(this.#ref);
    this.#hasTimes = timeMs >= 0;
    this.#minTimeMs = Math.max(timeMs, 0);
    const isTable = encoding === ENCODING_HASHTABLE;
    if (isTable) this.#step = STEP_SETTLE;
    if (this.#hasTimes) {
      this.type = isTable ? RDB_HASH_METADATA : RDB_HASH_LISTPACK_EX;
      this.version = RDB_VERSION_FIELD_EXPIRY;
    } else this.type = RDB_HASH;
  }

  /** Writes all of the value. */
  writeAll(): void {
    while (!this.writeSome(Number.POSITIVE_INFINITY));
  }

  /**
   * Writes some of the value.
   * @param budget elements that are written before it returns, about.
   * @returns true when the value is complete.
   */
  writeSome(budget: number): boolean {
    switch (this.#step) {
      case STEP_SETTLE:
        return this.#settle(budget);
      case STEP_MEMBERS:
        return this.#writeMembers(budget);
      case STEP_FIELDS:
        return this.#writeFields(budget);
      case STEP_NODES:
        return this.#writeNodes(budget);
      case STEP_SCORES:
        return this.#writeScores(budget);
      case STEP_ELEMENTS:
        return this.#writeElements(budget);
      case STEP_STREAM:
        return this.#streams.writeSome(budget);
      default:
        this.#writeWhole();
        return true;
    }
  }

  #writeWhole(): void {
    const output = this.#output;
    switch (this.type) {
      case RDB_STRING: {
        const { strings } = this.#keyspace;
        strings.view(this.#ref);
        output.string(strings.bytes, strings.offset, strings.length);
        break;
      }
      case RDB_SET_INTSET:
        this.#writeBlock(this.#root, this.#values.sets.intsets.byteLength(this.#root));
        break;
      case RDB_SET:
        this.#writeListpackMembers();
        break;
      case RDB_LIST_QUICKLIST_2:
        output.length(1);
        output.length(NODE_PACKED);
        this.#writeListpack(this.#root);
        break;
      case RDB_HASH_LISTPACK_EX:
        output.int64(this.#minTimeMs);
        this.#writeListpack(this.#values.hashes.listpackOf(this.#ref));
        break;
      case RDB_HASH:
        this.#writePairs();
        break;
      default:
        this.#writeListpack(this.#root);
    }
  }

  #writeListpack(lp: number): void {
    this.#writeBlock(lp, this.#values.listpacks.byteLength(lp));
  }

  #writeBlock(block: number, length: number): void {
    const bytes = this.#arena.bytes[block >>> SLOT_SHIFT]!;
    this.#output.string(bytes, (block & GRANULE_MASK) << 3, length);
  }

  /** A set in a listpack is written member by member: Redis 7.0 knows no such set. */
  #writeListpackMembers(): void {
    const { listpacks } = this.#values;
    const lp = this.#root;
    this.#output.length(listpacks.count(lp));
    for (let at = listpacks.first(lp); at !== 0; at = listpacks.next(lp, at)) {
      listpacks.get(lp, at);
      this.#output.string(listpacks.bytes, listpacks.offset, listpacks.length);
    }
  }

  /** The fields and values of a listpack, of which each third element may be a time. */
  #writePairs(): void {
    const { listpacks, hashes } = this.#values;
    const lp = hashes.listpackOf(this.#ref);
    const hasRoomForTimes = hashes.strideOf(this.#ref) === 3;
    this.#output.length(hashes.count(this.#ref));
    let index = 0;
    for (let at = listpacks.first(lp); at !== 0; at = listpacks.next(lp, at)) {
      if (index++ % 3 === 2 && hasRoomForTimes) continue;
      listpacks.get(lp, at);
      this.#output.string(listpacks.bytes, listpacks.offset, listpacks.length);
    }
  }

  /**
   * Ends the rehash of a table: its walk may go on while others read it, and a read moves buckets
   * while they are being moved.
   */
  #settle(budget: number): boolean {
    const isSet = typeOf(this.#arena, this.#ref) === TYPE_SET;
    const dict: Dict = isSet ? this.#values.sets.tables.dict : this.#values.hashes.tables.dict;
    dict.open(this.#root);
    let left = budget;
    while (left > 0 && dict.rehashBuckets(SETTLE_BUCKETS)) left--;
    const isSettled = !dict.isRehashing;
    dict.close(this.#root);
    if (!isSettled) return false;
    if (this.#hasTimes && this.type === RDB_HASH_METADATA) this.#output.int64(this.#minTimeMs);
    this.#output.length(dict.count);
    this.#walk.begin(this.#root);
    this.#step = isSet ? STEP_MEMBERS : STEP_FIELDS;
    return this.writeSome(left);
  }

  #writeMembers(budget: number): boolean {
    const { tables } = this.#values.sets;
    for (let left = budget; left > 0; left--) {
      const member = this.#walk.next();
      if (member === NULL_REF) return true;
      const bytes = this.#arena.bytes[member >>> SLOT_SHIFT]!;
      this.#output.string(bytes, tables.offsetOf(member), tables.lengthOf(member));
    }
    return false;
  }

  #writeFields(budget: number): boolean {
    const { tables } = this.#values.hashes;
    const output = this.#output;
    for (let left = budget; left > 0; left--) {
      const field = this.#walk.next();
      if (field === NULL_REF) return true;
      if (this.#hasTimes) {
        const timeMs = tables.expiryOf(this.#root, field);
        output.length(timeMs < 0 ? 0 : timeMs - this.#minTimeMs + 1);
      }
      tables.loadField(field);
      output.string(tables.bytes, tables.offset, tables.length);
      tables.loadValue(field);
      output.string(tables.bytes, tables.offset, tables.length);
    }
    return false;
  }

  #writeNodes(budget: number): boolean {
    const { nodes } = this.#values.lists.cursor;
    const output = this.#output;
    const root = this.#root;
    if (this.#node === NULL_REF) {
      output.length(nodes.nodeCount(root));
      this.#node = nodes.head(root);
    }
    for (let left = budget; left > 0; ) {
      const node = this.#node;
      left -= nodes.elements(node);
      if (nodes.isPlain(node)) {
        const content = nodes.content(node);
        const bytes = this.#arena.bytes[content >>> SLOT_SHIFT]!;
        output.length(NODE_PLAIN);
        output.string(bytes, QuicklistNodes.plainOffset(content), nodes.contentBytes(node));
      } else {
        output.length(NODE_PACKED);
        this.#writeListpack(nodes.openForReading(root, node));
      }
      this.#node = nodes.next(node);
      if (this.#node === NULL_REF) return true;
    }
    return false;
  }

  #writeElements(budget: number): boolean {
    const { lists } = this.#values;
    const { cursor } = lists;
    const output = this.#output;
    const count = lists.count(this.#ref);
    if (this.#index < 0) {
      output.length(count);
      this.#index = 0;
    }
    // Others may have used the cursor since the last step.
    const isListpack = encodingOf(this.#arena, this.#ref) === ENCODING_LISTPACK;
    if (isListpack) cursor.seekListpack(this.#root, this.#index);
    else cursor.seek(this.#root, this.#index);
    for (let left = budget; left > 0 && this.#index < count; left--) {
      cursor.get();
      output.string(cursor.bytes, cursor.offset, cursor.length);
      cursor.next();
      this.#index++;
    }
    return this.#index === count;
  }

  /** As C's `%.17g`, with its length before it. */
  #writeTextScore(score: number): void {
    if (score === Number.POSITIVE_INFINITY) this.#output.byte(SCORE_INFINITE);
    else if (score === Number.NEGATIVE_INFINITY) this.#output.byte(SCORE_MINUS_INFINITE);
    else {
      const length = writeDouble17(this.#digits, 0, score);
      this.#output.byte(length);
      this.#output.raw(this.#digits, 0, length);
    }
  }

  /** From the last member to the first, as Redis does: it then adds each at the front. */
  #writeScores(budget: number): boolean {
    const set = this.#sortedSet;
    const output = this.#output;
    let more = true;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      output.length(set.count);
      more = set.seekRank(set.count - 1);
    } else more = set.previous();
    for (let left = budget; more; more = set.previous()) {
      set.loadMember();
      output.string(set.bytes, set.offset, set.length);
      if (this.type === RDB_ZSET) this.#writeTextScore(set.score);
      else output.double(set.score);
      if (--left <= 0) return false;
    }
    return true;
  }
}
