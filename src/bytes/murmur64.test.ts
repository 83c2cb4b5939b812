import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Murmur64 } from './murmur64.ts';

/** The definition, in numbers of any size. */
function definition(bytes: Uint8Array, seed: bigint): bigint {
  const mask = 2n ** 64n - 1n;
  const m = 0xc6a4a7935bd1e995n;
  const times = (value: bigint): bigint => (value * m) & mask;
  let h = seed ^ times(BigInt(bytes.length));
  const whole = bytes.length & ~7;
  for (let at = 0; at < whole; at += 8) {
    let k = times(Buffer.from(bytes).readBigUInt64LE(at));
    k = times(k ^ (k >> 47n));
    h = times(h ^ k);
  }
  const rest = bytes.subarray(whole);
  for (const [i, byte] of rest.entries()) h ^= BigInt(byte) << BigInt(i * 8);
  if (rest.length > 0) h = times(h);
  h = times(h ^ (h >> 47n));
  return h ^ (h >> 47n);
}

it('is MurmurHash64A', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(), (bytes, seed) => {
      const murmur = new Murmur64();
      murmur.hash(bytes, 0, bytes.length, seed);
      const expected = definition(bytes, BigInt(seed));
      expect((BigInt(murmur.high >>> 0) << 32n) | BigInt(murmur.low >>> 0)).toBe(expected);
    }),
  );
});
