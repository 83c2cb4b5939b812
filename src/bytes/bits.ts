// Bits of byte strings: counting, searching and combining them, and reading and writing integers of
// any width, as the bitmap commands need it. Bit 0 is the highest bit of the first byte, so an
// integer that is aligned to bytes is in big-endian order. Long ranges are worked on in words of 32
// bits through views that are made once a call; short ones byte by byte, without allocating. Word
// order never shows: counting and combining do not depend on it.

/** From here on a view of words costs less than it saves. */
const WORDS_FROM_BYTES = 64;
const CHUNK_BYTES = 32768;

const BITS_OF_BYTE: Uint8Array = makeBitsOfByte();

function makeBitsOfByte(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 1; byte < 256; byte++) table[byte] = (byte & 1) + table[byte >> 1]!;
  return table;
}

/** How BITOP combines two strings. */
export type BitOperation = 'and' | 'or' | 'xor';

/** Number of bytes before the next multiple of four in the underlying buffer. */
function bytesToAlignment(bytes: Uint8Array, offset: number): number {
  return -(bytes.byteOffset + offset) & 3;
}

function wordsOf(bytes: Uint8Array, offset: number, count: number): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset + offset, count);
}

/** The number of bits that are set in a range of bytes. */
export function countBits(bytes: Uint8Array, offset: number, length: number): number {
  let count = 0;
  let i = offset;
  const end = offset + length;
  if (length >= WORDS_FROM_BYTES) {
    const aligned = i + bytesToAlignment(bytes, i);
    while (i < aligned) count += BITS_OF_BYTE[bytes[i++]!]!;
    const words = (end - i) >>> 2;
    count += countWords(wordsOf(bytes, i, words));
    i += words * 4;
  }
  while (i < end) count += BITS_OF_BYTE[bytes[i++]!]!;
  return count;
}

/** Bits of pairs, then of nibbles, side by side in the lanes of a word. */
function nibbleCounts(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
}

/**
 * Counts the bits of words, eight words a round. Carry-save adders turn each round into one word
 * of weight one, two and four that stay behind, and one of weight eight that is counted, so most
 * words cost five cheap operations.
 */
function countWords(words: Int32Array): number {
  let ones = 0;
  let twos = 0;
  let fours = 0;
  let eights = 0;
  const rounds = words.length & ~7;
  let i = 0;
  for (; i < rounds; i += 8) {
    let a = words[i]!;
    let b = words[i + 1]!;
    let mixed = ones ^ a;
    const twosA = (ones & a) | (mixed & b);
    ones = mixed ^ b;
    a = words[i + 2]!;
    b = words[i + 3]!;
    mixed = ones ^ a;
    const twosB = (ones & a) | (mixed & b);
    ones = mixed ^ b;
    mixed = twos ^ twosA;
    const foursA = (twos & twosA) | (mixed & twosB);
    twos = mixed ^ twosB;
    a = words[i + 4]!;
    b = words[i + 5]!;
    mixed = ones ^ a;
    const twosC = (ones & a) | (mixed & b);
    ones = mixed ^ b;
    a = words[i + 6]!;
    b = words[i + 7]!;
    mixed = ones ^ a;
    const twosD = (ones & a) | (mixed & b);
    ones = mixed ^ b;
    mixed = twos ^ twosC;
    const foursB = (twos & twosC) | (mixed & twosD);
    twos = mixed ^ twosD;
    mixed = fours ^ foursA;
    eights += bitsOfWord((fours & foursA) | (mixed & foursB));
    fours = mixed ^ foursB;
  }
  let count = eights * 8 + bitsOfWord(fours) * 4 + bitsOfWord(twos) * 2 + bitsOfWord(ones);
  for (; i < words.length; i++) count += bitsOfWord(words[i]!);
  return count;
}

function bitsOfWord(word: number): number {
  const nibbles = nibbleCounts(word);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * The position of the first bit of a range that equals `bit`, counted from the range's first bit.
 * @param bit 0 or 1.
 * @returns -1 when there is none.
 */
export function findBit(bytes: Uint8Array, offset: number, length: number, bit: number): number {
  const skipped = bit === 0 ? 255 : 0;
  const end = offset + length;
  let i = offset;
  if (length >= WORDS_FROM_BYTES) {
    const aligned = i + bytesToAlignment(bytes, i);
    while (i < aligned && bytes[i] === skipped) i++;
    if (i === aligned) {
      const words = wordsOf(bytes, i, (end - i) >>> 2);
      const skippedWord = bit === 0 ? -1 : 0;
      let at = 0;
      while (at < words.length && words[at] === skippedWord) at++;
      i += at * 4;
    }
  }
  while (i < end && bytes[i] === skipped) i++;
  if (i === end) return -1;
  const found = bit === 0 ? ~bytes[i]! & 255 : bytes[i]!;
  return (i - offset) * 8 + Math.clz32(found) - 24;
}

/** Combines `length` bytes of the source into the target: target = target OP source. */
export function combineBits(
  operation: BitOperation,
  target: Uint8Array,
  targetOffset: number,
  source: Uint8Array,
  sourceOffset: number,
  length: number,
): void {
  if (length < WORDS_FROM_BYTES) {
    combineBytes(operation, target, targetOffset, source, sourceOffset, length);
    return;
  }
  const head = bytesToAlignment(target, targetOffset);
  combineBytes(operation, target, targetOffset, source, sourceOffset, head);
  const words = (length - head) >>> 2;
  const to = targetOffset + head;
  const from = sourceOffset + head;
  if (bytesToAlignment(source, from) === 0) {
    combineWords(operation, wordsOf(target, to, words), wordsOf(source, from, words));
  } else {
    combineUnaligned(operation, target, to, source, from, words);
  }
  const done = head + words * 4;
  combineBytes(operation, target, targetOffset + done, source, sourceOffset + done, length - done);
}

/**
 * The source is copied to an aligned place piece by piece: two quick passes instead of a slow one.
 */
function combineUnaligned(
  operation: BitOperation,
  target: Uint8Array,
  targetOffset: number,
  source: Uint8Array,
  sourceOffset: number,
  words: number,
): void {
  const chunk = new Uint8Array(Math.min(CHUNK_BYTES, words * 4));
  for (let done = 0; done < words * 4; done += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, words * 4 - done);
    const start = sourceOffset + done;
    chunk.set(source.subarray(start, start + length));
    const count = length >>> 2;
    combineWords(operation, wordsOf(target, targetOffset + done, count), wordsOf(chunk, 0, count));
  }
}

function combineWords(operation: BitOperation, target: Int32Array, source: Int32Array): void {
  const count = target.length;
  if (operation === 'and') for (let i = 0; i < count; i++) target[i]! &= source[i]!;
  else if (operation === 'or') for (let i = 0; i < count; i++) target[i]! |= source[i]!;
  else for (let i = 0; i < count; i++) target[i]! ^= source[i]!;
}

function combineBytes(
  operation: BitOperation,
  target: Uint8Array,
  targetOffset: number,
  source: Uint8Array,
  sourceOffset: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    const byte = source[sourceOffset + i]!;
    if (operation === 'and') target[targetOffset + i]! &= byte;
    else if (operation === 'or') target[targetOffset + i]! |= byte;
    else target[targetOffset + i]! ^= byte;
  }
}

/** Turns every bit of a range over. */
export function invertBits(bytes: Uint8Array, offset: number, length: number): void {
  let i = offset;
  const end = offset + length;
  if (length >= WORDS_FROM_BYTES) {
    const aligned = i + bytesToAlignment(bytes, i);
    for (; i < aligned; i++) bytes[i] = ~bytes[i]!;
    const words = wordsOf(bytes, i, (end - i) >>> 2);
    for (let at = 0; at < words.length; at++) words[at] = ~words[at]!;
    i += words.length * 4;
  }
  for (; i < end; i++) bytes[i] = ~bytes[i]!;
}

/**
 * Reads an unsigned integer of 1 to 53 bits that starts at a bit of the string at `offset`; bits
 * behind the end of the string are zero.
 * @param length bytes that the string has.
 * @param bitOffset position of the integer's highest bit, from the first bit of the string.
 */
export function readBits(
  bytes: Uint8Array,
  offset: number,
  length: number,
  bitOffset: number,
  width: number,
): number {
  let value = 0;
  let left = width;
  let at = Math.floor(bitOffset / 8);
  let skip = bitOffset % 8;
  while (left > 0) {
    const byte = at < length ? bytes[offset + at]! : 0;
    const take = Math.min(8 - skip, left);
    value = value * (1 << take) + ((byte >>> (8 - skip - take)) & ((1 << take) - 1));
    left -= take;
    skip = 0;
    at++;
  }
  return value;
}

/** The same for 1 to 64 bits. */
export function readWideBits(
  bytes: Uint8Array,
  offset: number,
  length: number,
  bitOffset: number,
  width: number,
): bigint {
  if (width <= 32) return BigInt(readBits(bytes, offset, length, bitOffset, width));
  const high = readBits(bytes, offset, length, bitOffset, width - 32);
  const low = readBits(bytes, offset, length, bitOffset + width - 32, 32);
  return (BigInt(high) << 32n) | BigInt(low);
}

/**
 * Writes the lowest `width` bits (1 to 64) of an integer from a bit of the string at `offset` on.
 * The string reaches that far.
 */
export function writeBits(
  bytes: Uint8Array,
  offset: number,
  bitOffset: number,
  width: number,
  value: bigint,
): void {
  const low = Number(BigInt.asUintN(32, value));
  if (width > 32) {
    const high = Number(BigInt.asUintN(32, value >> 32n));
    writeNarrowBits(bytes, offset, bitOffset, width - 32, high);
    writeNarrowBits(bytes, offset, bitOffset + width - 32, 32, low);
  } else {
    writeNarrowBits(bytes, offset, bitOffset, width, low);
  }
}

function writeNarrowBits(
  bytes: Uint8Array,
  offset: number,
  bitOffset: number,
  width: number,
  value: number,
): void {
  let left = width;
  let at = offset + Math.floor(bitOffset / 8);
  let skip = bitOffset % 8;
  while (left > 0) {
    const take = Math.min(8 - skip, left);
    const shift = 8 - skip - take;
    const mask = (1 << take) - 1;
    const part = (value >>> (left - take)) & mask;
    bytes[at] = (bytes[at]! & ~(mask << shift)) | (part << shift);
    left -= take;
    skip = 0;
    at++;
  }
}
