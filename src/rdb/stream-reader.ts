// Reads a stream from an RdbInput, a part at a time: nodes, counters, groups with their pending
// entries and consumers, of any version of the format. Used by ValueReader. Everything is checked
// that a walk over the stream relies on.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { type Arena, NULL_REF, SLOT_SHIFT } from '../memory/arena.ts';
import { ENCODING_STREAM, TYPE_STREAM } from '../structures/entry.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { EMPTY_LISTPACK_BYTES } from '../structures/listpack.ts';
import type { Streams } from '../values/stream.ts';
import { Counter64 } from '../values/stream-counter.ts';
import { NODE_PREFIX_BYTES, StreamNodes } from '../values/stream-nodes.ts';
import type { BuiltValue } from './built-value.ts';
import { RDB_STREAM, RDB_STREAM_3, RDB_STREAM_4, RDB_STREAM_5 } from './format.ts';
import { soundListpackCount, soundStreamNodeCount } from './packed-checks.ts';
import { type RdbInput, RdbText } from './rdb-input.ts';

const ID_BYTES = 16;

const NODE_COUNT = 0;
const NODES = 1;
const COUNTERS = 2;
const GROUP = 3;
const GROUP_PENDING = 4;
const CONSUMER = 5;
const CONSUMER_PENDING = 6;
const GIVEN_BACK = 7;
const PRODUCTION = 8;
const PRODUCER = 9;
const PRODUCED = 10;
const PRODUCTION_END = 11;

export class StreamReader {
  readonly #keyspace: Keyspace;
  readonly #arena: Arena;
  readonly #streams: Streams;
  readonly #input: RdbInput;
  readonly #built: BuiltValue;
  readonly #text = new RdbText();
  readonly #nodeId = new StreamId();
  readonly #lastNodeId = new StreamId();
  readonly #id = new StreamId();
  readonly #first = new StreamId();
  readonly #deleted = new StreamId();
  readonly #counter = new Counter64();
  #type = RDB_STREAM;
  #isThorough = false;
  #step = NODE_COUNT;
  #stream = NULL_REF;
  /** Nodes, groups, pending entries or consumers that are still to come. */
  #nodes = 0;
  #groups = 0;
  #pending = 0;
  #consumers = 0;
  #hasNodes = false;
  /** Entries found in the nodes; pending entries of the group without a consumer. */
  #entries = 0;
  #unowned = 0;
  #group = NULL_REF;
  #consumer = NULL_REF;

  constructor(keyspace: Keyspace, input: RdbInput, built: BuiltValue) {
    this.#keyspace = keyspace;
    this.#arena = keyspace.arena;
    this.#streams = keyspace.values.streams;
    this.#input = input;
    this.#built = built;
  }

  begin(type: number, isThorough: boolean): void {
    this.#type = type;
    this.#isThorough = isThorough;
    this.#step = NODE_COUNT;
    this.#entries = 0;
  }

  /** Reads one part; see ValueReader for what it must hold to. @returns true at the end. */
  step(): boolean {
    switch (this.#step) {
      case NODE_COUNT:
        return this.#readNodeCount();
      case NODES:
        return this.#readNode();
      case COUNTERS:
        return this.#readCounters();
      case GROUP:
        return this.#readGroup();
      case GROUP_PENDING:
        return this.#readPending();
      case CONSUMER:
        return this.#readConsumer();
      case CONSUMER_PENDING:
        return this.#readConsumerPending();
      case GIVEN_BACK:
        return this.#readGivenBack();
      default:
        return this.#passProduction();
    }
  }

  #cannotGoOn(): boolean {
    return this.#input.isShort || this.#input.problem !== '';
  }

  #readNodeCount(): boolean {
    const count = this.#input.count();
    if (this.#cannotGoOn()) return false;
    this.#nodes = count;
    this.#hasNodes = false;
    this.#stream = this.#streams.create();
    this.#built.begin(TYPE_STREAM, ENCODING_STREAM, this.#stream);
    this.#step = count > 0 ? NODES : COUNTERS;
    return false;
  }

  #readNode(): boolean {
    const input = this.#input;
    const text = this.#text;
    input.string(text);
    if (this.#cannotGoOn()) return false;
    if (text.length !== ID_BYTES) {
      input.fail('Stream node key entry is not the size of a stream ID');
      return false;
    }
    loadRawId(text, this.#nodeId);
    const node = input.block(this.#arena, NODE_PREFIX_BYTES);
    if (this.#cannotGoOn() || node === NULL_REF) {
      // An integer in its place is too short for a listpack, as nothing is.
      if (!input.isShort) input.fail('Stream listpack integrity check failed.');
      return false;
    }
    if (this.#isThorough) this.#keyspace.sanitizedPayloads++;
    if (!this.#takeNode(node, input.blockLength)) this.#arena.free(node);
    return false;
  }

  /** @returns false when the node is not sound, and still the caller's. */
  #takeNode(node: number, length: number): boolean {
    const input = this.#input;
    const start = StreamNodes.startOf(node);
    const bytes = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    if (length === EMPTY_LISTPACK_BYTES && soundListpackCount(bytes, start, length) === 0) {
      input.fail('Empty listpack inside stream');
      return false;
    }
    const live = soundStreamNodeCount(bytes, start, length);
    if (live < 0) {
      input.fail('Stream listpack integrity check failed.');
      return false;
    }
    if (this.#hasNodes && this.#nodeId.compare(this.#lastNodeId) <= 0) {
      input.fail('Listpack re-added with existing key');
      return false;
    }
    this.#hasNodes = true;
    this.#lastNodeId.copyFrom(this.#nodeId);
    this.#entries += live;
    this.#streams.appendNode(this.#stream, this.#nodeId, node);
    if (--this.#nodes === 0) this.#step = COUNTERS;
    return true;
  }

  #readCounters(): boolean {
    const input = this.#input;
    const streams = this.#streams;
    const stream = this.#stream;
    const told = input.count();
    this.#readId(this.#id);
    const hasMore = this.#type !== RDB_STREAM;
    if (hasMore) {
      this.#readId(this.#first);
      this.#readId(this.#deleted);
      this.#readCounter();
    }
    const groups = input.count();
    if (this.#cannotGoOn()) return false;
    if (told > 0 && !this.#hasNodes) {
      input.fail('Stream length inconsistent with rax entries');
      return false;
    }
    // Early versions of XTRIM counted wrongly, and what they wrote is loaded by Redis, too.
    const length = this.#entries;
    streams.setLength(stream, length);
    streams.setLastId(stream, this.#id);
    if (hasMore) {
      streams.setMaxDeletedId(stream, this.#deleted);
      streams.setEntriesAdded(stream, this.#counter);
      streams.setFirstId(stream, this.#first);
    } else {
      this.#counter.set(length);
      streams.setEntriesAdded(stream, this.#counter);
      streams.updateFirstId(stream);
    }
    this.#groups = groups;
    this.#step = GROUP;
    return groups === 0 && this.#endGroups();
  }

  /** @returns true when nothing follows the groups */
  #endGroups(): boolean {
    this.#step = PRODUCTION;
    return this.#type < RDB_STREAM_4;
  }

  #readId(id: StreamId): void {
    const input = this.#input;
    input.count();
    const { high, low } = input;
    input.count();
    id.set(high, low, input.high, input.low);
  }

  #readCounter(): void {
    this.#input.count();
    this.#counter.high = this.#input.high;
    this.#counter.low = this.#input.low;
  }

  #readGroup(): boolean {
    const input = this.#input;
    const text = this.#text;
    const { groups, progress } = this.#streams;
    input.string(text);
    this.#readId(this.#id);
    if (this.#type !== RDB_STREAM) this.#readCounter();
    const pending = input.count();
    if (this.#cannotGoOn()) return false;
    const { bytes, offset, length } = text;
    if (groups.findGroup(this.#stream, bytes, offset, length) !== NULL_REF) {
      input.fail(`Duplicated consumer group name ${text}`);
      return false;
    }
    if (this.#type === RDB_STREAM) {
      progress.estimateRead(this.#stream, this.#id, this.#counter);
      groups.findGroup(this.#stream, bytes, offset, length);
    }
    this.#group = groups.createGroup(this.#stream, bytes, offset, length, this.#id, this.#counter);
    this.#pending = pending;
    this.#unowned = pending;
    this.#step = GROUP_PENDING;
    return false;
  }

  #readPending(): boolean {
    const input = this.#input;
    const { groups, ids } = this.#streams;
    if (this.#pending === 0) {
      const consumers = input.count();
      if (this.#cannotGoOn()) return false;
      this.#consumers = consumers;
      this.#step = CONSUMER;
      return false;
    }
    input.raw(ID_BYTES, this.#text);
    const timeMs = input.int64();
    this.#readCounter();
    if (this.#cannotGoOn()) return false;
    loadRawId(this.#text, this.#id);
    if (ids.find(groups.pendingOfGroup(this.#group), this.#id) !== NULL_REF) {
      input.fail('Duplicated global PEL entry loading stream consumer group');
      return false;
    }
    const pending = groups.addPending(this.#group, this.#id, timeMs);
    groups.pending.storeDeliveries(pending, this.#counter);
    this.#pending--;
    return false;
  }

  #readConsumer(): boolean {
    const input = this.#input;
    const text = this.#text;
    const { groups } = this.#streams;
    if (this.#consumers === 0) {
      // Those that were given back are told of behind the consumers.
      if (this.#unowned > 0 && this.#type < RDB_STREAM_5) {
        input.fail('Stream CG PEL entry without consumer');
        return false;
      }
      this.#step = this.#type >= RDB_STREAM_5 ? GIVEN_BACK : GROUP;
      return this.#step === GROUP && --this.#groups === 0 && this.#endGroups();
    }
    input.string(text);
    const seenMs = input.int64();
    const activeMs = this.#type >= RDB_STREAM_3 ? input.int64() : seenMs;
    const pending = input.count();
    if (this.#cannotGoOn()) return false;
    const { bytes, offset, length } = text;
    if (groups.findConsumer(this.#group, bytes, offset, length) !== NULL_REF) {
      input.fail('Duplicate stream consumer detected.');
      return false;
    }
    this.#consumer = groups.createConsumer(this.#group, bytes, offset, length, seenMs);
    groups.setActiveTime(this.#consumer, activeMs);
    this.#pending = pending;
    this.#consumers--;
    if (pending > 0) this.#step = CONSUMER_PENDING;
    return false;
  }

  #readConsumerPending(): boolean {
    const input = this.#input;
    const { groups, ids } = this.#streams;
    input.raw(ID_BYTES, this.#text);
    if (this.#cannotGoOn()) return false;
    loadRawId(this.#text, this.#id);
    const pending = ids.find(groups.pendingOfGroup(this.#group), this.#id);
    if (pending === NULL_REF) {
      input.fail('Consumer entry not found in group global PEL');
      return false;
    }
    if (groups.pending.consumerOf(pending) !== NULL_REF) {
      input.fail('Duplicated consumer PEL entry loading a stream consumer group');
      return false;
    }
    groups.assign(pending, this.#consumer, this.#id);
    this.#unowned--;
    if (--this.#pending === 0) this.#step = CONSUMER;
    return false;
  }

  /** Pending entries that no consumer has any more: there is no place for them here. */
  #readGivenBack(): boolean {
    const input = this.#input;
    const count = input.count();
    if (this.#cannotGoOn()) return false;
    if (count > 0) {
      input.fail('Stream with pending entries that were given back (XNACK) cannot be loaded');
    } else if (this.#unowned > 0) input.fail('Stream CG PEL entry without consumer');
    this.#step = GROUP;
    return --this.#groups === 0 && this.#endGroups();
  }

  /**
   * Passes over what producers have sent (XADD IDMP), which is only there to find out what is sent
   * again: duration and number of IDs that are kept, producers with their IDs, two counters.
   */
  #passProduction(): boolean {
    const input = this.#input;
    switch (this.#step) {
      case PRODUCTION: {
        input.count();
        input.count();
        const producers = input.count();
        if (this.#cannotGoOn()) return false;
        this.#consumers = producers;
        this.#step = PRODUCER;
        return false;
      }
      case PRODUCER: {
        if (this.#consumers === 0) {
          this.#step = PRODUCTION_END;
          return false;
        }
        input.string(this.#text);
        const produced = input.count();
        if (this.#cannotGoOn()) return false;
        this.#consumers--;
        this.#pending = produced;
        if (produced > 0) this.#step = PRODUCED;
        return false;
      }
      case PRODUCED:
        input.string(this.#text);
        this.#readId(this.#id);
        if (!this.#cannotGoOn() && --this.#pending === 0) this.#step = PRODUCER;
        return false;
      default:
        input.count();
        input.count();
        return !this.#cannotGoOn();
    }
  }
}

/** Reads an ID of 16 bytes, highest first. */
function loadRawId({ bytes, offset }: RdbText, id: StreamId): void {
  id.set(
    wordAt(bytes, offset),
    wordAt(bytes, offset + 4),
    wordAt(bytes, offset + 8),
    wordAt(bytes, offset + 12),
  );
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
