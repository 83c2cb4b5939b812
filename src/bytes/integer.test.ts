import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerLength, parseBigInt64, parseInteger, writeInteger } from './integer.ts';

const MAX = 9223372036854775807n;
const MIN = -9223372036854775808n;

describe('64-bit integers', () => {
  it('reads exactly the canonical decimal form', () => {
    const texts = fc.oneof(
      fc.bigInt({ min: MIN - 1000n, max: MAX + 1000n }).map(String),
      fc.stringMatching(/^[-+ 0]?\d{0,21}$/),
      fc.constantFrom('', '-', '-0', '00', '01', '1 ', ' 1', '1a', String(MAX), String(MIN)),
    );
    fc.assert(
      fc.property(texts, fc.nat(5), (text, pad) => {
        const bytes = Buffer.from('x'.repeat(pad) + text);
        const isCanonical = /^(0|-?[1-9]\d*)$/.test(text);
        const value = isCanonical ? BigInt(text) : 0n;
        const isValid = isCanonical && value >= MIN && value <= MAX;
        expect(parseBigInt64(bytes, pad, text.length)).toBe(isValid ? value : null);
        const read = parseInteger(bytes, pad, text.length);
        if (!isValid) expect(read).toBeNaN();
        else if (Number.isSafeInteger(Number(value))) expect(read).toBe(Number(value));
        else expect(Math.abs(read - Number(value))).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 3000 },
    );
  });

  it('writes what JavaScript prints', () => {
    const values = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.integer({ min: -200, max: 200 }));
    const edges = [0, 9, 10, 99, 100, 9999, 10000, 0x7fffffff, 0x80000000, 1e15, -1, -10];
    const check = (value: number): void => {
      const target = Buffer.alloc(30, 46);
      const length = writeInteger(target, 3, value);
      expect(target.toString('latin1', 3, 3 + length)).toBe(String(value));
      expect(target[3 + length]).toBe(46);
      expect(integerLength(value)).toBe(length);
    };
    edges.forEach(check);
    fc.assert(fc.property(values, check), { numRuns: 3000 });
  });
});
