// Equality and order of byte ranges, as memcmp defines them.

const LOOP_LIMIT_BYTES = 256;

/** True when two ranges of `length` bytes hold the same bytes. */
export function equalBytes(
  a: Uint8Array,
  aOffset: number,
  b: Uint8Array,
  bOffset: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (a[aOffset + i] !== b[bOffset + i]) return false;
  return true;
}

/** Order of two ranges: negative, 0 or positive; at equal prefixes the shorter one comes first. */
export function compareBytes(
  a: Uint8Array,
  aOffset: number,
  aLength: number,
  b: Uint8Array,
  bOffset: number,
  bLength: number,
): number {
  const shared = aLength < bLength ? aLength : bLength;
  if (shared > LOOP_LIMIT_BYTES) {
    const left = Buffer.from(a.buffer, a.byteOffset + aOffset, shared);
    const order = left.compare(b, bOffset, bOffset + shared);
    return order !== 0 ? order : aLength - bLength;
  }
  for (let i = 0; i < shared; i++) {
    const difference = a[aOffset + i]! - b[bOffset + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
