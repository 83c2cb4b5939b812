import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../memory/arena.ts';
import { Listpacks } from './listpack.ts';
import { Quicklists } from './quicklist.ts';
import { exceedsNodeLimit } from './quicklist-nodes.ts';

/** A quicklist with the calls of a user, on texts. */
class List {
  readonly arena: Arena;
  readonly lists: Quicklists;
  readonly limits: { listMaxListpackSize: number; quicklistPackedBytes: number };
  root: number;

  constructor(fill: number, packedBytes = 1 << 30, debug = true, openEnds = 8) {
    this.arena = new Arena({ debug });
    this.limits = { listMaxListpackSize: fill, quicklistPackedBytes: packedBytes };
    this.lists = new Quicklists(this.arena, new Listpacks(this.arena), this.limits, openEnds);
    this.root = this.lists.create();
  }

  push(text: string, atHead = false): void {
    const bytes = Buffer.from(text, 'latin1');
    this.lists.push(this.root, atHead, bytes, 0, bytes.length);
  }

  insert(index: number, text: string, after: boolean): void {
    expect(this.lists.seek(this.root, index)).toBe(true);
    const bytes = Buffer.from(`(${text})`, 'latin1');
    this.lists.insertAt(this.root, bytes, 1, bytes.length - 2, after);
  }

  replace(index: number, text: string): void {
    expect(this.lists.seek(this.root, index)).toBe(true);
    const bytes = Buffer.from(text, 'latin1');
    this.lists.replaceAt(this.root, bytes, 0, bytes.length);
  }

  /** The text at hand. */
  text(): string {
    this.lists.get();
    const { bytes, offset, length } = this.lists;
    return Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1');
  }

  at(index: number): string | undefined {
    return this.lists.seek(this.root, index) ? this.text() : undefined;
  }

  forward(root = this.root): string[] {
    const texts: string[] = [];
    for (let more = this.lists.seek(root, 0); more; more = this.lists.next()) {
      texts.push(this.text());
    }
    return texts;
  }

  backward(): string[] {
    const texts: string[] = [];
    for (let more = this.lists.seek(this.root, -1); more; more = this.lists.previous()) {
      texts.push(this.text());
    }
    return texts;
  }

  finish(): void {
    this.lists.free(this.root);
    expect(this.arena.leaks()).toEqual([]);
  }
}

const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  fc.integer().map(String),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  fc.constantFrom(300, 1500, 4095, 5000, 9000).map((size) => 'z'.repeat(size)),
);

interface Step {
  readonly kind: 'head' | 'tail' | 'after' | 'before' | 'replace' | 'delete' | 'range';
  readonly at: number;
  readonly count: number;
  readonly text: string;
}

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('head', 'tail', 'tail', 'after', 'before', 'replace', 'delete', 'range'),
  at: fc.nat(10_000),
  count: fc.nat(8),
  text: textArbitrary,
});

function take(list: List, model: string[], { kind, at, count, text }: Step): void {
  if (kind === 'head' || kind === 'tail') {
    list.push(text, kind === 'head');
    if (kind === 'head') model.unshift(text);
    else model.push(text);
    return;
  }
  if (model.length === 0) return;
  const index = at % model.length;
  const either = at % 2 === 0 ? index : index - model.length;
  if (kind === 'after' || kind === 'before') {
    list.insert(either, text, kind === 'after');
    model.splice(kind === 'after' ? index + 1 : index, 0, text);
  } else if (kind === 'replace') {
    list.replace(either, text);
    model[index] = text;
  } else if (kind === 'range') {
    list.lists.deleteRange(list.root, either, count);
    model.splice(index, count);
  } else {
    list.lists.seek(list.root, either);
    list.lists.deleteAt(list.root, count % 2 === 0);
    model.splice(index, 1);
    const expected = count % 2 === 0 ? model[index] : model[index - 1];
    expect(list.lists.position === 0 ? undefined : list.text()).toBe(expected);
  }
}

describe('Quicklists', () => {
  it('agrees with an array under random changes, for every kind of limit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(-1, -2, -5, 0, 1, 3, 16),
        fc.constantFrom(8, 1000, 1 << 30),
        fc.array(stepArbitrary, { minLength: 10, maxLength: 80, size: 'max' }),
        (fill, packedBytes, steps) => {
          const list = new List(fill, packedBytes);
          const model: string[] = [];
          for (const step of steps) {
            take(list, model, step);
            expect(list.lists.count(list.root)).toBe(model.length);
          }
          expect(list.forward()).toEqual(model);
          expect(list.backward()).toEqual([...model].reverse());
          for (const i of [0, 1, 5, model.length - 1, model.length, -1, -model.length - 1]) {
            expect(list.at(i)).toBe(model.at(i));
          }
          const copy = list.lists.copy(list.root);
          expect(list.forward(copy)).toEqual(model);
          expect(list.lists.nodeCount(copy)).toBe(list.lists.nodeCount(list.root));
          list.lists.free(copy);
          list.finish();
        },
      ),
      { numRuns: 120, endOnFailure: true },
    );
  });

  it('agrees with an array while nodes in the middle are packed and opened', () => {
    const prefix = fc.constantFrom('job:', 'customer-number ', '');
    fc.assert(
      fc.property(
        prefix,
        fc.array(stepArbitrary, { minLength: 20, maxLength: 60, size: 'max' }),
        (text, steps) => {
          const list = new List(150, 1 << 30, true, 1);
          const model = Array.from({ length: 1500 }, (_, i) => `${text}${1_000_000 + i * 7}`);
          for (const element of model) list.push(element);
          const packedBytes = list.lists.usedBytes(list.root, 0);
          expect(packedBytes).toBeLessThan(list.lists.contentBytes(list.root) * 0.7);
          for (const step of steps) take(list, model, { ...step, at: step.at * 41 });
          expect(list.backward()).toEqual([...model].reverse());
          // Changed nodes stay open, with room to grow; the steps' own texts come on top.
          const added = steps.reduce((sum, { text: own }) => sum + own.length, 0);
          const bound = packedBytes * 2 + 100_000 + added * 1.25;
          expect(list.lists.usedBytes(list.root, 0)).toBeLessThan(bound);
          const copy = list.lists.copy(list.root);
          expect(list.forward(copy)).toEqual(model);
          list.lists.free(copy);
          while (model.length > 0) {
            expect(list.lists.seek(list.root, 0)).toBe(true);
            expect(list.text()).toBe(model.shift());
            list.lists.deleteAt(list.root, true);
          }
          list.finish();
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
  });

  it('leaves a long list packed when it was walked', () => {
    const list = new List(-2, 1 << 30, false);
    const texts = Array.from({ length: 100_000 }, (_, i) => `element:${i}`);
    for (const text of texts) list.push(text);
    const bytes = list.lists.usedBytes(list.root, 0);
    expect(bytes).toBeLessThan(list.lists.contentBytes(list.root) * 0.35);
    expect(list.forward()).toEqual(texts);
    expect(list.lists.usedBytes(list.root, 0)).toBeLessThan(bytes + 3 * 8192);
    expect(list.at(50_000)).toBe('element:50000');
    expect(list.lists.usedBytes(list.root, 0)).toBe(list.arena.usedBytes);
  });

  it('fills nodes up to their limit and no further', () => {
    const list = new List(-2);
    for (let i = 0; i < 3000; i++) list.push(`element ${i}`);
    // 14 or 15 bytes an element, and a node takes no more when eight bytes beyond would not fit.
    expect(list.lists.nodeCount(list.root)).toBe(6);
    expect(list.at(2999)).toBe('element 2999');
    list.finish();
    const few = new List(4);
    for (let i = 0; i < 10; i++) few.push('x', i % 2 === 0);
    expect(few.lists.nodeCount(few.root)).toBe(3);
    few.finish();
  });

  it('splits a full node for an insertion, and joins what fits', () => {
    const list = new List(4);
    for (const text of 'abcdefgh') list.push(text);
    expect(list.lists.nodeCount(list.root)).toBe(2);
    list.insert(1, 'x', true);
    expect(list.forward().join('')).toBe('abxcdefgh');
    expect(list.lists.nodeCount(list.root)).toBe(3);
    list.insert(0, 'y', false);
    list.insert(-1, 'z', true);
    expect(list.forward().join('')).toBe('yabxcdefghz');
    expect(list.lists.nodeCount(list.root)).toBe(4);
    list.finish();
  });

  it('gives large elements nodes of their own', () => {
    const list = new List(-2, 10);
    for (const text of ['a', 'b', 'c']) list.push(text);
    list.push('d'.repeat(10));
    expect(list.lists.nodeCount(list.root)).toBe(2);
    list.replace(1, 'B'.repeat(20));
    expect(list.lists.nodeCount(list.root)).toBe(4);
    list.replace(1, 'b');
    expect(list.forward()).toEqual(['a', 'b', 'c', 'd'.repeat(10)]);
    expect(list.lists.onlyListpackBytes(list.root)).toBe(-1);
    list.finish();
  });

  it('finds texts over nodes, from the cursor on', () => {
    const list = new List(2, 10);
    const texts = ['1', 'a', '2', 'b'.repeat(12), 'a', '1', 'b'.repeat(12)];
    for (const text of texts) list.push(text);
    for (const wanted of [...texts, '3']) {
      const bytes = Buffer.from(wanted);
      const found: string[] = [];
      let more = list.lists.seek(list.root, 0) && list.lists.find(bytes, 0, bytes.length);
      while (more) {
        found.push(list.text());
        expect(list.lists.equals(bytes, 0, bytes.length)).toBe(true);
        more = list.lists.next() && list.lists.find(bytes, 0, bytes.length);
      }
      expect(found).toEqual(texts.filter((text) => text === wanted));
    }
    list.finish();
  });

  it('walks and changes a bare listpack with the same cursor', () => {
    const list = new List(-2);
    const packs = new Listpacks(list.arena);
    let pack = packs.create();
    for (const text of ['a', 'b', 'c']) pack = packs.append(pack, Buffer.from(text), 0, 1);
    expect(list.lists.seekListpack(pack, -1)).toBe(true);
    expect(list.text()).toBe('c');
    list.lists.deleteAt(0, false);
    expect(list.text()).toBe('b');
    list.lists.deleteAt(0, true);
    expect(list.lists.position).toBe(0);
    expect(list.lists.seekListpack(list.lists.listpack, 0)).toBe(true);
    expect(list.lists.next()).toBe(false);
    packs.free(list.lists.listpack);
    list.finish();
  });

  it('frees in slices', () => {
    const list = new List(1);
    for (let i = 0; i < 100; i++) list.push('x');
    let root = list.root;
    let slices = 0;
    while ((root = list.lists.freeSome(root, 30)) !== 0) slices++;
    expect(slices).toBe(3);
    expect(list.arena.leaks()).toEqual([]);
  });

  it.each([10, 3000, 50_000])('reckons its memory from samples of %i elements', (count) => {
    const list = new List(-2, 1 << 30, false);
    for (let i = 0; i < count; i++) list.push(`some longer text ${i}`);
    const exact = list.lists.usedBytes(list.root, 0);
    expect(exact).toBe(list.arena.usedBytes);
    expect(Math.abs(list.lists.usedBytes(list.root, 5) - exact)).toBeLessThan(exact / 10);
  });

  it('knows the limits of list-max-listpack-size', () => {
    expect(exceedsNodeLimit(-1, 4096, 9999)).toBe(false);
    expect(exceedsNodeLimit(-1, 4097, 1)).toBe(true);
    expect(exceedsNodeLimit(-9, 65536, 1)).toBe(false);
    expect(exceedsNodeLimit(5, 8192, 5)).toBe(false);
    expect(exceedsNodeLimit(5, 8192, 6)).toBe(true);
    expect(exceedsNodeLimit(5, 8193, 2)).toBe(true);
    expect(exceedsNodeLimit(0, 100, 1)).toBe(false);
    expect(exceedsNodeLimit(0, 100, 2)).toBe(true);
  });
});
