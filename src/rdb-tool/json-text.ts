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

/** Longer ranges are put in pieces: a text of V8 ends at 512 MB. Three bytes make whole base64. */
const PIECE_BYTES = 3 * 1024 * 1024;

/** Takes pieces of a text. */
export type Put = (piece: string) => void;

/** Puts the JSON text of a range of bytes, however long it is. */
export function putJson(
  put: Put,
  bytes: Uint8Array,
  offset: number,
  length: number,
  pieceBytes: number = PIECE_BYTES,
): void {
  if (length <= pieceBytes) {
    put(jsonOfBytes(bytes, offset, length));
    return;
  }
  const range = bytes.subarray(offset, offset + length);
  try {
    decodePieces(range, pieceBytes, () => {});
  } catch {
    put('{"base64":"');
    for (let at = 0; at < length; at += pieceBytes) {
      put(Buffer.from(range.subarray(at, at + pieceBytes)).toString('base64'));
    }
    put('"}');
    return;
  }
  put('"');
  decodePieces(range, pieceBytes, (text) => put(JSON.stringify(text).slice(1, -1)));
  put('"');
}

/** Hands over the text of bytes in pieces of whole characters. Throws where they are not UTF-8. */
function decodePieces(bytes: Uint8Array, pieceBytes: number, take: Put): void {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const stream = at + pieceBytes < bytes.length;
    take(decoder.decode(bytes.subarray(at, at + pieceBytes), { stream }));
  }
}

/** A score: a number, or a string where JSON has no number for it. */
export function jsonOfScore(score: number): string {
  if (score === Number.POSITIVE_INFINITY) return '"inf"';
  return score === Number.NEGATIVE_INFINITY ? '"-inf"' : Object.is(score, -0) ? '-0' : `${score}`;
}
