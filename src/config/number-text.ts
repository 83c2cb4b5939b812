// Numbers as redis.conf writes them. The rules are those of the C library that users have met
// through Redis for years (leading blanks, wrap-around, an empty text that is zero), so they are
// kept to the letter. All work on 64 bits in bigint: a limit of 2^63-1 must read back as it was
// written.

export const INT64_MAX = 9223372036854775807n;
export const INT64_MIN = -9223372036854775808n;
export const UINT64_MAX = 18446744073709551615n;

const MULTIPLIERS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1_000_000n],
  ['mb', 1_048_576n],
  ['g', 1_000_000_000n],
  ['gb', 1_073_741_824n],
]);

/** The text up to its first NUL byte, which is where a C string ends. */
export function cutAtNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** Lower case for ASCII letters only; other bytes stay as they are. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Reads an amount of memory such as `100`, `10mb` or `1G`.
 * @returns bytes, 0 to 2^64-1 (a product beyond that wraps around), or null when it is none
 */
export function parseMemory(text: string): bigint | null {
  const match = /^([0-9]*)([a-z]*)$/i.exec(cutAtNul(text));
  if (match === null) return null;
  const digits = match[1] ?? '';
  const multiplier = MULTIPLIERS.get(lowerAscii(match[2] ?? ''));
  if (multiplier === undefined || digits.length >= 128) return null;
  const count = digits === '' ? 0n : BigInt(digits);
  return BigInt.asUintN(64, (count > UINT64_MAX ? UINT64_MAX : count) * multiplier);
}

/** Reads a signed 64-bit integer in its one canonical spelling, or gives null. */
export function parseInteger(text: string): bigint | null {
  if (text.length > 20 || !/^(?:0|-?[1-9][0-9]*)$/.test(text)) return null;
  const value = BigInt(text);
  return value > INT64_MAX || value < INT64_MIN ? null : value;
}

/** What `parseLeadingInteger` found. */
export interface LeadingInteger {
  readonly value: bigint;
  /** The whole text was a number (or empty, which counts as 0). */
  readonly complete: boolean;
  /** The number did not fit 64 bits and was moved to the nearest end. */
  readonly overflow: boolean;
}

/** Reads the integer that a text starts with, as strtoll does. */
export function parseLeadingInteger(text: string, radix: 8 | 10): LeadingInteger {
  const source = cutAtNul(text);
  const pattern = radix === 8 ? /^[ \t\n\v\f\r]*([+-]?)([0-7]+)/ : /^[ \t\n\v\f\r]*([+-]?)([0-9]+)/;
  const match = pattern.exec(source);
  if (match === null) return { value: 0n, complete: source === '', overflow: false };
  const digits = match[2] ?? '0';
  const magnitude = BigInt(radix === 8 ? `0o${digits}` : digits);
  const value = match[1] === '-' ? -magnitude : magnitude;
  const complete = match[0].length === source.length;
  if (value > INT64_MAX) return { value: INT64_MAX, complete, overflow: true };
  if (value < INT64_MIN) return { value: INT64_MIN, complete, overflow: true };
  return { value, complete, overflow: false };
}

/**
 * Reads a whole text as a finite or infinite double, as Redis does for its options; null when it is
 * none.
 */
export function parseDouble(text: string): number | null {
  if (/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(text)) {
    const value = Number(text);
    const vanished = value === 0 && /[1-9]/.test(text.replace(/e.*$/i, ''));
    return Number.isFinite(value) && !vanished ? value : null;
  }
  const hex = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?[0-9]+))?$/i.exec(text);
  if (hex !== null && `${hex[2]}${hex[3]}` !== '') {
    const mantissa = Number.parseInt(`0${hex[2]}${hex[3]}`, 16);
    const value = mantissa * 2 ** (Number(hex[4] ?? 0) - 4 * (hex[3] ?? '').length);
    if (!Number.isFinite(value)) return null;
    return hex[1] === '-' ? -value : value;
  }
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  return null;
}

/** Writes a double with at most six decimals and no trailing zeros. */
export function formatDouble(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}

/** Writes bytes with the largest unit that divides them, as CONFIG REWRITE does. */
export function formatMemoryUnit(bytes: bigint): string {
  if (bytes !== 0n) {
    for (const unit of ['gb', 'mb', 'kb']) {
      const size = MULTIPLIERS.get(unit) ?? 1n;
      if (bytes % size === 0n) return `${bytes / size}${unit}`;
    }
  }
  return bytes.toString();
}
