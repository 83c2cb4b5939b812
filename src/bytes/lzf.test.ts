// LZF: what is packed comes back, whatever the bytes; what a real server has packed is read; and
// damaged input is refused.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LzfCompressor, lzfDecompress } from './lzf.ts';

/** Packs and unpacks. @returns the packed bytes, or -1 when that would have been larger. */
function roundTrip(lzf: LzfCompressor, text: Uint8Array): number {
  const packed = new Uint8Array(text.length + 8);
  const length = lzf.compress(text, 0, text.length, packed, 3, text.length - 1);
  if (length === 0) return -1;
  const out = new Uint8Array(text.length + 2).fill(7);
  expect(lzfDecompress(packed, 3, length, out, 1, text.length)).toBe(true);
  expect(Buffer.from(out.subarray(1, text.length + 1)).equals(text)).toBe(true);
  expect([out[0], out[text.length + 1]]).toEqual([7, 7]);
  return length;
}

describe('lzf', () => {
  it('gives back what it was given', () => {
    const lzf = new LzfCompressor();
    const piece = fc.uint8Array({ minLength: 1, maxLength: 40 });
    const pieces = fc.array(piece, { minLength: 1, maxLength: 6 });
    const picks = fc.array(fc.nat(5), { minLength: 4, maxLength: 400 });
    fc.assert(
      fc.property(pieces, picks, (from, picked) => {
        const text = Buffer.concat(picked.map((i) => from[i % from.length]!));
        if (text.length >= 4) roundTrip(lzf, text);
      }),
      { numRuns: 300 },
    );
  });

  it('packs what repeats, near and far', () => {
    const lzf = new LzfCompressor();
    expect(roundTrip(lzf, Buffer.alloc(10000, 'a'))).toBeLessThan(140);
    expect(roundTrip(lzf, Buffer.from('abcdefgh'.repeat(100)))).toBeLessThan(30);
    const far = Buffer.concat([Buffer.from('0123456789'), Buffer.alloc(8182, 1)]);
    expect(roundTrip(lzf, Buffer.concat([far, far]))).toBeGreaterThan(0);
  });

  it('says that it does not fit', () => {
    const noise = Uint8Array.from({ length: 200 }, (_, i) => (i * i * 7 + (i >> 3) * 31) & 255);
    expect(roundTrip(new LzfCompressor(), noise)).toBe(-1);
  });

  it('reads what Redis has packed', () => {
    // DUMP of 41 letters a, as redis-server 7.0.15 packs them.
    const packed = Uint8Array.from([0x01, 0x61, 0x61, 0xe0, 0x1c, 0x00, 0x01, 0x61, 0x61]);
    const out = new Uint8Array(41);
    expect(lzfDecompress(packed, 0, packed.length, out, 0, 41)).toBe(true);
    expect(Buffer.from(out).toString()).toBe('a'.repeat(41));
  });

  it('refuses what is damaged', () => {
    const out = new Uint8Array(64);
    const refuses = (bytes: number[], length: number): boolean =>
      !lzfDecompress(Uint8Array.from(bytes), 0, bytes.length, out, 0, length);
    expect(refuses([5, 1, 2], 6)).toBe(true);
    expect(refuses([0, 1, 0x20], 4)).toBe(true);
    expect(refuses([0, 1, 0x20, 5], 4)).toBe(true);
    expect(refuses([0, 1, 0xe0, 200, 0], 20)).toBe(true);
    expect(refuses([0, 1], 2)).toBe(true);
    expect(refuses([0xe0], 9)).toBe(true);
  });
});
