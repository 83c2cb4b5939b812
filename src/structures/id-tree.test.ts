import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { ID_TREE_HEADER_BYTES, IdTree, IdTreeCursor } from './id-tree.ts';
import { StreamId } from './id-tree-id.ts';

const MAX_64 = 2n ** 64n - 1n;
const WORD = 0xffffffffn;

function toId(value: bigint): StreamId {
  const id = new StreamId();
  const word = (shift: bigint): number => Number((value >> shift) & WORD) | 0;
  id.set(word(96n), word(64n), word(32n), word(0n));
  return id;
}

function fromId(id: StreamId): bigint {
  const words = [id.msHigh, id.msLow, id.seqHigh, id.seqLow];
  return words.reduce((value, word) => (value << 32n) | BigInt(word >>> 0), 0n);
}

/** A tree whose values are found from the IDs, beside a sorted array that does the same. */
class Model {
  readonly arena = new Arena({ debug: true });
  readonly ids = new IdTree(this.arena);
  /** The header does not begin the block. */
  readonly block: number;
  readonly tree: number;
  readonly values = new Map<bigint, number>();
  #nextValue = 1;

  constructor() {
    this.block = this.arena.alloc(16 + ID_TREE_HEADER_BYTES);
    this.tree = this.block + 2;
    this.ids.initialize(this.tree);
  }

  insert(id: bigint): void {
    const value = this.#nextValue++;
    expect(this.ids.insert(this.tree, toId(id), value)).toBe(this.values.get(id) ?? 0);
    if (!this.values.has(id)) this.values.set(id, value);
  }

  delete(id: bigint): void {
    expect(this.ids.delete(this.tree, toId(id))).toBe(this.values.get(id) ?? 0);
    this.values.delete(id);
  }

  sorted(): bigint[] {
    return [...this.values.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  at(cursor: IdTreeCursor): bigint | undefined {
    if (!cursor.isValid) return undefined;
    const id = new StreamId();
    this.ids.idAt(cursor, id);
    expect(this.ids.valueAt(cursor)).toBe(this.values.get(fromId(id)));
    return fromId(id);
  }

  checkSeek(id: bigint): void {
    const sorted = this.sorted();
    const cursor = new IdTreeCursor();
    const below = sorted.filter((other) => other <= id).at(-1);
    const above = sorted.find((other) => other >= id);
    expect(this.ids.find(this.tree, toId(id))).toBe(this.values.get(id) ?? 0);
    expect(this.ids.floor(this.tree, toId(id), cursor)).toBe(below !== undefined);
    expect(this.at(cursor)).toBe(below);
    expect(this.ids.ceiling(this.tree, toId(id), cursor)).toBe(above !== undefined);
    expect(this.at(cursor)).toBe(above);
  }

  checkOrder(): void {
    const sorted = this.sorted();
    const cursor = new IdTreeCursor();
    const forward: (bigint | undefined)[] = [];
    for (let ok = this.ids.first(this.tree, cursor); ok; ok = this.ids.next(cursor)) {
      forward.push(this.at(cursor));
    }
    expect(forward).toEqual(sorted);
    const backward: (bigint | undefined)[] = [];
    for (let ok = this.ids.last(this.tree, cursor); ok; ok = this.ids.previous(cursor)) {
      backward.push(this.at(cursor));
    }
    expect(backward.reverse()).toEqual(sorted);
    expect(this.ids.count(this.tree)).toBe(sorted.length);
  }

  /** Frees everything. @returns what the arena still holds. */
  leaks(): string[] {
    this.ids.clear(this.tree);
    expect(this.ids.count(this.tree)).toBe(0);
    expect(this.ids.usedBytes(this.tree)).toBe(0);
    this.arena.free(this.block);
    return this.arena.leaks();
  }
}

const anyId = fc.oneof(
  fc.bigInt({ min: 0n, max: 400n }),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.constantFrom(0n, MAX_64, MAX_64 + 1n, 2n ** 128n - 1n, 2n ** 127n, 2n ** 63n),
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('insert' as const), id: anyId }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), id: anyId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('seek' as const), id: anyId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      id: fc.bigInt({ min: 0n, max: 300n }),
      length: fc.integer({ min: 1, max: 200 }),
      step: fc.constantFrom(1n, -1n, 3n),
      deletes: fc.boolean(),
    }),
  },
);

describe('IdTree', () => {
  it('agrees with a sorted map', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const model = new Model();
        for (const one of steps) {
          if (one.kind === 'insert') model.insert(one.id);
          else if (one.kind === 'delete') model.delete(one.id);
          else if (one.kind === 'seek') model.checkSeek(one.id);
          else {
            for (let i = 0; i < one.length; i++) {
              const id = one.id + BigInt(i) * one.step;
              if (id < 0n) break;
              if (one.deletes) model.delete(id);
              else model.insert(id);
            }
          }
        }
        model.checkOrder();
        for (const id of model.values.keys()) model.checkSeek((id + 1n) % 2n ** 128n);
        expect(model.leaks()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('grows to three levels and shrinks to nothing, in every order of removal', () => {
    const count = 4000;
    for (const order of ['ascending', 'descending', 'middle'] as const) {
      const model = new Model();
      for (let i = 0; i < count; i++) model.insert(BigInt((i * 2654435761) % 2 ** 32));
      model.checkOrder();
      const sorted = model.sorted();
      if (order === 'descending') sorted.reverse();
      if (order === 'middle') sorted.push(...sorted.splice(0, count / 2));
      for (const [i, id] of sorted.entries()) {
        model.delete(id);
        if (i % 500 === 0) model.checkOrder();
      }
      expect(model.ids.usedBytes(model.tree)).toBe(0);
      expect(model.leaks()).toEqual([]);
    }
  });

  it('leaves full nodes behind when IDs ascend', () => {
    const model = new Model();
    const count = 3700;
    for (let i = 0; i < count; i++) model.insert((1_700_000_000_000n << 64n) + BigInt(i));
    expect(model.ids.usedBytes(model.tree) / count).toBeLessThan(22);
    expect(model.leaks()).toEqual([]);
  });

  it('costs one small block for one entry', () => {
    const model = new Model();
    model.insert(5n);
    expect(model.ids.usedBytes(model.tree)).toBe(32);
    expect(model.leaks()).toEqual([]);
  });

  it('gives room back when most entries are gone', () => {
    const model = new Model();
    for (let i = 0; i < 2000; i++) model.insert(BigInt(i));
    for (let i = 0; i < 2000; i++) if (i % 100 !== 0) model.delete(BigInt(i));
    model.checkOrder();
    expect(model.ids.usedBytes(model.tree)).toBeLessThan(1600);
    expect(model.leaks()).toEqual([]);
  });

  it('takes entries from the end', () => {
    const model = new Model();
    for (let i = 0; i < 100; i++) model.insert(BigInt(i));
    for (let i = 99; i >= 0; i--) {
      expect(model.ids.takeLast(model.tree)).toBe(model.values.get(BigInt(i)));
    }
    expect(model.ids.takeLast(model.tree)).toBe(0);
    expect(model.leaks()).toEqual([]);
  });

  it('replaces the reference under a cursor and copes with an empty tree', () => {
    const model = new Model();
    const cursor = new IdTreeCursor();
    expect(model.ids.first(model.tree, cursor)).toBe(false);
    expect(model.ids.last(model.tree, cursor)).toBe(false);
    expect(model.ids.floor(model.tree, toId(1n), cursor)).toBe(false);
    expect(model.ids.ceiling(model.tree, toId(1n), cursor)).toBe(false);
    expect(model.ids.find(model.tree, toId(1n))).toBe(0);
    expect(model.ids.delete(model.tree, toId(1n))).toBe(0);
    model.insert(1n);
    model.ids.first(model.tree, cursor);
    model.ids.setValueAt(cursor, 77);
    expect(model.ids.find(model.tree, toId(1n))).toBe(77);
    const words = model.arena.words[model.block >>> SLOT_SHIFT]!;
    expect(words[((model.tree & GRANULE_MASK) << 1) + 2]).toBe(1);
    expect(model.leaks()).toEqual([]);
  });
});

describe('StreamId', () => {
  it('orders, increments and decrements as a number of 128 bits', () => {
    const MODULUS = 2n ** 128n;
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        const order = toId(a).compare(toId(b));
        expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(toId(a).equals(toId(b))).toBe(a === b);
        const next = toId(a);
        expect(next.increment()).toBe(a !== MODULUS - 1n);
        expect(fromId(next)).toBe((a + 1n) % MODULUS);
        const previous = toId(a);
        expect(previous.decrement()).toBe(a !== 0n);
        expect(fromId(previous)).toBe((a + MODULUS - 1n) % MODULUS);
        expect(toId(a).isZero).toBe(a === 0n);
        expect(toId(a).isMaximum).toBe(a === MODULUS - 1n);
      }),
    );
  });

  it('takes a time in milliseconds', () => {
    const id = new StreamId();
    id.setTime(1_700_000_000_123);
    expect(fromId(id) >> 64n).toBe(1_700_000_000_123n);
    expect(id.time).toBe(1_700_000_000_123);
    expect(id.hasExactTime && id.hasExactSequence).toBe(true);
    id.setMaximum();
    expect(id.hasExactTime || id.hasExactSequence).toBe(false);
  });
});
