// Numbers as text: the quick ways against the exact ones.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatExponent, formatFixed, formatGeneral, numberText, parseNumber } from './numbers.ts';

/** Doubles of all sizes, those that people write, and those that lie in the middle. */
const doubles = fc.oneof(
  fc.double({ noNaN: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(12))
    .map(([digits, places]) => digits / 10 ** places),
  fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.nat(30))
    .map(([digits, power]) => digits / 2 ** power),
  fc
    .tuple(fc.bigInt(10n ** 14n, 10n ** 15n - 1n), fc.integer({ min: -3, max: 18 }))
    .map(([digits, places]) => Number(`${digits}e-${Math.max(0, places)}`)),
);

/** `%.<precision>f` by big integers. */
function exactFixed(value: number, precision: number): string {
  let size = Math.abs(value);
  let scale = 1n;
  for (; !Number.isInteger(size); size *= 2) scale *= 2n;
  const wanted = BigInt(size) * 10n ** BigInt(precision);
  let units = wanted / scale;
  const twice = (wanted % scale) * 2n;
  if (twice > scale || (twice === scale && units % 2n === 1n)) units++;
  const digits = units.toString().padStart(precision + 1, '0');
  const whole = digits.slice(0, digits.length - precision);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  return precision === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-precision)}`;
}

describe('numbers as text', () => {
  it('have 14 digits, by the quick way as by the exact one', () => {
    fc.assert(
      fc.property(doubles, (value) => {
        const isPlain = Number.isInteger(value) && Math.abs(value) < 1e14;
        const expected = isPlain && value !== 0 ? String(value) : formatGeneral(value, 14, false);
        expect(numberText(value)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    [0.1, '0.1'],
    [1 / 3, '0.33333333333333'],
    [2 / 3, '0.66666666666667'],
    [-12.5, '-12.5'],
    [0.5 ** 15, '3.0517578125e-05'],
    [99999999999999.9, '1e+14'],
    [12345678901234.6, '12345678901235'],
    [12345678901230.4, '12345678901230'],
    // In the middle: to the even digit.
    [1000000000000.25, '1000000000000.2'],
    [1000000000000.75, '1000000000000.8'],
    [10000000000000.5, '10000000000000'],
    [10000000000001.5, '10000000000002'],
    [0.1 + 0.2, '0.3'],
    [1e-5, '1e-05'],
    [-0, '-0'],
  ])('%s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it('have any number of decimals, by the quick way as by the exact one', () => {
    fc.assert(
      fc.property(doubles, fc.nat(20), (value, precision) => {
        fc.pre(Number.isFinite(value));
        expect(formatFixed(value, precision)).toBe(exactFixed(value, precision));
      }),
      { numRuns: 5000 },
    );
    expect([0.5, 1.5, 2.5, -0.5].map((value) => formatFixed(value, 0))).toEqual([
      ...['0', '2', '2', '-0'],
    ]);
    expect(formatFixed(0.125, 2)).toBe('0.12');
    expect(formatFixed(0.375, 2)).toBe('0.38');
    expect(formatFixed(-0.001, 2)).toBe('-0.00');
    expect(formatFixed(1e300, 1)).toBe(exactFixed(1e300, 1));
  });
});

describe('%e and %g beside powers of ten', () => {
  // Recorded from redis-server 7.0.15.
  it.each([
    [1e23, 16, '9.9999999999999992e+22'],
    [1e-77, 16, '9.9999999999999993e-78'],
    [1e-7, 16, '9.9999999999999995e-08'],
    [1e147, 16, '9.9999999999999998e+146'],
    [1e38, 17, '9.99999999999999977e+37'],
    [1e73, 20, '9.99999999999999983034e+72'],
    [1e-318, 20, '9.99998748495599830344e-319'],
    [1e22, 20, '1.00000000000000000000e+22'],
    [9.5, 0, '1e+01'],
  ])('%s with %s decimals', (value, precision, text) => {
    expect(formatExponent(value, precision)).toBe(text);
  });
});

describe('text as a number', () => {
  it('is the nearest one, also by the quick way', () => {
    fc.assert(
      fc.property(doubles, (value) => {
        fc.pre(Number.isFinite(value));
        for (const text of [`${value}`, value.toFixed(3), ` ${value} `]) {
          expect(parseNumber(text), text).toBe(Number(text));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['12', 12],
    ['-12.50', -12.5],
    ['.5', 0.5],
    ['5.', 5],
    ['-0', -0],
    ['007', 7],
    ['+7', 7],
    ['0x10', 16],
    ['', undefined],
    ['-', undefined],
    ['.', undefined],
    ['-.', undefined],
    ['1.2.3', undefined],
    ['1-', undefined],
    ['12a', undefined],
    ['1 2', undefined],
  ])('%j', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });
});
