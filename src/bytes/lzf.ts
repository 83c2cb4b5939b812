// LZF, the compression of strings in RDB files and DUMP payloads: a byte-oriented one that only
// names what was seen within 8 KB before.
//
//   000lllll  lll+1 bytes that follow as they are
//   lllddddd dddddddd              a copy of lll+2 bytes (lll 1 to 6) from d+1 bytes back
//   111ddddd llllllll dddddddd     the same of l+9 bytes
//
// The compressor keeps a table of where three bytes were seen last. Places are counted on over all
// calls, so the table need not be cleared for each string.

const HASH_BITS = 14;
const MAX_LITERALS = 32;
const MAX_DISTANCE = 8192;
const MAX_COPY = 264;
/** Where the count of places begins anew. */
const MAX_BASE = 0x40000000;

export class LzfCompressor {
  readonly #table = new Int32Array(1 << HASH_BITS);
  /** Place of the current string's first byte; smaller ones in the table are of earlier calls. */
  #base = 1;

  /**
   * Compresses `length` bytes (at least 4, less than 2^30).
   * @param limit bytes that may be written at most.
   * @returns the bytes written at `targetOffset`, or 0 when they would be more.
   */
  compress(
    source: Uint8Array,
    offset: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
    limit: number,
  ): number {
    const table = this.#table;
    if (this.#base > MAX_BASE) {
      table.fill(0);
      this.#base = 1;
    }
    // A byte's place in the count is its index in `source` plus this.
    const shift = this.#base - offset;
    const base = this.#base;
    this.#base += length;
    const end = offset + length;
    const last = end - 2;
    const outEnd = targetOffset + limit;
    let at = offset;
    let literals = offset;
    let out = targetOffset;
    while (at < last) {
      const three = (source[at]! << 16) | (source[at + 1]! << 8) | source[at + 2]!;
      const slot = (Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS)) | 0;
      const seen = table[slot]!;
      table[slot] = at + shift;
      const from = seen - shift;
      const distance = at - from;
      if (
        seen < base ||
        distance > MAX_DISTANCE ||
        source[from] !== source[at] ||
        source[from + 1] !== source[at + 1] ||
        source[from + 2] !== source[at + 2]
      ) {
        at++;
        continue;
      }
      let copied = 3;
      const most = end - at < MAX_COPY ? end - at : MAX_COPY;
      while (copied < most && source[from + copied] === source[at + copied]) copied++;
      out = writeLiterals(source, literals, at, target, out, outEnd - 3);
      if (out < 0) return 0;
      const code = copied - 2;
      const back = distance - 1;
      if (code < 7) target[out++] = (code << 5) | (back >> 8);
      else {
        target[out++] = 0xe0 | (back >> 8);
        target[out++] = code - 7;
      }
      target[out++] = back;
      at += copied;
      literals = at;
    }
    out = writeLiterals(source, literals, end, target, out, outEnd);
    return out < 0 ? 0 : out - targetOffset;
  }
}

/** Writes bytes as they are. @returns where the output goes on; -1 when it would pass `outEnd`. */
function writeLiterals(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  start: number,
  outEnd: number,
): number {
  let out = start;
  for (let at = from; at < to; ) {
    const count = to - at < MAX_LITERALS ? to - at : MAX_LITERALS;
    if (out + count + 1 > outEnd) return -1;
    target[out++] = count - 1;
    for (let i = 0; i < count; i++) target[out++] = source[at++]!;
  }
  return out > outEnd ? -1 : out;
}

/**
 * Unpacks what an LZF compressor has made.
 * @param outLength the bytes that must come out.
 * @returns false when the input is not sound or another number of bytes comes out.
 */
export function lzfDecompress(
  source: Uint8Array,
  offset: number,
  length: number,
  target: Uint8Array,
  targetOffset: number,
  outLength: number,
): boolean {
  const end = offset + length;
  const outEnd = targetOffset + outLength;
  let at = offset;
  let out = targetOffset;
  while (at < end) {
    const control = source[at++]!;
    if (control < 32) {
      const count = control + 1;
      if (at + count > end || out + count > outEnd) return false;
      for (let i = 0; i < count; i++) target[out++] = source[at++]!;
      continue;
    }
    let count = (control >> 5) + 2;
    if (count === 9) {
      if (at >= end) return false;
      count += source[at++]!;
    }
    if (at >= end) return false;
    let from = out - (((control & 31) << 8) | source[at++]!) - 1;
    if (from < targetOffset || out + count > outEnd) return false;
    for (let i = 0; i < count; i++) target[out++] = target[from++]!;
  }
  return out === outEnd;
}
