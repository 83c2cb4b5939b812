// The table of keys against a model of maps and sets, and what it does with the arena.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyspace } from '../keyspace/keyspace.ts';
import { ArenaFullError } from '../memory/page-store.ts';
import { seededRandom } from '../runtime/random.ts';
import { KeyTable } from './key-table.ts';

function newKeyspace(): Keyspace {
  return new Keyspace({
    databases: 1,
    seed: { low: 1, high: 2 },
    randomBelow: seededRandom(3).below,
    arena: { debug: true },
  });
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function take(table: KeyTable, key: string): number[] | null {
  const taken = table.take(bytes(key), 0, key.length);
  return taken === null ? null : [...taken];
}

const key = fc.integer({ min: 0, max: 400 }).map((n) => `key:${'x'.repeat(n % 7)}${n}`);
const operation = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.tuple(fc.constant('remember'), key, fc.integer({ min: 1, max: 40 })),
  },
  { weight: 8, arbitrary: fc.tuple(fc.constant('take'), key, fc.constant(0)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('random'), key, fc.constant(0)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('step'), key, fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('clear'), key, fc.constant(0)) },
);

describe('KeyTable', () => {
  it('does as a map of sets does, and gives all memory back', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 800 }), (operations) => {
        const keyspace = newKeyspace();
        const table = new KeyTable(keyspace);
        const model = new Map<string, Set<number>>();
        for (const [what, name, number] of operations) {
          if (what === 'remember') {
            const before = bytes(`..${name}..`);
            expect(table.remember(number, before, 2, name.length)).toBe(true);
            model.set(name, (model.get(name) ?? new Set()).add(number));
          } else if (what === 'take') {
            const expected = model.get(name);
            const sorted = expected === undefined ? null : [...expected].sort((a, b) => a - b);
            expect(take(table, name)).toEqual(sorted);
            model.delete(name);
          } else if (what === 'random') {
            const found = table.randomKey();
            if (found === null) expect(model.size).toBe(0);
            else expect(model.has(Buffer.from(found).toString('latin1'))).toBe(true);
          } else if (what === 'step') table.step(() => false);
          else {
            table.clear();
            model.clear();
          }
          let items = 0;
          for (const numbers of model.values()) items += numbers.size;
          expect([table.keyCount, table.itemCount]).toEqual([model.size, items]);
        }
        table.destroy();
        keyspace.destroy();
        expect(keyspace.arena.leaks()).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('keeps thousands of clients of one key apart', () => {
    const table = new KeyTable(newKeyspace());
    for (let i = 0; i < 5000; i++) table.remember(((i * 7919) % 5000) + 1, bytes('k'), 0, 1);
    for (let i = 0; i < 5000; i++) table.remember(i + 1, bytes('k'), 0, 1);
    expect(table.itemCount).toBe(5000);
    expect(take(table, 'k')).toEqual(Array.from({ length: 5000 }, (_, i) => i + 1));
    expect(table.keyCount).toBe(0);
  });

  it('takes its memory from the arena, less than 100 bytes a short key', () => {
    const keyspace = newKeyspace();
    const before = keyspace.arena.usedBytes;
    const table = new KeyTable(keyspace);
    for (let i = 0; i < 10_000; i++) {
      const name = `key:${i}`;
      table.remember(1, bytes(name), 0, name.length);
    }
    const perKey = (keyspace.arena.usedBytes - before) / 10_000;
    expect(perKey).toBeGreaterThan(20);
    expect(perKey).toBeLessThan(100);
  });

  it('allocates nothing while keys change, and shrinks afterwards', () => {
    const keyspace = newKeyspace();
    const table = new KeyTable(keyspace);
    for (let i = 0; i < 10_000; i++) table.remember(1, bytes(String(i)), 0, String(i).length);
    table.step(() => true);
    const full = keyspace.arena.usedBytes;
    const { alloc } = keyspace.arena;
    keyspace.arena.alloc = () => {
      throw new Error('allocated while a key changed');
    };
    for (let i = 0; i < 9_990; i++) expect(take(table, String(i))).toEqual([1]);
    keyspace.arena.alloc = alloc;
    const sparse = keyspace.arena.usedBytes;
    table.step(() => true);
    expect(keyspace.arena.usedBytes).toBeLessThan(sparse);
    expect(sparse).toBeLessThan(full);
    expect(take(table, '9999')).toEqual([1]);
  });

  it('says when there is no memory for a key, and stays as it was', () => {
    const keyspace = newKeyspace();
    const table = new KeyTable(keyspace);
    table.remember(1, bytes('there'), 0, 5);
    const { alloc } = keyspace.arena;
    const full = new ArenaFullError('no memory');
    keyspace.arena.alloc = () => {
      throw full;
    };
    expect(table.remember(1, bytes('new'), 0, 3)).toBe(false);
    expect(table.remember(2, bytes('there'), 0, 5)).toBe(false);
    expect(table.remember(1, bytes('there'), 0, 5)).toBe(true);
    keyspace.arena.alloc = alloc;
    expect([table.keyCount, table.itemCount]).toEqual([1, 1]);
    expect(take(table, 'there')).toEqual([1]);
  });

  it('frees in slices what was cleared', () => {
    const keyspace = newKeyspace();
    const table = new KeyTable(keyspace);
    const before = keyspace.arena.usedBytes;
    for (let i = 0; i < 5000; i++) table.remember(1, bytes(String(i)), 0, String(i).length);
    table.clear();
    expect(table.keyCount).toBe(0);
    let slices = 1;
    while (table.step(() => false)) slices++;
    expect(slices).toBeGreaterThan(5);
    const { usedBytes } = keyspace.arena;
    expect(usedBytes === before, `${usedBytes} of ${before}`).toBe(true);
  });
});
