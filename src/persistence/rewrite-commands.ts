// The commands that make a value anew: what a rewrite of the append-only file writes for each key
// where it does not write a snapshot. Those of Redis, with its 64 elements a command. A large value
// is written by and by: each step of the generators below is one command, and the value may not
// change between two of them.

import { formatDouble17 } from '../bytes/double.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import {
  ENCODING_LISTPACK,
  encodingOf,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
  typeOf,
  valueWordOf,
} from '../structures/entry.ts';
import { IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { Quicklists } from '../structures/quicklist.ts';
import { HashCursor } from '../values/hash-cursor.ts';
import { SetCursor } from '../values/set-cursor.ts';
import { SortedSet } from '../values/sorted-set.ts';
import { Counter64 } from '../values/stream-counter.ts';
import { StreamCursor } from '../values/stream-cursor.ts';
import { streamIdText } from '../values/stream-id-text.ts';
import { Strings } from '../values/string.ts';
import type { RespBuffer } from './resp-buffer.ts';

const ITEMS_PER_COMMAND = 64;

/** Bytes that were loaded into an object's fields. */
interface Loaded {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

type Steps = Generator<void, void, void>;

export class RewriteCommands {
  readonly #keyspace: Keyspace;
  readonly #out: RespBuffer;

  // Of its own, since keys are also written in the middle of commands, which use the shared ones.
  readonly #strings: Strings;
  readonly #lists: Quicklists;

  constructor(keyspace: Keyspace, out: RespBuffer) {
    this.#keyspace = keyspace;
    this.#out = out;
    const { arena, values } = keyspace;
    this.#strings = new Strings(arena);
    this.#lists = new Quicklists(arena, values.listpacks, {
      listMaxListpackSize: -2,
      quicklistPackedBytes: 0,
    });
  }

  /** Writes the commands for the value of an entry, one a step. */
  *write(key: Uint8Array, ref: number): Steps {
    switch (typeOf(this.#keyspace.arena, ref)) {
      case TYPE_STRING:
        this.#string(key, ref);
        break;
      case TYPE_LIST:
        yield* this.#list(key, ref);
        break;
      case TYPE_SET:
        yield* this.#set(key, ref);
        break;
      case TYPE_ZSET:
        yield* this.#sortedSet(key, ref);
        break;
      case TYPE_HASH:
        yield* this.#hash(key, ref);
        break;
      case TYPE_STREAM:
        yield* this.#stream(key, ref);
    }
  }

  #begin(name: string, key: Uint8Array, count: number): void {
    this.#out.command(2 + count);
    this.#out.text(name);
    this.#out.bulk(key, 0, key.length);
  }

  #put({ bytes, offset, length }: Loaded): void {
    this.#out.bulk(bytes, offset, length);
  }

  #string(key: Uint8Array, ref: number): void {
    const strings = this.#strings;
    this.#begin('SET', key, 1);
    strings.view(ref);
    this.#put(strings);
  }

  *#list(key: Uint8Array, ref: number): Steps {
    const { arena, values } = this.#keyspace;
    const cursor = this.#lists;
    const root = valueWordOf(arena, ref);
    const isListpack = encodingOf(arena, ref) === ENCODING_LISTPACK;
    const count = values.lists.count(ref);
    for (let from = 0; from < count; from += ITEMS_PER_COMMAND) {
      const items = Math.min(ITEMS_PER_COMMAND, count - from);
      this.#begin('RPUSH', key, items);
      // Others are written aside between two steps.
      if (isListpack) cursor.seekListpack(root, from);
      else cursor.seek(root, from);
      for (let i = 0; i < items; i++) {
        cursor.get();
        this.#put(cursor);
        cursor.next();
      }
      yield;
    }
  }

  *#set(key: Uint8Array, ref: number): Steps {
    const { arena, values } = this.#keyspace;
    const cursor = new SetCursor(arena, values.sets);
    cursor.begin(ref);
    for (let left = values.sets.count(ref); left > 0; left -= ITEMS_PER_COMMAND) {
      const items = Math.min(ITEMS_PER_COMMAND, left);
      this.#begin('SADD', key, items);
      for (let i = 0; i < items; i++) {
        cursor.next();
        this.#put(cursor);
      }
      yield;
    }
  }

  *#sortedSet(key: Uint8Array, ref: number): Steps {
    const { arena, values, seed } = this.#keyspace;
    const set = new SortedSet(arena, values.listpacks, values.limits, seed);
    set.open(ref);
    const { count } = set;
    for (let from = 0; from < count; from += ITEMS_PER_COMMAND) {
      const items = Math.min(ITEMS_PER_COMMAND, count - from);
      this.#begin('ZADD', key, items * 2);
      set.seekRank(from);
      for (let i = 0; i < items; i++) {
        this.#out.text(formatDouble17(set.stepScore));
        set.loadMember();
        this.#put(set);
        set.next();
      }
      yield;
    }
  }

  *#hash(key: Uint8Array, ref: number): Steps {
    const { arena, values } = this.#keyspace;
    const cursor = new HashCursor(arena, values.hashes);
    cursor.begin(ref);
    for (let left = values.hashes.count(ref); left > 0; left -= ITEMS_PER_COMMAND) {
      const items = Math.min(ITEMS_PER_COMMAND, left);
      this.#begin('HMSET', key, items * 2);
      for (let i = 0; i < items; i++) {
        cursor.next();
        cursor.loadField();
        this.#put(cursor);
        cursor.loadValue();
        this.#put(cursor);
      }
      yield;
    }
    if (values.hashes.canExpire(ref)) yield* this.#fieldTimes(key, ref, cursor);
  }

  *#fieldTimes(key: Uint8Array, ref: number, cursor: HashCursor): Steps {
    const { hashes } = this.#keyspace.values;
    cursor.begin(ref);
    while (cursor.next()) {
      cursor.loadField();
      const field = cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length);
      const timeMs = hashes.expiryOf(ref, field, 0, field.length);
      if (timeMs < 0) continue;
      this.#begin('HPEXPIREAT', key, 4);
      this.#out.integer(timeMs);
      this.#out.text('FIELDS');
      this.#out.text('1');
      this.#out.bulk(field, 0, field.length);
      yield;
    }
  }

  *#stream(key: Uint8Array, ref: number): Steps {
    const { arena, values } = this.#keyspace;
    const { streams } = values;
    const stream = valueWordOf(arena, ref);
    const id = new StreamId();
    const counter = new Counter64();
    if (streams.length(stream) > 0) yield* this.#streamEntries(key, stream);
    else {
      // An empty stream is one of which the only entry was trimmed.
      this.#begin('XADD', key, 5);
      for (const word of ['MAXLEN', '0', '0-1', 'x', 'y']) this.#out.text(word);
      yield;
    }
    this.#begin('XSETID', key, 5);
    streams.loadLastId(stream, id);
    this.#out.text(streamIdText(id));
    this.#out.text('ENTRIESADDED');
    streams.loadEntriesAdded(stream, counter);
    this.#out.text(counter.bigValue.toString());
    this.#out.text('MAXDELETEDID');
    streams.loadMaxDeletedId(stream, id);
    this.#out.text(streamIdText(id));
    yield;
    const { groups } = streams;
    for (let i = 0; i < groups.groupCount(stream); i++) {
      yield* this.#group(key, groups.groupAt(stream, i));
    }
  }

  *#streamEntries(key: Uint8Array, stream: number): Steps {
    const { arena, values } = this.#keyspace;
    const cursor = new StreamCursor(arena, values.streams.ids);
    cursor.startAll(stream, false, false);
    while (cursor.next()) {
      this.#begin('XADD', key, 1 + cursor.fieldCount * 2);
      this.#out.text(streamIdText(cursor.id));
      for (let i = 0; i < cursor.fieldCount; i++) {
        cursor.readField();
        this.#put(cursor);
        cursor.readValue();
        this.#put(cursor);
      }
      yield;
    }
  }

  *#group(key: Uint8Array, group: number): Steps {
    const { arena, values } = this.#keyspace;
    const { groups } = values.streams;
    const id = new StreamId();
    const counter = new Counter64();
    const bytes = arena.bytes[group >>> SLOT_SHIFT]!;
    const from = groups.groups.nameStart(group);
    const name = bytes.slice(from, from + groups.groups.nameLength(group));
    this.#out.command(7);
    this.#out.text('XGROUP');
    this.#out.text('CREATE');
    this.#out.bulk(key, 0, key.length);
    this.#out.bulk(name, 0, name.length);
    groups.loadLastId(group, id);
    this.#out.text(streamIdText(id));
    this.#out.text('ENTRIESREAD');
    groups.loadEntriesRead(group, counter);
    this.#out.text(BigInt.asIntN(64, counter.bigValue).toString());
    yield;
    for (let i = 0; i < groups.consumerCount(group); i++) {
      yield* this.#consumer(key, name, groups.consumerAt(group, i));
    }
  }

  *#consumer(key: Uint8Array, group: Uint8Array, consumer: number): Steps {
    const { arena, values } = this.#keyspace;
    const { groups, ids } = values.streams;
    const from = groups.consumers.nameStart(consumer);
    const bytes = arena.bytes[consumer >>> SLOT_SHIFT]!;
    const name = bytes.slice(from, from + groups.consumers.nameLength(consumer));
    const tree = groups.pendingOfConsumer(consumer);
    const out = this.#out;
    if (ids.count(tree) === 0) {
      out.command(5);
      out.text('XGROUP');
      out.text('CREATECONSUMER');
      for (const part of [key, group, name]) out.bulk(part, 0, part.length);
      yield;
      return;
    }
    const place = new IdTreeCursor();
    const id = new StreamId();
    const counter = new Counter64();
    for (let stands = ids.first(tree, place); stands; stands = ids.next(place)) {
      const pending = ids.valueAt(place);
      ids.idAt(place, id);
      this.#begin('XCLAIM', key, 10);
      out.bulk(group, 0, group.length);
      out.bulk(name, 0, name.length);
      out.text('0');
      out.text(streamIdText(id));
      out.text('TIME');
      out.integer(groups.pending.timeOf(pending));
      out.text('RETRYCOUNT');
      groups.pending.loadDeliveries(pending, counter);
      out.text(counter.bigValue.toString());
      out.text('JUSTID');
      out.text('FORCE');
      yield;
    }
  }
}
