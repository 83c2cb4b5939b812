// CRC-64/Jones by its check values, bit by bit, in pieces, and against the end of a payload that
// Redis dumped.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crc64 } from './crc64.ts';
import { createCrc64Machine } from './crc64-machine.ts';

function checksum(bytes: Uint8Array): bigint {
  const crc = new Crc64();
  crc.update(bytes, 0, bytes.length);
  return crc.toBigInt();
}

/** One bit at a time, by the definition. */
function bitwise(bytes: Uint8Array): bigint {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n;
    }
  }
  return crc;
}

describe('Crc64', () => {
  it('has the check values', () => {
    expect(checksum(Buffer.from('123456789'))).toBe(0xe9c6d914c4b8d9can);
    expect(checksum(new Uint8Array(0))).toBe(0n);
  });

  it('is the same of a file, whose long ranges go another way', () => {
    // A machine that could not be made would be stood in for.
    expect(createCrc64Machine(new Int32Array(8 * 512))).not.toBeNull();
    const bytes = Uint8Array.from({ length: 200_003 }, (_, i) => (i * 7919) >>> (i & 7));
    const file = new Crc64(true);
    file.update(bytes, 0, 1);
    file.update(bytes, 1, 100);
    file.update(bytes, 101, 150_005);
    file.update(bytes, 150_106, 1024);
    file.update(bytes, 151_130, bytes.length - 151_130);
    expect(file.toBigInt()).toBe(checksum(bytes));
    expect(checksum(bytes.subarray(0, 3000))).toBe(bitwise(bytes.subarray(0, 3000)));
  });

  it('agrees with the definition on any range, however it is fed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), fc.nat(), (bytes, first, second) => {
        const start = first % (bytes.length + 1);
        const cut = start + (second % (bytes.length - start + 1));
        const crc = new Crc64();
        crc.update(bytes, start, cut - start);
        crc.update(bytes, cut, bytes.length - cut);
        expect(crc.toBigInt()).toBe(bitwise(bytes.subarray(start)));
        crc.reset();
        expect(crc.toBigInt()).toBe(0n);
      }),
    );
  });

  it('is what ends a DUMP payload', () => {
    const payload = Buffer.from(
      '001374686520717569636b2062726f776e20666f780b0078b61ca89e51d972',
      'hex',
    );
    const crc = new Crc64();
    crc.update(payload, 0, payload.length - 8);
    expect(crc.equals(payload, payload.length - 8)).toBe(true);
    const written = Buffer.alloc(10);
    crc.write(written, 1);
    expect(written.subarray(1, 9).equals(payload.subarray(-8))).toBe(true);
    for (let i = 0; i < 8; i++) {
      const damaged = Buffer.from(payload);
      damaged[payload.length - 8 + i] = (damaged[payload.length - 8 + i] ?? 0) ^ 1;
      expect(crc.equals(damaged, payload.length - 8)).toBe(false);
    }
  });
});
