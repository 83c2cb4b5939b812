// Writes a stream into an RdbOutput in steps: the listpacks of its nodes, its counters, and its
// groups with their pending entries and consumers. Used by ValueWriter.

import { type Arena, SLOT_SHIFT } from '../memory/arena.ts';
import { IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import type { Streams } from '../values/stream.ts';
import { Counter64 } from '../values/stream-counter.ts';
import type { StreamNames } from '../values/stream-names.ts';
import { StreamNodes } from '../values/stream-nodes.ts';
import { STREAM_COUNTER_WORDS } from '../values/stream-root.ts';
import type { RdbOutput } from './rdb-output.ts';

const STREAM_ID_BYTES = 16;
const LAST_ID_WORDS = 4;

// What comes next.
const NODES = 0;
const GROUP_PENDING = 1;
const CONSUMER_PENDING = 2;

export class StreamWriter {
  readonly #arena: Arena;
  readonly #streams: Streams;
  readonly #output: RdbOutput;
  readonly #place = new IdTreeCursor();
  readonly #id = new StreamId();
  readonly #counter = new Counter64();
  readonly #counters = new Int32Array(STREAM_COUNTER_WORDS);
  #stream = 0;
  #isOld = false;
  #step = NODES;
  #hasMore = false;
  #group = 0;
  #consumer = 0;

  constructor(arena: Arena, streams: Streams, output: RdbOutput) {
    this.#arena = arena;
    this.#streams = streams;
    this.#output = output;
  }

  /** @param isOld whether it is written as Redis before 7.0 knows it: without some counters. */
  begin(stream: number, isOld = false): void {
    this.#isOld = isOld;
    this.#stream = stream;
    this.#step = NODES;
    this.#group = -1;
  }

  /** Writes about `budget` parts. @returns true when the stream is complete. */
  writeSome(budget: number): boolean {
    let left = budget;
    if (this.#group < 0) {
      this.#output.length(this.#streams.ids.count(this.#stream));
      this.#hasMore = this.#streams.ids.first(this.#stream, this.#place);
      this.#group = 0;
    }
    while (left > 0) {
      if (!this.#hasMore) {
        if (this.#advance()) return true;
        left--;
        continue;
      }
      if (this.#step === NODES) this.#writeNode();
      else this.#writePending();
      this.#hasMore = this.#streams.ids.next(this.#place);
      left--;
    }
    return false;
  }

  /** Goes on to what follows a complete list. @returns true when nothing does. */
  #advance(): boolean {
    const { groups } = this.#streams;
    if (this.#step === NODES) this.#writeCounters();
    else if (this.#step === GROUP_PENDING) {
      const group = groups.groupAt(this.#stream, this.#group);
      this.#output.length(groups.consumerCount(group));
      this.#consumer = 0;
      this.#step = CONSUMER_PENDING;
      return this.#beginConsumer();
    } else {
      this.#consumer++;
      return this.#beginConsumer();
    }
    return this.#beginGroup();
  }

  #beginGroup(): boolean {
    const { groups, ids } = this.#streams;
    if (this.#group >= groups.groupCount(this.#stream)) return true;
    const group = groups.groupAt(this.#stream, this.#group);
    this.#writeName(groups.groups, group);
    groups.loadLastId(group, this.#id);
    this.#writeId();
    if (!this.#isOld) {
      groups.loadEntriesRead(group, this.#counter);
      this.#writeCounter();
    }
    const tree = groups.pendingOfGroup(group);
    this.#output.length(ids.count(tree));
    this.#step = GROUP_PENDING;
    this.#hasMore = ids.first(tree, this.#place);
    return false;
  }

  #beginConsumer(): boolean {
    const { groups, ids } = this.#streams;
    const group = groups.groupAt(this.#stream, this.#group);
    if (this.#consumer >= groups.consumerCount(group)) {
      this.#group++;
      return this.#beginGroup();
    }
    const consumer = groups.consumerAt(group, this.#consumer);
    this.#writeName(groups.consumers, consumer);
    this.#output.int64(groups.seenTimeOf(consumer));
    const tree = groups.pendingOfConsumer(consumer);
    this.#output.length(ids.count(tree));
    this.#hasMore = ids.first(tree, this.#place);
    return false;
  }

  #writeNode(): void {
    const { ids, nodes } = this.#streams;
    const node = ids.valueAt(this.#place);
    ids.idAt(this.#place, this.#id);
    this.#output.length(STREAM_ID_BYTES);
    this.#writeRawId();
    if (nodes.isDense(node)) {
      const length = nodes.loadListpack(node, this.#id);
      this.#output.string(nodes.listpack, 0, length);
      return;
    }
    const bytes = this.#arena.bytes[node >>> SLOT_SHIFT]!;
    this.#output.string(bytes, StreamNodes.startOf(node), nodes.byteLength(node));
  }

  #writeCounters(): void {
    const streams = this.#streams;
    const stream = this.#stream;
    this.#output.length(streams.length(stream));
    const counters = this.#counters;
    streams.loadCounters(stream, counters);
    const count = this.#isOld ? LAST_ID_WORDS : counters.length;
    for (let i = 0; i < count; i += 2) this.#output.length64(counters[i]!, counters[i + 1]!);
    this.#output.length(streams.groups.groupCount(stream));
  }

  /** A pending entry: of a group with its time and count, of a consumer its ID alone. */
  #writePending(): void {
    const { ids, groups } = this.#streams;
    ids.idAt(this.#place, this.#id);
    this.#writeRawId();
    if (this.#step === CONSUMER_PENDING) return;
    const pending = ids.valueAt(this.#place);
    this.#output.int64(groups.pending.timeOf(pending));
    groups.pending.loadDeliveries(pending, this.#counter);
    this.#writeCounter();
  }

  #writeName(names: StreamNames, block: number): void {
    const bytes = this.#arena.bytes[block >>> SLOT_SHIFT]!;
    this.#output.string(bytes, names.nameStart(block), names.nameLength(block));
  }

  #writeId(): void {
    this.#output.length64(this.#id.msHigh, this.#id.msLow);
    this.#output.length64(this.#id.seqHigh, this.#id.seqLow);
  }

  #writeCounter(): void {
    this.#output.length64(this.#counter.high, this.#counter.low);
  }

  #writeRawId(): void {
    const { msHigh, msLow, seqHigh, seqLow } = this.#id;
    this.#output.streamId(msHigh, msLow, seqHigh, seqLow);
  }
}
