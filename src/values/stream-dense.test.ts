import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, SLOT_SHIFT } from '../memory/arena.ts';
import { TYPE_STREAM } from '../structures/entry.ts';
import { IdTreeCursor } from '../structures/id-tree.ts';
import { StreamId } from '../structures/id-tree-id.ts';
import { Listpacks } from '../structures/listpack.ts';
import { EncodingLimits } from './encoding-limits.ts';
import { createLoose } from './loose-value.ts';
import { Streams } from './stream.ts';
import { StreamCursor } from './stream-cursor.ts';
import { StreamDensePacker } from './stream-dense-packer.ts';
import { StreamDenseUnpacker } from './stream-dense-unpacker.ts';
import { StreamIdReader, streamIdText } from './stream-id-text.ts';
import { StreamNodes } from './stream-nodes.ts';

interface Entry {
  readonly id: string;
  readonly texts: readonly string[];
}

function idOf(text: string): StreamId {
  const id = new StreamId();
  const bytes = Buffer.from(text);
  expect(new StreamIdReader().read(bytes, 0, bytes.length, id, 0, 0)).toBe(1);
  return id;
}

/** A stream of one node, which can be sealed. */
class Bench {
  readonly arena = new Arena({ debug: true });
  readonly limits = new EncodingLimits();
  readonly streams = new Streams(this.arena, new Listpacks(this.arena), this.limits);
  readonly stream = this.streams.create();
  readonly #place = new IdTreeCursor();
  readonly nodeId = new StreamId();

  constructor(entries: readonly Entry[]) {
    this.limits.streamNodeMaxEntries = 0;
    this.limits.streamNodeMaxBytes = 0;
    for (const entry of entries) this.append(entry);
  }

  append({ id, texts }: Entry): void {
    const buffers = texts.map((text) => Buffer.from(text, 'latin1'));
    const bytes = Buffer.concat(buffers);
    const lengths = Int32Array.from(buffers, (buffer) => buffer.length);
    const offsets = new Int32Array(buffers.length);
    for (let i = 1; i < offsets.length; i++) offsets[i] = offsets[i - 1]! + lengths[i - 1]!;
    const fields = texts.length / 2;
    this.streams.append(this.stream, idOf(id), bytes, offsets, lengths, 0, fields, bytes.length);
  }

  get node(): number {
    this.streams.ids.last(this.stream, this.#place);
    this.streams.ids.idAt(this.#place, this.nodeId);
    return this.streams.ids.valueAt(this.#place);
  }

  seal(): void {
    const sealed = this.streams.nodes.seal(this.stream, this.node, this.nodeId);
    this.streams.ids.setValueAt(this.#place, sealed);
  }

  /** The node's listpack, of either form. */
  get listpack(): string {
    const { nodes } = this.streams;
    const { node } = this;
    const length = nodes.byteLength(node);
    if (nodes.isDense(node)) {
      expect(nodes.loadListpack(node, this.nodeId)).toBe(length);
      return Buffer.from(nodes.listpack.subarray(0, length)).toString('hex');
    }
    const start = StreamNodes.startOf(node);
    const bytes = this.arena.bytes[node >>> SLOT_SHIFT]!;
    return Buffer.from(bytes.subarray(start, start + length)).toString('hex');
  }

  read(isReverse: boolean, skip: number): Entry[] {
    const cursor = new StreamCursor(this.arena, this.streams.ids);
    const text = (): string =>
      Buffer.from(cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length)).toString(
        'latin1',
      );
    const found: Entry[] = [];
    cursor.startAll(this.stream, isReverse, false);
    for (let i = 0; cursor.next(); i++) {
      const texts: string[] = [];
      const fields = skip > 0 && i % skip === 0 ? cursor.fieldCount >> 1 : cursor.fieldCount;
      for (let field = 0; field < fields; field++) {
        cursor.readField();
        texts.push(text());
        cursor.readValue();
        texts.push(text());
      }
      found.push({ id: streamIdText(cursor.id), texts });
    }
    return found;
  }

  leaks(): string[] {
    const own = createLoose(this.arena, TYPE_STREAM, 10, this.stream);
    this.streams.free(own);
    this.arena.free(own);
    return this.arena.leaks();
  }
}

const integers = fc.oneof(
  fc.integer({ min: -600, max: 1400 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc
    .tuple(fc.constantFrom(15n, 23n, 31n, 46n, 47n, 52n, 53n), fc.integer({ min: -3, max: 3 }))
    .map(([bits, more]) => 2n ** bits + BigInt(more)),
);
const texts = fc.oneof(
  { weight: 4, arbitrary: integers.map(String) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3000 }).map((n) => `value:${n + 1e9}`) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2000 }).map((n) => `job:${n}`) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(31, 62, 126, 254, 300, 4090), fc.nat(6), fc.nat(40))
      .map(([length, more, own]) => 'x'.repeat(length + more) + 'y'.repeat(own)),
  },
);
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.constant<readonly [number, number]>([0, 1]) },
  { weight: 3, arbitrary: fc.constant<readonly [number, number]>([1, -1]) },
  { weight: 2, arbitrary: fc.constantFrom<readonly [number, number]>([1, 0], [5, 0], [16, 3]) },
  { weight: 2, arbitrary: fc.constantFrom<readonly [number, number]>([0, 16], [0, 17], [17, 7]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<readonly [number, number]>([300, -1], [70_000, 0], [0, 1e6]),
  },
);
/** Entries of a node: most with the fields of the first, some with others. */
const nodes = fc
  .tuple(
    fc.constantFrom('1526919030474-55', '0-1', '1700000000000-0', '4294967295-3'),
    fc.integer({ min: 1, max: 5 }),
    fc.array(
      fc.tuple(steps, fc.array(texts, { minLength: 6, maxLength: 6 }), fc.integer({ max: 9 })),
      { minLength: 1, maxLength: 40 },
    ),
  )
  .map(([first, fields, rows]) => {
    let [ms, seq] = first.split('-').map(Number) as [number, number];
    return rows.map(([[msStep, seqStep], values, kind], row): Entry => {
      if (row > 0) {
        ms += msStep;
        // -1: as it was.
        seq = msStep > 0 ? (seqStep < 0 ? seq : seqStep) : seq + seqStep;
      }
      const isOwn = kind > 7 && row > 0;
      const count = isOwn ? (kind % 3) + 1 : fields;
      const name = (i: number): string => (isOwn ? values[5]! : `field${i}`);
      const texts = values.slice(0, count).flatMap((value, i) => [name(i), value]);
      return { id: `${ms}-${seq}`, texts };
    });
  });

describe('the dense form of a stream node', () => {
  it('is read as the listpack is, and gives it back', () => {
    let denseCount = 0;
    fc.assert(
      fc.property(nodes, fc.array(fc.nat(), { maxLength: 5 }), fc.nat(3), (entries, gone, skip) => {
        const loose = new Bench(entries);
        const dense = new Bench(entries);
        dense.seal();
        const isDense = dense.streams.nodes.isDense(dense.node);
        if (isDense) denseCount++;
        expect(dense.listpack).toBe(loose.listpack);
        for (const at of gone) {
          const { id } = entries[at % entries.length]!;
          if (loose.streams.length(loose.stream) === 1) break;
          const isThere = loose.streams.delete(loose.stream, idOf(id));
          expect(dense.streams.delete(dense.stream, idOf(id))).toBe(isThere);
        }
        expect(dense.streams.nodes.isDense(dense.node)).toBe(isDense);
        expect(dense.listpack).toBe(loose.listpack);
        for (const isReverse of [false, true]) {
          expect(dense.read(isReverse, 0)).toEqual(loose.read(isReverse, 0));
          expect(dense.read(isReverse, skip)).toEqual(loose.read(isReverse, skip));
        }
        // It takes entries again.
        const next = { id: '18446744073709551615-5', texts: ['field0', '7'] };
        loose.append(next);
        dense.append(next);
        expect(dense.streams.nodes.isDense(dense.node)).toBe(false);
        expect(dense.listpack).toBe(loose.listpack);
        expect(loose.leaks()).toEqual([]);
        expect(dense.leaks()).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(denseCount).toBeGreaterThan(35);
  });

  it('is small', () => {
    const sizes = (value: (i: number) => string): number[] => {
      const ids = Array.from({ length: 100 }, (_, i) => `${1_700_000_000_000 + i}-0`);
      const bench = new Bench(ids.map((id, i) => ({ id, texts: ['sensor', value(i)] })));
      const before = bench.streams.nodes.byteLength(bench.node);
      const ref = createLoose(bench.arena, TYPE_STREAM, 10, bench.stream);
      const root = bench.streams.usedBytes(ref, 0) - bench.arena.capacity(bench.node);
      bench.seal();
      return [before, bench.streams.usedBytes(ref, 0) - root];
    };
    expect(sizes((i) => String(4_000_000 + i))).toEqual([1323, 232]);
    expect(sizes((i) => String(i % 7))).toEqual([1023, 224]);
    expect(sizes((i) => `value:${String(i).padStart(12, '0')}`)).toEqual([2823, 448]);
  });

  it('refuses what it could not give back', () => {
    const packer = new StreamDensePacker();
    const unpacker = new StreamDenseUnpacker();
    fc.assert(
      fc.property(
        nodes,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 2 }),
        (entries, damages) => {
          const bench = new Bench(entries);
          const bytes = Buffer.from(bench.listpack, 'hex');
          for (const [at, value] of damages) bytes[6 + (at % (bytes.length - 7))] = value;
          const packed = packer.pack(bytes, 0, bytes.length, bench.nodeId);
          if (packed === 0) return;
          expect(unpacker.unpack(packer.bytes.slice(0, packed), 0, bench.nodeId)).toBe(
            bytes.length,
          );
          expect(Buffer.from(unpacker.bytes.subarray(0, bytes.length)).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is read right where the first entry has another ID than the node', () => {
    const entries = Array.from({ length: 40 }, (_, i) => ({
      id: `${900 + 2 * i}-1`,
      texts: ['f', `value:${i}`],
    }));
    const bench = new Bench(entries);
    const bytes = bench.arena.bytes[bench.node >>> SLOT_SHIFT]!;
    // Header, count, deleted, fields, the field's name, the end of the master entry, flags: its ms.
    const at = StreamNodes.startOf(bench.node) + 6 + 2 + 2 + 2 + 3 + 2 + 2;
    expect([bytes[at], bytes[at + 1]]).toEqual([0, 1]);
    bytes[at] = 1;
    const before = bench.read(false, 0);
    expect(before[0]!.id).toBe('901-1');
    bench.seal();
    expect(bench.read(false, 0)).toEqual(before);
    expect(bench.read(true, 0)).toEqual([...before].reverse());
    expect(bench.leaks()).toEqual([]);
  });

  it('is not for IDs and entries beyond its limits', () => {
    const texts = ['f', 'x'.repeat(100)];
    const isDense = (...entries: Entry[]): boolean => {
      const bench = new Bench(entries);
      bench.seal();
      return bench.streams.nodes.isDense(bench.node);
    };
    const many = Array.from({ length: 130 }, (_, i) => `f${i}`);
    expect(isDense({ id: '1-1', texts: many.slice(0, 128) })).toBe(true);
    expect(isDense({ id: '1-1', texts: many })).toBe(false);
    expect(isDense({ id: '1-2147483647', texts })).toBe(true);
    expect(isDense({ id: '1-2147483648', texts })).toBe(false);
    expect(isDense({ id: '1-2147483647', texts }, { id: '1-2147483648', texts })).toBe(false);
    expect(isDense({ id: '1-4294967296', texts })).toBe(false);
    expect(isDense({ id: '1-1', texts }, { id: '2147483648-1', texts })).toBe(true);
    expect(isDense({ id: '1-1', texts }, { id: '2147483649-1', texts })).toBe(false);
    expect(isDense({ id: '1-1', texts: ['f', 'x'.repeat(65_000)] })).toBe(true);
    expect(isDense({ id: '1-1', texts: ['f', 'x'.repeat(66_000)] })).toBe(false);
  });
});
