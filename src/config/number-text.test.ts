// Numbers of redis.conf, where the recorded answers of the real server (recorded-sets.test.ts) do
// not reach.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  formatDouble,
  formatMemoryUnit,
  parseDouble,
  parseInteger,
  parseLeadingInteger,
  parseMemory,
} from './number-text.ts';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('memory written with a unit reads back', () => {
  fc.assert(fc.property(u64, (bytes) => parseMemory(formatMemoryUnit(bytes)) === bytes));
  expect([0n, 1024n, 1025n, 3n * 1024n ** 2n, 1024n ** 3n].map(formatMemoryUnit)).toEqual([
    '0',
    '1kb',
    '1025',
    '3mb',
    '1gb',
  ]);
});

test('an integer has one spelling', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(parseInteger(`${value}`)).toBe(value);
      expect(parseInteger(`+${value}`)).toBeNull();
      expect(parseInteger(`${value} `)).toBeNull();
    }),
  );
  expect(['-0', '00', '', '-', '9223372036854775808'].map(parseInteger)).toEqual(
    Array(5).fill(null),
  );
});

test('a leading integer stops at what is no digit', () => {
  expect(parseLeadingInteger(' \t-12x', 10)).toEqual({
    value: -12n,
    complete: false,
    overflow: false,
  });
  expect(parseLeadingInteger('', 10)).toEqual({ value: 0n, complete: true, overflow: false });
  expect(parseLeadingInteger(' ', 10)).toEqual({ value: 0n, complete: false, overflow: false });
  expect(parseLeadingInteger('78', 8)).toEqual({ value: 7n, complete: false, overflow: false });
  expect(parseLeadingInteger('99999999999999999999', 10)).toEqual({
    value: 2n ** 63n - 1n,
    complete: true,
    overflow: true,
  });
});

test('doubles of latency-tracking-info-percentiles', () => {
  expect(['.5', '5.', '1e1', '0x1.8p1', '-inf'].map(parseDouble)).toEqual([
    0.5,
    5,
    10,
    3,
    -Infinity,
  ]);
  expect(['', ' 1', '1 ', 'nan', '1e400', '1e-400', '.', '0x', 'e1'].map(parseDouble)).toEqual(
    Array(9).fill(null),
  );
  expect([50, 99.9, 0.1234567, 100, 0].map(formatDouble)).toEqual([
    '50',
    '99.9',
    '0.123457',
    '100',
    '0',
  ]);
});
