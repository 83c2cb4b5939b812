// The value of a key as JSON, put piece by piece, so that a large one is never a text as a whole.
//
//   string   "text"                       list, set   ["a","b"]
//   hash     [["field","value"], ["field","value",expiry ms]]
//   zset     [["member",1.5]]
//   stream   {"entries":[["1-1",["field","value"]]],"last-id":"1-1",...,"groups":[...]}

import type { Keyspace } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import {
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
import { IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { HashCursor } from '../values/hash-cursor.ts';
import { SetCursor } from '../values/set-cursor.ts';
import { SortedSet } from '../values/sorted-set.ts';
import { Counter64 } from '../values/stream-counter.ts';
import { StreamCursor } from '../values/stream-cursor.ts';
import { streamIdText } from '../values/stream-id-text.ts';
import type { StreamNames } from '../values/stream-names.ts';
import { jsonOfBytes, jsonOfScore, type Put, putJson } from './json-text.ts';

interface Loaded {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

export class ValueJson {
  readonly #keyspace: Keyspace;
  readonly #put: Put;
  readonly #id = new StreamId();
  readonly #counter = new Counter64();

  constructor(keyspace: Keyspace, put: Put) {
    this.#keyspace = keyspace;
    this.#put = put;
  }

  /** Puts the value of an entry. */
  write(ref: number): void {
    const { strings } = this.#keyspace;
    switch (typeOf(this.#keyspace.arena, ref)) {
      case TYPE_STRING:
        strings.view(ref);
        this.#bytes(strings);
        break;
      case TYPE_LIST:
        this.#list(ref);
        break;
      case TYPE_SET:
        this.#set(ref);
        break;
      case TYPE_ZSET:
        this.#sortedSet(ref);
        break;
      case TYPE_HASH:
        this.#hash(ref);
        break;
      default:
        this.#stream(valueWordOf(this.#keyspace.arena, ref));
    }
  }

  #bytes({ bytes, offset, length }: Loaded): void {
    putJson(this.#put, bytes, offset, length);
  }

  #list(ref: number): void {
    const { arena, values } = this.#keyspace;
    const { cursor } = values.lists;
    const root = valueWordOf(arena, ref);
    if (encodingOf(arena, ref) === ENCODING_LISTPACK) cursor.seekListpack(root, 0);
    else cursor.seek(root, 0);
    const count = values.lists.count(ref);
    for (let i = 0; i < count; i++) {
      cursor.get();
      this.#put(i === 0 ? '[' : ',');
      this.#bytes(cursor);
      cursor.next();
    }
    this.#put(']');
  }

  #set(ref: number): void {
    const { arena, values } = this.#keyspace;
    const cursor = new SetCursor(arena, values.sets);
    cursor.begin(ref);
    for (let separator = '['; cursor.next(); separator = ',') {
      this.#put(separator);
      this.#bytes(cursor);
    }
    this.#put(']');
  }

  #sortedSet(ref: number): void {
    const { arena, values, seed } = this.#keyspace;
    const set = new SortedSet(arena, values.listpacks, values.limits, seed);
    set.open(ref);
    const { count } = set;
    set.seekRank(0);
    for (let i = 0; i < count; i++) {
      const score = jsonOfScore(set.stepScore);
      set.loadMember();
      this.#put(i === 0 ? '[[' : ',[');
      this.#bytes(set);
      this.#put(`,${score}]`);
      set.next();
    }
    this.#put(']');
  }

  #hash(ref: number): void {
    const { arena, values } = this.#keyspace;
    const { hashes } = values;
    const cursor = new HashCursor(arena, hashes);
    const hasTimes = hashes.canExpire(ref);
    cursor.begin(ref);
    for (let separator = '['; cursor.next(); separator = ',') {
      cursor.loadField();
      this.#put(`${separator}[`);
      this.#bytes(cursor);
      const name = hasTimes
        ? cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length)
        : null;
      cursor.loadValue();
      this.#put(',');
      this.#bytes(cursor);
      const timeMs = name === null ? -1 : hashes.expiryOf(ref, name, 0, name.length);
      this.#put(timeMs < 0 ? ']' : `,${timeMs}]`);
    }
    this.#put(']');
  }

  #stream(stream: number): void {
    const { arena, values } = this.#keyspace;
    const { streams } = values;
    const id = this.#id;
    const cursor = new StreamCursor(arena, streams.ids);
    cursor.startAll(stream, false, false);
    this.#put('{"entries":[');
    for (let separator = ''; cursor.next(); separator = ',') {
      this.#put(`${separator}["${streamIdText(cursor.id)}",[`);
      for (let i = 0; i < cursor.fieldCount; i++) {
        cursor.readField();
        if (i > 0) this.#put(',');
        this.#bytes(cursor);
        cursor.readValue();
        this.#put(',');
        this.#bytes(cursor);
      }
      this.#put(']]');
    }
    streams.loadLastId(stream, id);
    this.#put(`],"last-id":"${streamIdText(id)}"`);
    streams.loadMaxDeletedId(stream, id);
    this.#put(`,"max-deleted-id":"${streamIdText(id)}"`);
    streams.loadEntriesAdded(stream, this.#counter);
    this.#put(`,"entries-added":${this.#counter.bigValue},"groups":[`);
    const { groups } = streams;
    for (let i = 0; i < groups.groupCount(stream); i++) {
      if (i > 0) this.#put(',');
      this.#group(groups.groupAt(stream, i));
    }
    this.#put(']}');
  }

  #name(names: StreamNames, block: number): string {
    const bytes = this.#keyspace.arena.bytes[block >>> SLOT_SHIFT]!;
    return jsonOfBytes(bytes, names.nameStart(block), names.nameLength(block));
  }

  #group(group: number): void {
    const { groups, ids } = this.#keyspace.values.streams;
    const id = this.#id;
    groups.loadLastId(group, id);
    groups.loadEntriesRead(group, this.#counter);
    const read = BigInt.asIntN(64, this.#counter.bigValue);
    this.#put(`{"name":${this.#name(groups.groups, group)},"last-id":"${streamIdText(id)}"`);
    this.#put(`,"entries-read":${read < 0n ? 'null' : read},"consumers":[`);
    for (let i = 0; i < groups.consumerCount(group); i++) {
      const consumer = groups.consumerAt(group, i);
      const name = this.#name(groups.consumers, consumer);
      this.#put(`${i === 0 ? '' : ','}{"name":${name},"seen-ms":${groups.seenTimeOf(consumer)}`);
      this.#put(',"pending":[');
      const place = new IdTreeCursor();
      let separator = '';
      for (
        let stands = ids.first(groups.pendingOfConsumer(consumer), place);
        stands;
        stands = ids.next(place)
      ) {
        const pending = ids.valueAt(place);
        ids.idAt(place, id);
        groups.pending.loadDeliveries(pending, this.#counter);
        const timeMs = groups.pending.timeOf(pending);
        this.#put(`${separator}["${streamIdText(id)}",${timeMs},${this.#counter.bigValue}]`);
        separator = ',';
      }
      this.#put(']}');
    }
    this.#put(']}');
  }
}
