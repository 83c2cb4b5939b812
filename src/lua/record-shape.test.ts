// Tables that are made from a known shape behave as those that were set key by key: the same order,
// and the same after whatever is set or taken away later.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownShapes } from './record-shape.ts';
import { LuaTable } from './table.ts';
import type { Value } from './value.ts';

function pairsOf(table: LuaTable): [Value, Value][] {
  const pairs: [Value, Value][] = [];
  for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
    pairs.push([table.keyAt(at), table.valueAt(at)]);
  }
  return pairs;
}

function setOneByOne(keys: readonly Value[], values: readonly Value[]): LuaTable {
  const table = new LuaTable();
  for (const [i, key] of keys.entries()) table.set(key, values[i]);
  return table;
}

const key = fc.oneof(fc.string({ maxLength: 6 }), fc.integer({ min: 1, max: 12 }));
const pair = fc.tuple(key, fc.option(fc.integer(), { nil: undefined }));
const changes = fc.array(fc.tuple(key, fc.option(fc.integer(), { nil: undefined })), {
  maxLength: 12,
});

describe('tables of a known shape', () => {
  it('are those that are set key by key', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 20 }), changes, changes, (pairs, first, second) => {
        const shapes = new KnownShapes();
        const keys = pairs.map(([each]) => each);
        const values = pairs.map(([, value]) => value);
        const made = Array.from({ length: 4 }, () => LuaTable.ofPairs(keys, values, shapes));
        const expected = Array.from({ length: 4 }, () => setOneByOne(keys, values));
        for (const [i, steps] of [first, second, [], second].entries()) {
          for (const [changed, value] of steps) {
            made[i]?.set(changed, value);
            expected[i]?.set(changed, value);
          }
        }
        expect(made.map(pairsOf)).toEqual(expected.map(pairsOf));
        expect(made.map((table) => table.border())).toEqual(expected.map((each) => each.border()));
      }),
    );
  });

  it('are made from the third record of the same keys on', () => {
    const shapes = new KnownShapes();
    const keys = ['id', 'name', 'opts'];
    for (let i = 0; i < 2; i++) {
      expect(shapes.find(3, 'id')).toBeNull();
      LuaTable.ofPairs(keys, [1, 2, 3], shapes);
    }
    expect(shapes.find(3, 'id')?.order).toEqual(keys);
    const table = LuaTable.ofPairs(keys, ['x', 'y', 'z'], shapes);
    expect(keys.map((each) => table.get(each))).toEqual(['x', 'y', 'z']);
  });

  it('are others where other values are nil', () => {
    const shapes = new KnownShapes();
    const keys = ['a', 'b'];
    for (let i = 0; i < 3; i++) LuaTable.ofPairs(keys, [1, 2], shapes);
    expect(pairsOf(LuaTable.ofPairs(keys, [1, undefined], shapes))).toEqual([['a', 1]]);
  });
});
