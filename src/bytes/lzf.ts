// LZF, the compression of strings in RDB files and DUMP payloads: a byte-oriented one that only
// names what was seen within 8 KB before.
//
//   000lllll  lll+1 bytes that follow as they are
//   lllddddd dddddddd              a copy of lll+2 bytes (lll 1 to 6) from d+1 bytes back
//   111ddddd llllllll dddddddd     the same of l+9 bytes
//
// The compressor keeps a table of where three bytes were seen last, of the size, the hash and the
// order of updates of the format's reference encoder (liblzf, "very fast"), and gives up where that
// one does: so a DUMP of ours has the length of Redis's, and its bytes. Places are counted on over
// all calls, so the table need not be cleared for each string.

const HASH_BITS = 16;
const HASH_MASK = (1 << HASH_BITS) - 1;
const MAX_LITERALS = 32;
const MAX_DISTANCE = 8192;
const MAX_COPY = 264;
/** A match that could be longer than this is compared further than a shorter one. */
const SHORT_COPY = 16;
/** Where the count of places begins anew. */
const MAX_BASE = 0x40000000;

export class LzfCompressor {
  readonly #table = new Int32Array(1 << HASH_BITS);
  /** Place of the current string's first byte; smaller ones in the table are of earlier calls. */
  #base = 1;

  /**
   * Compresses `length` bytes (at least 4, less than 2^30).
   * @param limit bytes that may be written at most; `target` has one more.
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
    // Literals since the last copy; the byte before them, at `out - run - 1`, tells their number.
    let run = 0;
    let out = targetOffset + 1;
    while (at < last) {
      const slot = slotOf(source, at);
      const seen = table[slot]!;
      table[slot] = at + shift;
      const from = seen - shift;
      // What stands at the first place is never named.
      if (
        seen <= base ||
        at - from > MAX_DISTANCE ||
        source[from] !== source[at] ||
        source[from + 1] !== source[at + 1] ||
        source[from + 2] !== source[at + 2]
      ) {
        if (out >= outEnd) return 0;
        target[out++] = source[at++]!;
        if (++run === MAX_LITERALS) {
          target[out - run - 1] = run - 1;
          run = 0;
          out++;
        }
        continue;
      }
      if (out + (run === 0 ? 3 : 4) >= outEnd) return 0;
      if (run === 0) out--;
      else target[out - run - 1] = run - 1;
      const copied = matchLength(source, from, at, end);
      const back = at - from - 1;
      out = writeCopy(target, out, copied, back) + 1;
      run = 0;
      at += copied;
      if (at >= last) break;
      table[slotOf(source, at - 2)] = at - 2 + shift;
      table[slotOf(source, at - 1)] = at - 1 + shift;
    }
    if (out + 3 > outEnd) return 0;
    return writeRest(source, at, end, target, out, run) - targetOffset;
  }
}

/** Writes the bytes behind the last copy, of which `run` are there already. */
function writeRest(
  source: Uint8Array,
  from: number,
  end: number,
  target: Uint8Array,
  start: number,
  before: number,
): number {
  let out = start;
  let run = before;
  for (let at = from; at < end; ) {
    target[out++] = source[at++]!;
    if (++run < MAX_LITERALS) continue;
    target[out - run - 1] = run - 1;
    run = 0;
    out++;
  }
  if (run === 0) return out - 1;
  target[out - run - 1] = run - 1;
  return out;
}

function slotOf(source: Uint8Array, at: number): number {
  const three = (source[at]! << 16) | (source[at + 1]! << 8) | source[at + 2]!;
  return ((three >> 8) - three * 5) & HASH_MASK;
}

/** Bytes that are equal, of three that are: near the end the last two are not looked at. */
function matchLength(source: Uint8Array, from: number, at: number, end: number): number {
  const most = Math.min(end - at - 2, MAX_COPY);
  let length = 3;
  if (most > SHORT_COPY) {
    while (length < SHORT_COPY + 2 && source[from + length] === source[at + length]) length++;
    if (length < SHORT_COPY + 2 || source[from + length] !== source[at + length]) return length;
    length++;
  }
  while (length < most && source[from + length] === source[at + length]) length++;
  return length;
}

function writeCopy(target: Uint8Array, start: number, copied: number, back: number): number {
  const code = copied - 2;
  let out = start;
  if (code < 7) target[out++] = (code << 5) | (back >> 8);
  else {
    target[out++] = 0xe0 | (back >> 8);
    target[out++] = code - 7;
  }
  target[out++] = back;
  return out;
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
