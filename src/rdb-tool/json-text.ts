// Bytes as JSON: a string where they are UTF-8, else {"base64": "..."}. What is in a key or value
// can be had back from it byte for byte.

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON text of a range of bytes. */
export function jsonOfBytes(bytes: Uint8Array, offset: number, length: number): string {
  const range = bytes.subarray(offset, offset + length);
  try {
    return JSON.stringify(UTF8.decode(range));
  } catch {
    return `{"base64":"${Buffer.from(range).toString('base64')}"}`;
  }
}

/** A score: a number, or a string where JSON has no number for it. */
export function jsonOfScore(score: number): string {
  if (score === Number.POSITIVE_INFINITY) return '"inf"';
  return score === Number.NEGATIVE_INFINITY ? '"-inf"' : Object.is(score, -0) ? '-0' : `${score}`;
}
