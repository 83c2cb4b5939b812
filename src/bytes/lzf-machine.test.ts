// The machine packs to the very bytes of lzf.ts and takes and refuses what that does.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LzfCompressor, lzfDecompress } from './lzf.ts';
import { LzfMachine } from './lzf-machine.ts';

const INPUT_BYTES = 65536;

function created(): LzfMachine {
  const machine = LzfMachine.create(INPUT_BYTES);
  if (machine === null) throw new Error('no WebAssembly here');
  return machine;
}

/** Packs with both, and unpacks. @returns the packed bytes, or -1 where they would be more. */
function packsAlike(machine: LzfMachine, lzf: LzfCompressor, text: Uint8Array): number {
  const limit = text.length - 4;
  const packed = new Uint8Array(text.length + 8);
  const length = lzf.compress(text, 0, text.length, packed, 0, limit);
  machine.input.set(text, 5);
  expect(machine.pack(5, text.length, limit)).toBe(length);
  if (length === 0) return -1;
  expect(Buffer.compare(machine.output.subarray(0, length), packed.subarray(0, length))).toBe(0);
  machine.input.set(packed.subarray(0, length), 3);
  expect(machine.unpack(3, length, text.length)).toBe(true);
  expect(Buffer.compare(machine.output.subarray(0, text.length), text)).toBe(0);
  return length;
}

describe('LzfMachine', () => {
  it('packs as lzf.ts does', () => {
    const machine = created();
    const lzf = new LzfCompressor();
    const piece = fc.uint8Array({ minLength: 1, maxLength: 40 });
    const pieces = fc.array(piece, { minLength: 1, maxLength: 6 });
    const picks = fc.array(fc.nat(5), { minLength: 5, maxLength: 400 });
    fc.assert(
      fc.property(pieces, picks, (from, picked) => {
        const text = Buffer.concat(picked.map((i) => from[i % from.length]!));
        if (text.length > 4) packsAlike(machine, lzf, text);
      }),
      { numRuns: 1000 },
    );
  });

  it('packs few different bytes, short runs and far repeats', () => {
    const machine = created();
    const lzf = new LzfCompressor();
    for (let seed = 1; seed < 400; seed++) {
      let state = seed;
      const text = Uint8Array.from({ length: 20 + seed * 7 }, () => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return (state >> 16) % ((seed % 5) + 1);
      });
      packsAlike(machine, lzf, text);
    }
    expect(packsAlike(machine, lzf, Buffer.alloc(10000, 'a'))).toBeLessThan(140);
    const far = Buffer.concat([Buffer.from('0123456789'), Buffer.alloc(8182, 1)]);
    expect(packsAlike(machine, lzf, Buffer.concat([far, far]))).toBeGreaterThan(0);
  });

  it('takes and refuses what lzf.ts does', () => {
    const machine = created();
    const out = new Uint8Array(400);
    let taken = 0;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 30 }), fc.nat(300), (bytes, length) => {
        // Controls of short literals and copies, so that not all is refused.
        const packed = bytes.map((byte, i) => (i % 3 === 0 ? byte & 0x27 : byte & 3));
        for (const wanted of [length, unpackedLength(packed)]) {
          machine.input.set(packed, 0);
          const isTaken = machine.unpack(0, packed.length, wanted);
          expect(isTaken).toBe(lzfDecompress(packed, 0, packed.length, out, 0, wanted));
          if (!isTaken) continue;
          taken++;
          expect(Buffer.compare(machine.output.subarray(0, wanted), out.subarray(0, wanted))).toBe(
            0,
          );
        }
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

/** The bytes that would come out if all copies are allowed. */
function unpackedLength(packed: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < packed.length; ) {
    const control = packed[at++]!;
    if (control < 32) {
      length += control + 1;
      at += control + 1;
    } else {
      length += (control >> 5) + 2;
      at++;
    }
  }
  return Math.min(length, 300);
}
