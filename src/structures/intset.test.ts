import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena, GRANULE_MASK, SLOT_SHIFT } from '../memory/arena.ts';
import { Intsets } from './intset.ts';

const integer = fc.oneof(
  fc.bigInt({ min: -20n, max: 20n }),
  fc.bigInt({ min: -(2n ** 16n), max: 2n ** 16n }),
  fc.bigInt({ min: -(2n ** 33n), max: 2n ** 33n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

function take(sets: Intsets, value: bigint): void {
  const text = Buffer.from(String(value));
  expect(sets.value.setText(text, 0, text.length)).toBe(true);
}

function textOf(sets: Intsets, ref: number, index: number): string {
  const digits = Buffer.alloc(20);
  sets.get(ref, index);
  return digits.subarray(0, sets.value.write(digits)).toString();
}

describe('Intsets', () => {
  it('agrees with a sorted array under random operations', () => {
    const step = fc.record({ adds: fc.boolean(), value: integer });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const arena = new Arena({ debug: true });
        const sets = new Intsets(arena);
        const model = new Set<bigint>();
        let ref = sets.create();
        for (const { adds, value } of steps) {
          take(sets, value);
          expect(sets.find(ref)).toBe(model.has(value));
          if (adds && !model.has(value)) ref = sets.insertFound(ref);
          if (!adds && model.has(value)) ref = sets.removeAt(ref, sets.index);
          if (adds) model.add(value);
          else model.delete(value);
        }
        const sorted = [...model].sort((a, b) => (a < b ? -1 : 1)).map(String);
        expect(sets.count(ref)).toBe(sorted.length);
        expect(sorted.map((_, i) => textOf(sets, ref, i))).toEqual(sorted);
        sets.free(ref);
        expect(arena.leaks()).toEqual([]);
      }),
    );
  });

  it('has the bytes of Redis', () => {
    const arena = new Arena({ debug: true });
    const sets = new Intsets(arena);
    let ref = sets.create();
    for (const value of [5n, -1n, 70000n]) {
      take(sets, value);
      sets.find(ref);
      ref = sets.insertFound(ref);
    }
    const start = (ref & GRANULE_MASK) << 3;
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!.subarray(start, start + sets.byteLength(ref));
    // What DUMP of the same set holds behind its type and length, redis-server 7.0.15.
    expect(Buffer.from(bytes).toString('hex')).toBe('0400000003000000ffffffff0500000070110100');
  });
});
