import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  DENSE_BYTES,
  denseRegister,
  mergeDense,
  REGISTER_COUNT,
  setDenseRegister,
  writeDense,
} from './hyperloglog-registers.ts';

const START = 5;
const registersOf = (seeds: readonly number[]): Uint8Array =>
  Uint8Array.from({ length: REGISTER_COUNT }, (_, i) => (seeds[i % seeds.length]! + i * 7) & 63);
const seeds = fc.array(fc.nat(63), { minLength: 1, maxLength: 9 });

it('dense registers are written and merged four at a time as one by one', () => {
  fc.assert(
    fc.property(seeds, seeds, (first, second) => {
      const registers = registersOf(first);
      const one = new Uint8Array(START + DENSE_BYTES + 1);
      for (let i = 0; i < REGISTER_COUNT; i++) setDenseRegister(one, START, i, registers[i]!);
      const all = new Uint8Array(START + DENSE_BYTES + 1);
      writeDense(all, START, registers);
      expect(Buffer.compare(all, one)).toBe(0);

      const merged = registersOf(second);
      const larger = merged.map((value, i) => Math.max(value, denseRegister(one, START, i)));
      mergeDense(all, START, merged);
      expect(Buffer.compare(merged, larger)).toBe(0);
    }),
    { numRuns: 30 },
  );
});
