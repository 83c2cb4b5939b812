import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Arena, NULL_REF } from '../memory/arena.ts';
import { Listpacks } from './listpack.ts';
import { Quicklists } from './quicklist.ts';
import { QuicklistBuilder } from './quicklist-builder.ts';
import { readListpackIntegers, readQuicklistIntegers } from './quicklist-integers.ts';
import { nodeByteLimit } from './quicklist-nodes.ts';

const arena = new Arena({ debug: true });
const listpacks = new Listpacks(arena);
const limits = { listMaxListpackSize: -2, quicklistPackedBytes: 1 << 30 };
const quicklists = new Quicklists(arena, listpacks, limits);
const builder = new QuicklistBuilder(listpacks, quicklists);

afterEach(() => {
  limits.listMaxListpackSize = -2;
  limits.quicklistPackedBytes = 1 << 30;
  expect(arena.leaks()).toEqual([]);
});

/** What a node holds, and how: bytes, elements, packed or not. */
function nodesOf(root: number): (string | number)[][] {
  const { nodes } = quicklists;
  const out: (string | number)[][] = [];
  for (let node = nodes.head(root); node !== NULL_REF; node = nodes.next(node)) {
    const kind = nodes.isPlain(node) ? 'plain' : nodes.isPacked(node) ? 'packed' : 'listpack';
    out.push([kind, nodes.elements(node), nodes.contentBytes(node)]);
  }
  return out;
}

function textsOf(root: number): string[] {
  const out: string[] = [];
  for (let more = quicklists.seek(root, 0); more; more = quicklists.next()) {
    quicklists.get();
    const { bytes, offset, length } = quicklists;
    out.push(Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1'));
  }
  return out;
}

function pushed(texts: readonly string[]): number {
  const root = quicklists.create();
  for (const text of texts) quicklists.push(root, false, Buffer.from(text), 0, text.length);
  return root;
}

function begin(): void {
  builder.begin(limits.listMaxListpackSize, limits.quicklistPackedBytes);
}

/** The quicklist that was built; a lone listpack becomes one. */
function built(): number {
  builder.end(nodeByteLimit(limits.listMaxListpackSize));
  if (builder.quicklist !== NULL_REF) return builder.quicklist;
  const root = quicklists.create();
  quicklists.appendListpack(root, builder.listpack);
  return root;
}

function expectAsPushed(texts: readonly string[]): void {
  const root = built();
  const other = pushed(texts);
  expect(nodesOf(root)).toEqual(nodesOf(other));
  expect(textsOf(root)).toEqual(texts);
  quicklists.free(root);
  quicklists.free(other);
}

const fill = fc.constantFrom(-1, -2, -5, 0, 1, 7, 3000);
const integer = fc.oneof(
  fc.integer({ min: -3, max: 200 }),
  fc.integer({ min: -5000, max: 5000 }),
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.integer({ min: -9_000_000, max: 9_000_000 }),
  fc.integer(),
);
const text = fc.oneof(
  integer.map(String),
  fc.string({ unit: fc.constantFrom('a', '1'), maxLength: 80 }),
  fc.nat(9000).map((length) => 't'.repeat(length)),
);

describe('QuicklistBuilder', () => {
  it('makes the nodes that pushes make, of integers', () => {
    fc.assert(
      fc.property(fill, fc.array(integer, { minLength: 1, maxLength: 20 }), (size, some) => {
        limits.listMaxListpackSize = size;
        const all = Array.from({ length: 2500 }, (_, i) => some[i % some.length] ?? 0);
        begin();
        builder.addIntegers(Int32Array.from(all), 0, 100);
        builder.addIntegers(Int32Array.from(all), 100, all.length);
        expectAsPushed(all.map(String));
      }),
      { numRuns: 12 },
    );
  });

  it('makes the nodes that pushes make, of texts', () => {
    fc.assert(
      fc.property(
        fill,
        fc.constantFrom(1 << 30, 50),
        fc.array(text, { minLength: 1, maxLength: 60 }),
        (size, plainBytes, some) => {
          limits.listMaxListpackSize = size;
          limits.quicklistPackedBytes = plainBytes;
          const all = some.concat(some, some);
          begin();
          for (const each of all) builder.addText(Buffer.from(each), 0, each.length);
          expectAsPushed(all);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('packs a node that lies in a larger block when it was pushed', () => {
    limits.listMaxListpackSize = 1;
    for (let length = 500; length < 1100; length += 5) {
      const others = Array.from({ length: 8 }, () => '');
      const all = [...others, 't'.repeat(length), ...others];
      begin();
      for (const each of all) builder.addText(Buffer.from(each), 0, each.length);
      expectAsPushed(all);
    }
  });

  it('gives numbers nodes of their own where they are long enough', () => {
    limits.quicklistPackedBytes = 4;
    begin();
    builder.addIntegers(Int32Array.of(1, 2, 1234, 5), 0, 4);
    expectAsPushed(['1', '2', '1234', '5']);
  });
});

describe('reading integers', () => {
  it('reads what was pushed, packed or not', () => {
    fc.assert(
      fc.property(fc.array(integer, { minLength: 1, maxLength: 30 }), (some) => {
        const all = Array.from({ length: 40_000 }, (_, i) => some[i % some.length] ?? 0);
        const root = pushed(all.map(String));
        const out = new Int32Array(all.length);
        expect(readQuicklistIntegers(arena, quicklists.nodes, root, out)).toBe(true);
        expect(out).toEqual(Int32Array.from(all));
        quicklists.free(root);
      }),
      { numRuns: 4 },
    );
  });

  it('gives up at texts and wider integers', () => {
    const others = ['x', '', '1.5', '2147483648', '-2147483649', '9223372036854775807', '01'];
    for (const other of others) {
      for (const place of [0, 5000, 9999]) {
        const all = Array.from({ length: 10_000 }, (_, i) => String(i * 70_000));
        all[place] = other;
        const root = pushed(all);
        const out = new Int32Array(all.length);
        expect(readQuicklistIntegers(arena, quicklists.nodes, root, out), other).toBe(false);
        quicklists.free(root);
      }
      const listpack = listpacks.append(listpacks.create(), Buffer.from(other), 0, other.length);
      expect(readListpackIntegers(arena, listpack, new Int32Array(1), 0)).toBe(-1);
      listpacks.free(listpack);
    }
  });
});
