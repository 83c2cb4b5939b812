// The dense form of a stream's nodes at rest: the same entries as in the listpack, each value as
// what differs from the node's first entry, each ID as what follows from the one before. Packer,
// unpacker and reader (stream-dense-*.ts) share what is drawn here; docs/internals/stream.md has an
// example.
//
//   node:   | distance | - bytes of the listpack | bytes, entries, 16 bits each | deleted, fields |
//           | field | ... | entry | entry | ...
//   entry:  | head | ms | seq | value | ... |   or, without SAME_FIELDS:
//           | head | ms | seq | number of fields | field | value | ... |
//   head:   2 bits of flags, 6 bits that tell how the ID follows from the one before:
//           0 to 15 seq + 1 to 16; 16 to 31 ms + 1 to 16, seq 0; 32 to 47 ms + 1 to 16, seq as it
//           was; from 48 on ms and seq follow where they are not told
//
// Texts and numbers begin with a byte that says what they are (FIRST_*); numbers of any size are in
// groups of 7 bits, lowest first.

/** Bytes of the dense header behind the node's prefix. */
export const DENSE_HEADER_BYTES = 8;
/** Nodes with more fields stay listpacks: the first entry's values are looked up by number. */
export const MAX_DENSE_FIELDS = 64;
/** Longest listpack whose sizes fit 16 bits. */
export const MAX_DENSE_LISTPACK = 65535;

/** Steps of an ID that the head has room for. */
export const HEAD_STEPS = 16;
export const HEAD_NEXT_MS = 16;
export const HEAD_NEXT_MS_SAME_SEQ = 32;
/** ms follows, seq is 0 or as it was. */
export const HEAD_MS = 48;
export const HEAD_MS_SAME_SEQ = 49;
/** Both follow. */
export const HEAD_MS_SEQ = 50;
/** The same ms; how far seq goes on follows. */
export const HEAD_SEQ = 51;

/** Integers, as differences to the column's base: from -SMALL_BIAS on in the first byte itself. */
export const SMALL_BIAS = 24;
export const SMALL_COUNT = 128;
/** A text of up to 63 bytes. */
export const FIRST_TEXT = 0x80;
export const MAX_PLAIN_TEXT = 63;
/** A text as long as the column's: its end, of up to 31 bytes, follows. */
export const FIRST_END = 0xc0;
export const MAX_END = 31;
/** A text: bytes shared with the column's, own bytes, as numbers of any size. */
export const FIRST_LONG = 0xe0;
/** Differences of 2, 3, 4 and 6 bytes. */
export const FIRST_DIFFERENCE = 0xe1;
/** The integer itself, 8 bytes. */
export const FIRST_INT64 = 0xe5;
/** Differences beyond the small ones, with a byte behind. */
export const FIRST_ABOVE = 0xe6;
export const ABOVE_COUNT = 1024;
export const FIRST_BELOW = 0xea;
export const BELOW_COUNT = 512;
/** A text with up to 19 bytes of its own; the number of shared ones is the byte behind. */
export const FIRST_SHARED = 0xec;
export const MAX_SHARED_OWN = 19;

/** Integers up to this have differences that are exact. */
export const MAX_DENSE_INTEGER: number = 2 ** 52;

/** Bytes of an element by its first byte; 0 for FIRST_LONG, which tells by itself. */
export const DENSE_BYTES: Uint8Array = Uint8Array.from({ length: 256 }, (_, first) => {
  if (first < FIRST_TEXT) return 1;
  if (first < FIRST_END) return 1 + (first - FIRST_TEXT);
  if (first < FIRST_LONG) return 1 + (first - FIRST_END);
  if (first === FIRST_LONG) return 0;
  if (first < FIRST_INT64) return [3, 4, 5, 7][first - FIRST_DIFFERENCE]!;
  if (first === FIRST_INT64) return 9;
  return first < FIRST_SHARED ? 2 : 2 + (first - FIRST_SHARED);
});

/** A number of any size, up to 2^31. `numberEnd` tells where it ends. */
export function denseNumberAt(data: Uint8Array, start: number): number {
  let byte = data[start]!;
  let value = byte & 127;
  for (let at = start + 1, shift = 7; byte >= 128; shift += 7) {
    byte = data[at++]!;
    value |= (byte & 127) << shift;
  }
  return value;
}

/** Where a number of any size ends. */
export function denseNumberEnd(data: Uint8Array, start: number): number {
  let at = start;
  while (data[at]! >= 128) at++;
  return at + 1;
}

/** Bytes of an element that begins with FIRST_LONG. */
export function denseLongBytes(data: Uint8Array, start: number): number {
  const own = denseNumberEnd(data, start + 1);
  return denseNumberEnd(data, own) + denseNumberAt(data, own) - start;
}

/** The difference of an integer that is not small; FIRST_INT64 is not one. */
export function denseDifference(data: Uint8Array, at: number): number {
  const first = data[at]!;
  if (first >= FIRST_BELOW) return -SMALL_BIAS - 1 - (((first - FIRST_BELOW) << 8) | data[at + 1]!);
  if (first >= FIRST_ABOVE) {
    return SMALL_COUNT - SMALL_BIAS + (((first - FIRST_ABOVE) << 8) | data[at + 1]!);
  }
  const low = data[at + 1]! | (data[at + 2]! << 8);
  if (first === FIRST_DIFFERENCE) return (low << 16) >> 16;
  if (first === FIRST_DIFFERENCE + 1) return low | ((data[at + 3]! << 24) >> 8);
  const word = low | (data[at + 3]! << 16) | (data[at + 4]! << 24);
  if (first === FIRST_DIFFERENCE + 2) return word;
  return (((data[at + 5]! | (data[at + 6]! << 8)) << 16) >> 16) * 0x100000000 + (word >>> 0);
}

/** A word of 32 bits, lowest byte first. */
export function denseWord(data: Uint8Array, at: number): number {
  return data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
}

/** The integer of an element that begins with FIRST_INT64, as the nearest double. */
export function denseInt64(data: Uint8Array, at: number): number {
  return denseWord(data, at + 5) * 0x100000000 + (denseWord(data, at + 1) >>> 0);
}

/** The base of a column whose first value is an integer: small ones are told as they are. */
export function denseBaseOf(value: number): number {
  const isSmall = value >= -SMALL_BIAS && value < SMALL_COUNT - SMALL_BIAS;
  return isSmall || value > MAX_DENSE_INTEGER || value < -MAX_DENSE_INTEGER ? 0 : value;
}
