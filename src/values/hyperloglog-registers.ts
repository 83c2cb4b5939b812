// The two ways in which a HyperLogLog keeps its 16384 registers of 6 bits, as Redis lays them out.
//
//   dense    register i in bits 6i to 6i+5, lowest bit first                         12288 bytes
//   sparse   runs: 00llllll            l+1 registers are 0                           (ZERO)
//                  01llllll llllllll   l+1 registers are 0                           (XZERO)
//                  1vvvvvll            l+1 registers are v+1                         (VAL)
//
// Functions take the bytes of the registers and where they begin.

export const REGISTER_COUNT = 16384;
export const DENSE_BYTES = 12288;
/** Registers of more do not fit a sparse run. */
export const SPARSE_MAX_VALUE = 32;
const VAL_MAX_RUN = 4;
const ZERO_MAX_RUN = 64;

export function denseRegister(bytes: Uint8Array, start: number, index: number): number {
  const bit = index * 6;
  const at = start + (bit >> 3);
  const shift = bit & 7;
  if (shift <= 2) return (bytes[at]! >> shift) & 63;
  return ((bytes[at]! >> shift) | (bytes[at + 1]! << (8 - shift))) & 63;
}

export function setDenseRegister(
  bytes: Uint8Array,
  start: number,
  index: number,
  value: number,
): void {
  const bit = index * 6;
  const at = start + (bit >> 3);
  const shift = bit & 7;
  bytes[at] = (bytes[at]! & ~(63 << shift)) | (value << shift);
  if (shift <= 2) return;
  const rest = 8 - shift;
  bytes[at + 1] = (bytes[at + 1]! & ~(63 >> rest)) | (value >> rest);
}

/** Takes the larger of each dense register into an array: four registers lie in three bytes. */
export function mergeDense(bytes: Uint8Array, start: number, registers: Uint8Array): void {
  let at = start;
  for (let i = 0; i < REGISTER_COUNT; i += 4) {
    const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    at += 3;
    const first = four & 63;
    const second = (four >> 6) & 63;
    const third = (four >> 12) & 63;
    const fourth = four >> 18;
    if (first > registers[i]!) registers[i] = first;
    if (second > registers[i + 1]!) registers[i + 1] = second;
    if (third > registers[i + 2]!) registers[i + 2] = third;
    if (fourth > registers[i + 3]!) registers[i + 3] = fourth;
  }
}

/** Writes all registers of an array in the dense form. */
export function writeDense(bytes: Uint8Array, start: number, registers: Uint8Array): void {
  let at = start;
  for (let i = 0; i < REGISTER_COUNT; i += 4) {
    const low = registers[i]! | (registers[i + 1]! << 6);
    const four = low | (registers[i + 2]! << 12) | (registers[i + 3]! << 18);
    bytes[at] = four;
    bytes[at + 1] = four >> 8;
    bytes[at + 2] = four >> 16;
    at += 3;
  }
}

/** Registers of the run at `at`. */
export function runLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first >= 0x80) return (first & 3) + 1;
  if (first < 0x40) return first + 1;
  return (((first & 63) << 8) | bytes[at + 1]!) + 1;
}

/** Registers of a run by its first byte; in a run of two bytes the second one adds to them. */
export const FIRST_LENGTHS: Uint16Array = Uint16Array.from({ length: 256 }, (_, head) =>
  runLength(Uint8Array.of(head, 0), 0),
);

/** Value of the registers of the run at `at`. */
export function runValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  return first >= 0x80 ? ((first >> 2) & 31) + 1 : 0;
}

/** Bytes of the run at `at`. */
export function runBytes(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  return first >= 0x40 && first < 0x80 ? 2 : 1;
}

export function isValueRun(bytes: Uint8Array, at: number): boolean {
  return bytes[at]! >= 0x80;
}

/** Writes a run of zeros. @returns where the next one goes. */
export function writeZeros(bytes: Uint8Array, at: number, length: number): number {
  if (length <= ZERO_MAX_RUN) {
    bytes[at] = length - 1;
    return at + 1;
  }
  bytes[at] = 0x40 | ((length - 1) >> 8);
  bytes[at + 1] = (length - 1) & 255;
  return at + 2;
}

/** Writes a run of at most four registers with a value. @returns where the next one goes. */
export function writeValues(bytes: Uint8Array, at: number, value: number, length: number): number {
  bytes[at] = 0x80 | ((value - 1) << 2) | (length - 1);
  return at + 1;
}

/**
 * Joins runs of equal values, up to five runs from `from` on. @returns the end of the runs, which
 * come closer.
 */
export function joinRuns(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  let last = end;
  for (let looks = 5; at < last && looks > 0; looks--) {
    if (!isValueRun(bytes, at)) {
      at += runBytes(bytes, at);
      continue;
    }
    const next = at + 1;
    if (next < last && isValueRun(bytes, next)) {
      const length = runLength(bytes, at) + runLength(bytes, next);
      if (runValue(bytes, at) === runValue(bytes, next) && length <= VAL_MAX_RUN) {
        writeValues(bytes, next, runValue(bytes, at), length);
        bytes.copyWithin(at, next, last);
        last--;
        continue;
      }
    }
    at++;
  }
  return last;
}
