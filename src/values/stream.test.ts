import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, SLOT_SHIFT } from '../memory/arena.ts';
import { TYPE_STREAM, valueWordOf } from '../structures/entry.ts';
import { IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { Listpacks } from '../structures/listpack.ts';
import { EncodingLimits } from './encoding-limits.ts';
import { createLoose } from './loose-value.ts';
import { Streams } from './stream.ts';
import { Counter64 } from './stream-counter.ts';
import { StreamCursor } from './stream-cursor.ts';
import { StreamIdReader, streamIdText } from './stream-id-text.ts';
import { StreamNodes } from './stream-nodes.ts';
import { radixNodeCount } from './stream-radix.ts';
import { StreamTrim, TRIM_BY_ID, TRIM_BY_LENGTH } from './stream-trim.ts';

type Entry = readonly [id: string, ...texts: string[]];

function idOf(text: string): StreamId {
  const id = new StreamId();
  const bytes = Buffer.from(text);
  expect(new StreamIdReader().read(bytes, 0, bytes.length, id, 0, 0)).toBe(1);
  return id;
}

/** Streams of an arena of their own, and one stream. */
class Bench {
  readonly arena = new Arena({ debug: true });
  readonly limits = new EncodingLimits();
  readonly streams = new Streams(this.arena, new Listpacks(this.arena), this.limits);
  readonly stream = this.streams.create();

  append(stream: number, [id, ...texts]: Entry): void {
    const buffers = texts.map((text) => Buffer.from(text, 'latin1'));
    const bytes = Buffer.concat(buffers);
    const lengths = Int32Array.from(buffers, (buffer) => buffer.length);
    const offsets = new Int32Array(buffers.length);
    for (let i = 1; i < offsets.length; i++) offsets[i] = offsets[i - 1]! + lengths[i - 1]!;
    const fields = texts.length / 2;
    this.streams.append(stream, idOf(id), bytes, offsets, lengths, 0, fields, bytes.length);
  }

  read(stream: number, from: string, to: string, isReverse: boolean): Entry[] {
    const cursor = new StreamCursor(this.arena, this.streams.ids);
    const found: Entry[] = [];
    const text = (): string =>
      Buffer.from(cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length)).toString(
        'latin1',
      );
    cursor.start(stream, idOf(from), idOf(to), isReverse);
    while (cursor.next()) {
      const texts: string[] = [];
      // Some entries are passed over, others read in part: the walk must go on all the same.
      const fields = found.length % 5 === 4 ? 0 : cursor.fieldCount;
      for (let i = 0; i < fields; i++) {
        cursor.readField();
        texts.push(text());
        cursor.readValue();
        texts.push(text());
      }
      found.push([streamIdText(cursor.id), ...texts]);
    }
    return found;
  }

  /** Frees the stream and whatever entries of keys hold. @returns what the arena still holds. */
  leaks(...entries: number[]): string[] {
    const own = createLoose(this.arena, TYPE_STREAM, 10, this.stream);
    for (const ref of [own, ...entries]) {
      this.streams.free(ref);
      this.arena.free(ref);
    }
    return this.arena.leaks();
  }
}

/** Of a stream of more than 1,024 nodes. */
const SEGMENT_BYTES = 262144;
const MAX = '18446744073709551615-18446744073709551615';

/** What `read` gives of entries: every fifth without its texts. */
const shown = (entries: readonly Entry[]): Entry[] =>
  entries.map((entry, i) => (i % 5 === 4 ? [entry[0]] : entry));

const order = (text: string): bigint => {
  const [ms = '0', seq = '0'] = text.split('-');
  return (BigInt(ms) << 64n) | BigInt(seq);
};

const texts = fc.oneof(
  fc.constantFrom('f', 'field', '12', '', '-7', '9223372036854775807', '100000', 'x'.repeat(70)),
  fc.string({ unit: 'binary-ascii', maxLength: 12 }),
);
const pairs = fc.oneof(
  { weight: 3, arbitrary: texts.map((value) => ['field', value]) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.tuple(texts, texts), { minLength: 1, maxLength: 4 })
      .map((all) => all.flat()),
  },
);
const gap = fc.oneof(
  fc.constantFrom('0-1', '0-1', '1-0', '0-300', '40000-0'),
  fc.constantFrom('9007199254740993-0', '0-9223372036854775809', '4294967296-4294967295'),
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant('append' as const), pairs, gap) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('delete' as const), fc.nat(), fc.constant('')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('length' as const), fc.nat(30), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('minId' as const), fc.nat(), fc.boolean()) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('range' as const), fc.nat(), fc.nat()) },
);

/** A later ID by two differences, or the same when there is none. */
function later(id: string, difference: string): string {
  const [ms = '0', seq = '0'] = id.split('-').map(String);
  const [moreMs = '0', moreSeq = '0'] = difference.split('-');
  const newMs = BigInt(ms) + BigInt(moreMs);
  const newSeq = newMs === BigInt(ms) ? BigInt(seq) + BigInt(moreSeq) : BigInt(moreSeq);
  return newMs >> 64n > 0n || newSeq >> 64n > 0n ? id : `${newMs}-${newSeq}`;
}

describe('Streams', () => {
  it('agree with a list of entries', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.constantFrom(1, 2, 3, 7, 0),
        fc.constantFrom(0, 90, 4096),
        (steps, maxEntries, maxBytes) => {
          const bench = new Bench();
          const { stream, streams } = bench;
          bench.limits.streamNodeMaxEntries = maxEntries;
          bench.limits.streamNodeMaxBytes = maxBytes;
          let model: Entry[] = [];
          let last = '5-5';
          for (const [kind, a, b] of steps) {
            if (kind === 'append') {
              const id = later(last, b);
              if (id === last) continue;
              last = id;
              model.push([id, ...a]);
              bench.append(stream, [id, ...a]);
            } else if (kind === 'delete') {
              const at = a % (model.length + 1);
              const id = model[at]?.[0] ?? '0-1';
              expect(streams.delete(stream, idOf(id))).toBe(at < model.length);
              model.splice(at, 1);
              streams.updateFirstId(stream);
            } else if (kind === 'length' || kind === 'minId') {
              const trim = new StreamTrim();
              trim.isApproximate = b;
              const minId = model[a % (model.length + 1)]?.[0] ?? last;
              trim.strategy = kind === 'length' ? TRIM_BY_LENGTH : TRIM_BY_ID;
              trim.maxLength = a;
              trim.minId.copyFrom(idOf(minId));
              const wanted =
                kind === 'length'
                  ? Math.max(0, model.length - a)
                  : model.filter(([id]) => order(id) < order(minId)).length;
              const deleted = streams.trim(stream, trim);
              if (b) expect(deleted).toBeLessThanOrEqual(wanted);
              else expect(deleted).toBe(wanted);
              model = model.slice(deleted);
            } else {
              const from = model[a % (model.length + 1)]?.[0] ?? '5';
              const to = model[b % (model.length + 1)]?.[0] ?? last;
              const inside = model.filter(
                ([id]) => order(id) >= order(from) && order(id) <= order(to),
              );
              expect(bench.read(stream, from, to, false)).toEqual(shown(inside));
              expect(bench.read(stream, from, to, true)).toEqual(shown(inside.reverse()));
            }
            expect(streams.length(stream)).toBe(model.length);
            const first = new StreamId();
            streams.loadFirstId(stream, first);
            expect(streamIdText(first)).toBe(model[0]?.[0] ?? '0-0');
          }
          const source = createLoose(bench.arena, TYPE_STREAM, 10, stream);
          const copy = createLoose(bench.arena, TYPE_STREAM, 10, streams.copy(source));
          const copied = valueWordOf(bench.arena, copy);
          bench.arena.free(source);
          expect(bench.read(stream, '0', MAX, false)).toEqual(shown(model));
          expect(bench.read(copied, '0', MAX, false)).toEqual(shown(model));
          expect(streams.length(copied)).toBe(model.length);
          expect(bench.leaks(copy)).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('writes nodes as Redis 7.0.15 does', () => {
    const bench = new Bench();
    const add = (id: string, ...pairs: string[]): void =>
      bench.append(bench.stream, [id, ...pairs]);
    add('1526919030474-55', 'field', '1', '12', 'hello');
    add('1526919030474-56', 'field', '-5', '12', '9223372036854775807');
    add('1526919030480-0', 'field', '4095', '12', '');
    add('1526919031000-18446744073709551615', 'other', '100000', '12', 'x', '3', '4');
    add('1526919095000-7', 'field', 'a'.repeat(70), '12', '-40000');
    add('9999999999999999-7', 'field', 'x', '12', '8388607');
    add('18446744073709551615-3', 'f', 'x');
    expect(bench.streams.delete(bench.stream, idOf('1526919030480-0'))).toBe(true);
    const place = new IdTreeCursor();
    bench.streams.ids.first(bench.stream, place);
    const node = bench.streams.ids.valueAt(place);
    const start = StreamNodes.startOf(node);
    const bytes = bench.arena.bytes[node >>> SLOT_SHIFT]!;
    const hex = Buffer.from(bytes).toString(
      'hex',
      start,
      start + bench.streams.nodes.byteLength(node),
    );
    // Out of what DUMP of the real server gave, rdbcompression no.
    const recorded =
      'f90000003600060101010201856669656c64060c01000102010001000101018568656c6c6f060501' +
      '020100010101dffb02f4ffffffffffffff7f09050103010601dfc902cfff02800105010001c20e02' +
      'dfc8020301856f7468657206f2a08601040c01817802030104010a010201f20efc0004dfd002e046' +
      '61616161616161616161616161616161616161616161616161616161616161616161616161616161' +
      '61616161616161616161616161616161616161616161616161616161616148f2c063ff0405010201' +
      'f4359949ec8e85230009dfd002817802f2ffff7f0405010001f43599887c9cfeffff09dfcc020101' +
      '8166028178020601ff';
    expect(hex).toBe(recorded);
    expect(bench.leaks()).toEqual([]);
  });

  it('packs the nodes of a long stream, and lets go of segments that are nearly empty', () => {
    const bench = new Bench();
    const { stream, streams } = bench;
    bench.limits.streamNodeMaxEntries = 2;
    const count = 3000;
    for (let i = 1; i <= count; i++) bench.append(stream, [`${i}-0`, 'f', 'v'.repeat(50)]);
    const ref = createLoose(bench.arena, TYPE_STREAM, 10, stream);
    const full = streams.usedBytes(ref, 0);
    expect(bench.arena.usedBytes).toBeLessThan(full + SEGMENT_BYTES);
    expect(Math.abs(streams.usedBytes(ref, 20) - full)).toBeLessThan(full / 10);
    // The last node goes, and the one before, which is packed, grows again.
    for (const i of [count, count - 1]) expect(streams.delete(stream, idOf(`${i}-0`))).toBe(true);
    bench.limits.streamNodeMaxEntries = 9;
    for (let i = 1; i <= 20; i++) bench.append(stream, [`${count + i}-0`, 'g', 'w']);
    expect(bench.read(stream, `${count - 3}`, MAX, false)).toHaveLength(22);
    // Of each fifty nodes one stays.
    for (let i = 1; i < count - 1; i++) {
      if (i % 100 > 2) expect(streams.delete(stream, idOf(`${i}-0`))).toBe(true);
    }
    const left = (count / 100) * 3 - 1 + 20;
    expect(streams.length(stream)).toBe(left);
    // The segment that new nodes go to stays.
    expect(bench.arena.usedBytes).toBeLessThan(SEGMENT_BYTES + full / 10);
    expect(bench.read(stream, '0', MAX, true)).toHaveLength(left);
    bench.arena.free(ref);
    expect(bench.leaks()).toEqual([]);
  });

  it('frees in slices, and copies groups', () => {
    const bench = new Bench();
    const { arena, stream, streams } = bench;
    const { groups } = streams;
    bench.limits.streamNodeMaxEntries = 3;
    for (let i = 1; i <= 60; i++) bench.append(stream, [`${i}-0`, 'f', 'v']);
    const unread = new Counter64();
    unread.set(-1);
    for (const name of ['b', 'a', 'longer name']) {
      const bytes = Buffer.from(name);
      expect(groups.findGroup(stream, bytes, 0, bytes.length)).toBe(0);
      const group = groups.createGroup(stream, bytes, 0, bytes.length, idOf('3-0'), unread);
      for (let i = 1; i <= 40; i++) {
        const text = Buffer.from(`consumer ${i % 7}`);
        const found = groups.findConsumer(group, text, 0, text.length);
        const consumer = found || groups.createConsumer(group, text, 0, text.length, 1000);
        groups.deliver(group, consumer, idOf(`${i}-0`), 2000 + i);
      }
    }
    const source = createLoose(arena, TYPE_STREAM, 10, stream);
    const before = arena.usedBytes;
    const root = streams.copy(source);
    const names = [0, 1, 2].map((i) => {
      const group = groups.groupAt(root, i);
      expect(streams.ids.count(groups.pendingOfGroup(group))).toBe(40);
      expect(groups.consumerCount(group)).toBe(7);
      const start = groups.groups.nameStart(group);
      const bytes = Buffer.from(arena.bytes[group >>> SLOT_SHIFT]!);
      return bytes.toString('latin1', start, start + groups.groups.nameLength(group));
    });
    expect(names).toEqual(['a', 'b', 'longer name']);
    const group = groups.groupAt(root, 1);
    const pending = streams.ids.find(groups.pendingOfGroup(group), idOf('11-0'));
    expect(groups.pending.timeOf(pending)).toBe(2011);
    expect(groups.acknowledge(group, idOf('11-0'))).toBe(true);
    expect(groups.acknowledge(group, idOf('11-0'))).toBe(false);
    expect(streams.freeEffort(source)).toBe(20 + 3 * 47);
    let left = root;
    let slices = 0;
    while (left !== 0) {
      left = streams.freeSome(10, left, 10);
      slices++;
    }
    expect(slices).toBeGreaterThan(13);
    expect(arena.usedBytes).toBe(before);
    arena.free(source);
    expect(bench.leaks()).toEqual([]);
  });

  it('counts the nodes that a radix tree would have', () => {
    const bench = new Bench();
    const { stream, streams } = bench;
    bench.limits.streamNodeMaxEntries = 1;
    const place = new IdTreeCursor();
    const count = (): number =>
      radixNodeCount(streams.ids, stream, place, new StreamId(), new StreamId());
    expect(count()).toBe(1);
    // radix-tree-nodes of XINFO STREAM of the real server after each XADD.
    const recorded: [string, number][] = [
      ['1-1', 2],
      ['1-2', 4],
      ['1-256', 7],
      ['1-257', 8],
      ['1-65536', 11],
      ['2-0', 15],
      ['256-1', 18],
      ['256-4294967296', 22],
      ['257-0', 25],
      ['1526919030474-0', 29],
      ['1526919030474-55', 31],
      ['1526919030475-0', 35],
      ['18446744073709551615-1', 38],
      ['18446744073709551615-18446744073709551615', 42],
    ];
    for (const [id, nodes] of recorded) {
      bench.append(stream, [id, 'f', 'v']);
      expect([id, count()]).toEqual([id, nodes]);
    }
    expect(bench.leaks()).toEqual([]);
  });
});

describe('stream IDs as text', () => {
  const read = (text: string, form: number): string => {
    const id = new StreamId();
    const bytes = Buffer.from(text, 'latin1');
    const found = new StreamIdReader().read(bytes, 0, bytes.length, id, 0, form);
    return found === 0 ? 'invalid' : `${streamIdText(id)}${found === 2 ? ' open' : ''}`;
  };

  it('reads and writes every number of 64 bits', () => {
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(number, number, (ms, seq) => {
        expect(read(`${ms}-${seq}`, 0)).toBe(`${ms}-${seq}`);
      }),
    );
  });

  it('takes what strtoull takes', () => {
    // Recorded: what XADD of the real server makes of them.
    const recorded: readonly (readonly [string, string])[] = [
      ['1-1', '1-1'],
      ['1', '1-0'],
      ['1-', 'invalid'],
      ['-1', 'invalid'],
      ['1-+5', '1-5'],
      ['1- 5', '1-5'],
      [' 5', '5-0'],
      ['+5-1', '5-1'],
      ['1--1', 'invalid'],
      ['1--01', '1-18446744073709551615'],
      ['01-1', '1-1'],
      ['1-01', '1-1'],
      ['1-1-1', 'invalid'],
      ['18446744073709551615-18446744073709551615', '18446744073709551615-18446744073709551615'],
      ['18446744073709551616', 'invalid'],
      ['1--9223372036854775808', 'invalid'],
      ['1--9223372036854775809', '1-9223372036854775807'],
      ['-', 'invalid'],
      ['+', 'invalid'],
      ['', 'invalid'],
    ];
    for (const [text, expected] of recorded)
      expect([text, read(text, 0)]).toEqual([text, expected]);
    expect(read('1-1\0x', 0)).toBe('1-1');
    expect(read(`1${' '.repeat(127)}`, 0)).toBe('invalid');
    expect(read('-', 1)).toBe('0-0');
    expect(read('+', 1)).toBe(MAX);
    expect(read('5-*', 0)).toBe('invalid');
    expect(read('5-*', 2)).toBe('5-0 open');
  });
});
