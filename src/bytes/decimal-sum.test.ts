// Sums of decimal texts, against the exact way of `long-double.ts`.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1Bytes } from './ascii.ts';
import { DecimalSum } from './decimal-sum.ts';
import { addLongDoubles, formatLongDouble, parseLongDouble } from './long-double.ts';

const sums = new DecimalSum();

/** The sum by the short way, or null where it refuses. */
function shortSum(a: string, b: string): string | null {
  const [first, second] = [latin1Bytes(`#${a}`), latin1Bytes(`##${b}`)];
  if (!sums.begin(first, 1, a.length) || !sums.add(second, 2, b.length)) return null;
  return Buffer.from(sums.bytes.subarray(0, sums.length)).toString('latin1');
}

function exactSum(a: string, b: string): string {
  const first = parseLongDouble(latin1Bytes(a), 0, a.length);
  const second = parseLongDouble(latin1Bytes(b), 0, b.length);
  const sum = first === null || second === null ? null : addLongDoubles(first, second);
  return sum === null ? 'none' : formatLongDouble(sum);
}

/** Texts like -12.050: so many digits, of which so many are decimals. */
const decimalText = (most: number): fc.Arbitrary<string> =>
  fc
    .tuple(fc.bigInt(0n, 10n ** BigInt(most) - 1n), fc.nat(most), fc.constantFrom('', '-'))
    .map(([digits, decimals, sign]) => {
      const padded = digits.toString().padStart(decimals + 1, '0');
      const whole = padded.slice(0, padded.length - decimals);
      return sign + (decimals === 0 ? whole : `${whole}.${padded.slice(-decimals)}`);
    });

const dyadicText = fc
  .tuple(fc.integer({ min: -(2 ** 30), max: 2 ** 30 }), fc.nat(8))
  .map(([value, power]) => String(value / 2 ** power));

describe('sums of decimals', () => {
  it('equal those of long doubles, for short numbers that count', () => {
    let taken = 0;
    fc.assert(
      fc.property(decimalText(4), decimalText(6), (a, b) => {
        const sum = shortSum(a, b);
        if (sum === null) return;
        taken++;
        expect(sum).toBe(exactSum(a, b));
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  it('equal those of long doubles, for numbers of any length', () => {
    fc.assert(
      fc.property(decimalText(17), decimalText(15), (a, b) => {
        const sum = shortSum(a, b);
        if (sum !== null) expect(sum).toBe(exactSum(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it('cover all fractions of powers of two', () => {
    fc.assert(
      fc.property(dyadicText, dyadicText, (a, b) => {
        fc.pre(!/e/.test(a + b) && a.length < 16 && b.length < 16);
        const sum = shortSum(a, b);
        if (sum !== null) expect(sum).toBe(exactSum(a, b));
      }),
      { numRuns: 2000 },
    );
    expect(shortSum('100000.5', '-2000.25')).toBe('98000.25');
  });

  it('is what people expect', () => {
    expect(shortSum('0.1', '0.2')).toBe('0.3');
    expect(shortSum('-0.1', '0.1')).toBe('0');
    expect(shortSum('.5', '1.')).toBe('1.5');
    expect(shortSum('007', '-10')).toBe('-3');
    expect(shortSum('29.95', '0.05')).toBe('30');
    expect(shortSum('-0.00000000000001', '-0')).toBe('-0.00000000000001');
    expect(sums.begin(latin1Bytes('1.50'), 0, 4) && sums.addZero()).toBe(true);
    expect(Buffer.from(sums.bytes.subarray(0, sums.length)).toString()).toBe('1.5');
  });

  it('leaves to others what long doubles round visibly, and what is no plain number', () => {
    for (const [a, b] of [
      ['123456789.123456789', '0.000000001'],
      ['100.1', '0.1'],
      ['9007199254740991', '1'],
      ['1e3', '1'],
      ['0x10', '1'],
      ['', '1'],
      ['-', '1'],
      ['.', '1'],
      ['1.2.3', '1'],
      ['+1', '1'],
      [' 1', '1'],
      ['inf', '1'],
    ] as const) {
      expect(shortSum(a, b), `${a} + ${b}`).toBeNull();
    }
  });
});
