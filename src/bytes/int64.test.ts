import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Int64 } from './int64.ts';

const integer = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.constantFrom(0n, -1n, 2n ** 31n, -(2n ** 32n), 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n),
);

it('reads and writes every integer of 64 bits exactly', () => {
  fc.assert(
    fc.property(integer, (value) => {
      const text = Buffer.from(String(value));
      const read = new Int64();
      expect(read.setText(text, 0, text.length)).toBe(true);
      expect((BigInt(read.high) << 32n) | BigInt(read.low >>> 0)).toBe(value);
      const digits = Buffer.alloc(20);
      expect(digits.toString('latin1', 0, read.write(digits))).toBe(String(value));
    }),
    { numRuns: 500 },
  );
});

it('refuses what is not a canonical one', () => {
  for (const text of ['', '-', '01', '+1', ' 1', '1.0', '9223372036854775808', '-0']) {
    expect(new Int64().setText(Buffer.from(text), 0, text.length)).toBe(false);
  }
});
