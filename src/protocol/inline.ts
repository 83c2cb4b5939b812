// Splits a line as people type it into words: blanks part them, "..." takes escapes (\n \r \t \b \a
// \xhh), '...' takes \' only, and a closing quote must be followed by a blank. The same rules serve
// redis.conf.

const QUOTE = 34;
const APOSTROPHE = 39;
const BACKSLASH = 92;
const ESCAPES = new Map([
  [110, 10],
  [114, 13],
  [116, 9],
  [98, 8],
  [97, 7],
]);

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

/**
 * What ends a word without quotes: a vertical tab or form feed is part of it, though not in front
 * of it.
 */
function endsWord(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 10 || byte === 13 || byte === 0;
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  const folded = byte | 32;
  return folded >= 97 && folded <= 102 ? folded - 87 : -1;
}

/**
 * The words between `start` and `end`.
 * @returns null when a quote is not closed, or is closed in the middle of a word.
 */
export function splitInline(bytes: Uint8Array, start: number, end: number): Uint8Array[] | null {
  const words: Uint8Array[] = [];
  let i = start;
  for (;;) {
    while (i < end && (isBlank(bytes[i]!) || bytes[i] === 0)) {
      if (bytes[i] === 0) return words;
      i++;
    }
    if (i >= end) return words;
    const word: number[] = [];
    while (i < end && !endsWord(bytes[i]!)) {
      const byte = bytes[i]!;
      if (byte === QUOTE || byte === APOSTROPHE) {
        i = byte === QUOTE ? readQuoted(bytes, i + 1, end, word) : readRaw(bytes, i + 1, end, word);
        if (i < 0) return null;
        if (i < end && !isBlank(bytes[i]!) && bytes[i] !== 0) return null;
        break;
      }
      word.push(byte);
      i++;
    }
    words.push(Uint8Array.from(word));
  }
}

/** Reads up to the closing double quote. @returns the position behind it, or -1. */
function readQuoted(bytes: Uint8Array, start: number, end: number, word: number[]): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i + 1;
    if (byte !== BACKSLASH || i + 1 >= end) {
      word.push(byte);
      continue;
    }
    const escaped = bytes[i + 1]!;
    const high = hexDigit(bytes[i + 2]);
    const low = hexDigit(bytes[i + 3]);
    if (escaped === 120 && i + 3 < end && high >= 0 && low >= 0) {
      word.push(high * 16 + low);
      i += 3;
    } else {
      word.push(ESCAPES.get(escaped) ?? escaped);
      i++;
    }
  }
  return -1;
}

/** Reads up to the closing apostrophe. @returns the position behind it, or -1. */
function readRaw(bytes: Uint8Array, start: number, end: number, word: number[]): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === APOSTROPHE) return i + 1;
    if (byte === BACKSLASH && bytes[i + 1] === APOSTROPHE && i + 1 < end) {
      word.push(APOSTROPHE);
      i++;
    } else {
      word.push(byte);
    }
  }
  return -1;
}
