// Bit work against the plainest model there is: a text of zeros and ones. Ranges start anywhere, so
// that every alignment of the word-wise ways is met.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BitOperation,
  combineBits,
  countBits,
  findBit,
  invertBits,
  readBits,
  readWideBits,
  writeBits,
} from './bits.ts';

function toText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(2).padStart(8, '0');
  return text;
}

/** Bytes as they come, all clear, all set, or nearly so; long enough for words. */
const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.constantFrom(0, 255), fc.integer({ min: 0, max: 300 }), fc.nat(), fc.nat(255))
    .map(([fill, length, at, byte]) => {
      const bytes = new Uint8Array(length).fill(fill);
      if (length > 0) bytes[at % length] = byte;
      return bytes;
    }),
);
const shift = fc.integer({ min: 0, max: 7 });

/** The same bytes behind `padding` others, and with some behind them. */
function placed(bytes: Uint8Array, padding: number, around: number): Uint8Array {
  const target = new Uint8Array(bytes.length + padding + 5).fill(around);
  target.set(bytes, padding);
  return target;
}

describe('countBits', () => {
  it('counts ones', () => {
    fc.assert(
      fc.property(someBytes, shift, (bytes, padding) => {
        const expected = toText(bytes).replaceAll('0', '').length;
        expect(countBits(placed(bytes, padding, 255), padding, bytes.length)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('counts beyond 2^31 bits', () => {
    const bytes = new Uint8Array(2 ** 28 + 3).fill(255);
    expect(countBits(bytes, 1, 2 ** 28 + 2)).toBe(2 ** 31 + 16);
  });
});

describe('findBit', () => {
  it('finds the first', () => {
    fc.assert(
      fc.property(someBytes, shift, fc.constantFrom(0, 1), (bytes, padding, bit) => {
        const expected = toText(bytes).indexOf(String(bit));
        const around = bit === 0 ? 0 : 255;
        expect(findBit(placed(bytes, padding, around), padding, bytes.length, bit)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});

describe('combineBits and invertBits', () => {
  const step: Record<BitOperation, (a: number, b: number) => number> = {
    and: (a, b) => a & b,
    or: (a, b) => a | b,
    xor: (a, b) => a ^ b,
  };

  it('combines byte by byte and touches nothing else', () => {
    const operation = fc.constantFrom<BitOperation>('and', 'or', 'xor');
    fc.assert(
      fc.property(operation, someBytes, someBytes, shift, shift, (name, a, b, padA, padB) => {
        const length = Math.min(a.length, b.length);
        const target = placed(a, padA, 0x5a);
        combineBits(name, target, padA, placed(b, padB, 255), padB, length);
        const expected = a.map((byte, i) => (i < length ? step[name](byte, b[i] ?? 0) : byte));
        expect(target).toEqual(placed(expected, padA, 0x5a));
      }),
      { numRuns: 500 },
    );
  });

  it('combines pieces larger than its own copies of them', () => {
    const length = 100_003;
    const target = new Uint8Array(length).fill(0b1100);
    const source = new Uint8Array(length + 1).fill(0b1010);
    combineBits('xor', target, 0, source, 1, length);
    expect(target.every((byte) => byte === 0b0110)).toBe(true);
  });

  it('inverts and touches nothing else', () => {
    fc.assert(
      fc.property(someBytes, shift, (bytes, padding) => {
        const target = placed(bytes, padding, 0x5a);
        invertBits(target, padding, bytes.length);
        expect(target).toEqual(
          placed(
            bytes.map((byte) => 255 - byte),
            padding,
            0x5a,
          ),
        );
      }),
    );
  });
});

describe('integers of any width', () => {
  const width = fc.integer({ min: 1, max: 64 });
  const position = fc.integer({ min: 0, max: 200 });

  it('reads what stands there, with zeros behind the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), width, position, (bytes, bits, start) => {
        const text = toText(bytes).padEnd(400, '0');
        const expected = BigInt(`0b${text.slice(start, start + bits)}`);
        const target = placed(bytes, 3, 255);
        expect(readWideBits(target, 3, bytes.length, start, bits)).toBe(expected);
        if (bits <= 53) {
          expect(readBits(target, 3, bytes.length, start, bits)).toBe(Number(expected));
        }
      }),
    );
  });

  it('writes the lowest bits and leaves the others alone', () => {
    const anyInteger = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
    const target = fc.uint8Array({ minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(target, width, position, anyInteger, (bytes, bits, start, value) => {
        const text = toText(bytes);
        const digits = BigInt.asUintN(bits, value).toString(2).padStart(bits, '0');
        const expected = text.slice(0, start) + digits + text.slice(start + bits);
        const padded = placed(bytes, 3, 0x5a);
        writeBits(padded, 3, start, bits, value);
        expect(toText(padded.subarray(3, 43))).toBe(expected);
        expect([padded[2], padded[43]]).toEqual([0x5a, 0x5a]);
      }),
    );
  });
});
