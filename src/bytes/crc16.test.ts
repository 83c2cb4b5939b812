// CRC-16 by its check value and bit by bit, and the slots that cluster clients compute.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc16, keySlot, SLOT_COUNT } from './crc16.ts';

function slotOf(key: string): number {
  const bytes = Buffer.from(`}{${key}}`, 'latin1');
  return keySlot(bytes, 2, bytes.length - 3);
}

/** One bit at a time, by the definition. */
function bitwise(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x11021 : 0);
  }
  return crc;
}

describe('crc16', () => {
  it('has the check value of XMODEM', () => {
    expect(crc16(Buffer.from('123456789'), 0, 9)).toBe(0x31c3);
  });

  it('agrees with the definition on any range', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, cut) => {
        const start = bytes.length === 0 ? 0 : cut % bytes.length;
        expect(crc16(bytes, start, bytes.length - start)).toBe(bitwise(bytes.subarray(start)));
      }),
    );
  });
});

describe('keySlot', () => {
  // Recorded from CLUSTER KEYSLOT.
  it.each([
    ['', 0],
    ['foo', 12182],
    ['bar', 5061],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['foo{bar}{zap}', 5061],
    ['{', 4092],
    ['}', 12090],
    ['{}', 15257],
    ['a}b{c', 13587],
    ['x{y', 2740],
    ['\x00\xff', 7920],
    ['some-longer-key:1234567890', 7920],
  ])('%j is in slot %i', (key, slot) => {
    expect(slotOf(key)).toBe(slot);
  });

  it('hashes only the tag, wherever it stands', () => {
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ':'), minLength: 1 });
    fc.assert(
      fc.property(plain, plain, plain, (before, tag, behind) => {
        expect(slotOf(`${before}{${tag}}${behind}`)).toBe(slotOf(tag));
        expect(slotOf(`{${tag}}${behind}`)).toBeLessThan(SLOT_COUNT);
      }),
    );
  });
});
