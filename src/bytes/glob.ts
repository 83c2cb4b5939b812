// Glob-style matching of byte strings, as KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL patterns
// use it: `*`, `?`, `[abc]`, `[^abc]`, `[a-z]` and `\` before a byte that is meant literally. The
// rules, odd corners included (an unclosed class, a range with its ends swapped), are those of
// Redis: https://redis.io/docs/latest/commands/keys/. Nothing is allocated and nothing recurses:
// only the last `*` seen ever needs another try, because a failure behind it cannot be mended by an
// earlier one. Time is O(pattern x text) at worst.

const STAR = 42;
const QUESTION = 63;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;
const CARET = 94;
const DASH = 45;

/**
 * Stars with something behind them that one pattern may use; beyond it nothing matches, as in
 * Redis.
 */
export const MAX_GLOB_STARS = 1000;

/** A class that has been read: where it ends, with the verdict in the lowest bit. */
type ClassResult = number;

/**
 * C's `char` on the machines that Redis is compared on is signed, which decides how ranges are
 * ordered.
 */
function signed(byte: number): number {
  return (byte << 24) >> 24;
}

function lower(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

/**
 * Reads the class that starts behind `[` at `at` and tests `byte` against it.
 * @returns twice the index behind the class, plus 1 when the byte belongs to it.
 */
function matchClass(
  pattern: Uint8Array,
  start: number,
  end: number,
  byte: number,
  ignoreCase: boolean,
): ClassResult {
  let at = start;
  const negated = at < end && pattern[at] === CARET;
  if (negated) at++;
  const wanted = ignoreCase ? lower(byte) : byte;
  let found = false;
  for (; at < end; at++) {
    const first = pattern[at]!;
    if (first === BACKSLASH && at + 1 < end) {
      at++;
      if (pattern[at] === byte) found = true;
    } else if (first === CLOSE) {
      break;
    } else if (at + 2 < end && pattern[at + 1] === DASH) {
      at += 2;
      if (inRange(first, pattern[at]!, byte, ignoreCase)) found = true;
    } else if ((ignoreCase ? lower(first) : first) === wanted) {
      found = true;
    }
  }
  const behind = at < end ? at + 1 : end;
  return behind * 2 + (found !== negated ? 1 : 0);
}

function inRange(first: number, last: number, byte: number, ignoreCase: boolean): boolean {
  let low = signed(first);
  let high = signed(last);
  let value = signed(byte);
  if (low > high) {
    const swap = low;
    low = high;
    high = swap;
  }
  if (ignoreCase) {
    low = lower(low);
    high = lower(high);
    value = lower(value);
  }
  return value >= low && value <= high;
}

/**
 * True when the whole text matches the pattern.
 * @param ignoreCase folds ASCII letters; a byte behind `\` inside a class stays exact, as in Redis.
 */
export function matchGlob(
  pattern: Uint8Array,
  patternOffset: number,
  patternLength: number,
  text: Uint8Array,
  textOffset: number,
  textLength: number,
  ignoreCase: boolean,
): boolean {
  const patternEnd = patternOffset + patternLength;
  const textEnd = textOffset + textLength;
  let p = patternOffset;
  let t = textOffset;
  let retryPattern = -1;
  let retryText = 0;
  let stars = 0;
  // An empty text leaves the pattern unread: only the empty pattern matches it, and not even '*'
  // does.
  while (t < textEnd) {
    let matched = false;
    if (p < patternEnd) {
      let byte = pattern[p]!;
      if (byte === STAR) {
        while (p < patternEnd && pattern[p] === STAR) p++;
        if (p === patternEnd) return true;
        if (++stars > MAX_GLOB_STARS) return false;
        retryPattern = p;
        retryText = t;
        continue;
      }
      if (byte === OPEN) {
        const result = matchClass(pattern, p + 1, patternEnd, text[t]!, ignoreCase);
        p = result >>> 1;
        matched = (result & 1) === 1;
      } else if (byte === QUESTION) {
        p++;
        matched = true;
      } else {
        if (byte === BACKSLASH && p + 1 < patternEnd) byte = pattern[++p]!;
        p++;
        const other = text[t]!;
        matched = byte === other || (ignoreCase && lower(byte) === lower(other));
      }
    }
    if (matched) {
      t++;
    } else {
      if (retryPattern < 0) return false;
      p = retryPattern;
      t = ++retryText;
    }
  }
  if (textLength > 0) while (p < patternEnd && pattern[p] === STAR) p++;
  return p === patternEnd;
}

/** True when the range spells `*`, the pattern that every non-empty text matches. */
export function isMatchAll(pattern: Uint8Array, offset: number, length: number): boolean {
  return length === 1 && pattern[offset] === STAR;
}
