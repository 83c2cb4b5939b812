// HyperLogLogs: strings that estimate how many different elements were added to them, byte for byte
// as Redis keeps them.
//
//   | "HYLL" | encoding: 0 dense, 1 sparse | 3 unused | estimate, 8 bytes | registers |
//
// The highest bit of the estimate says that it is out of date. One object works on one string at a
// time: on a dense one in its place (`open`), on a sparse one in a buffer of its own (`load`),
// since that changes its length. See
// https://redis.io/docs/latest/develop/data-types/probabilistic/hyperloglogs/

import { Murmur64 } from '../bytes/murmur64.ts';
import {
  DENSE_BYTES,
  denseRegister,
  FIRST_LENGTHS,
  isValueRun,
  joinRuns,
  mergeDense,
  REGISTER_COUNT,
  runBytes,
  runLength,
  runValue,
  SPARSE_MAX_VALUE,
  setDenseRegister,
  writeDense,
  writeValues,
  writeZeros,
} from './hyperloglog-registers.ts';

export const HLL_HEADER_BYTES = 16;
const DENSE_TOTAL_BYTES: number = HLL_HEADER_BYTES + DENSE_BYTES;
/** "HYLL" */
const MAGIC = [72, 89, 76, 76];
const ENCODING_AT = 4;
const ESTIMATE_AT = 8;
const DENSE = 0;
const SPARSE = 1;
const STALE = 0x80;
const INDEX_BITS = 14;
const HASH_SEED = 0xadc83b19 | 0;
/** Bits of a hash behind the index. */
const Q = 50;
const ALPHA_INFINITY = 0.7213475204444817;

/** Outcomes of `add`. */
export const HLL_UNCHANGED = 0;
export const HLL_CHANGED = 1;
export const HLL_CORRUPT = -1;

export function isHyperLogLog(bytes: Uint8Array, offset: number, length: number): boolean {
  if (length < HLL_HEADER_BYTES) return false;
  for (let i = 0; i < 4; i++) if (bytes[offset + i] !== MAGIC[i]) return false;
  const encoding = bytes[offset + ENCODING_AT]!;
  return encoding === SPARSE || (encoding === DENSE && length === DENSE_TOTAL_BYTES);
}

export class HyperLogLog {
  bytes: Uint8Array;
  offset = 0;
  length = 0;
  readonly #scratch = new Uint8Array(DENSE_TOTAL_BYTES + HLL_HEADER_BYTES);
  /** The runs that take the place of one. */
  readonly #runs = new Uint8Array(5);
  readonly #union = new Uint8Array(REGISTER_COUNT);
  readonly #own = new Uint8Array(REGISTER_COUNT);
  readonly #murmur = new Murmur64();
  /** Register and value of the element that was hashed last. */
  #index = 0;
  #value = 0;

  constructor() {
    this.bytes = this.#scratch;
  }

  // --- which one

  /** An empty one, sparse, in the own buffer. */
  create(): void {
    const bytes = this.#scratch;
    bytes.fill(0, 0, HLL_HEADER_BYTES);
    bytes.set(MAGIC, 0);
    bytes[ENCODING_AT] = SPARSE;
    this.#use(bytes, 0, writeZeros(bytes, HLL_HEADER_BYTES, REGISTER_COUNT));
  }

  /** Works on a string where it lies. */
  open(bytes: Uint8Array, offset: number, length: number): void {
    this.#use(bytes, offset, length);
  }

  /** Works on a copy of a sparse one. @returns false when it is longer than any can be. */
  load(bytes: Uint8Array, offset: number, length: number): boolean {
    if (length > DENSE_TOTAL_BYTES) return false;
    this.#scratch.set(bytes.subarray(offset, offset + length));
    this.#use(this.#scratch, 0, length);
    return true;
  }

  #use(bytes: Uint8Array, offset: number, length: number): void {
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
  }

  get isDense(): boolean {
    return this.bytes[this.offset + ENCODING_AT] === DENSE;
  }

  #start(): number {
    return this.offset + HLL_HEADER_BYTES;
  }

  // --- the estimate that is kept

  /** The estimate that is kept, or -1 when it is out of date. */
  get keptEstimate(): number {
    const at = this.offset + ESTIMATE_AT;
    if ((this.bytes[at + 7]! & STALE) !== 0) return -1;
    let estimate = 0;
    for (let i = 7; i >= 0; i--) estimate = estimate * 256 + this.bytes[at + i]!;
    return estimate;
  }

  keepEstimate(estimate: number): void {
    let rest = estimate;
    for (let i = 0; i < 8; i++) {
      this.bytes[this.offset + ESTIMATE_AT + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** Says that the kept estimate is out of date. */
  invalidate(): void {
    const at = this.offset + ESTIMATE_AT + 7;
    this.bytes[at] = this.bytes[at]! | STALE;
  }

  // --- adding

  /**
   * Adds an element.
   * @param sparseMaxBytes `hll-sparse-max-bytes`: beyond it a sparse one becomes dense.
   */
  add(element: Uint8Array, offset: number, length: number, sparseMaxBytes: number): number {
    this.#hash(element, offset, length);
    return this.setAtLeast(this.#index, this.#value, sparseMaxBytes);
  }

  /** The register is the hash's lowest bits, its value the place of the first 1 behind them. */
  #hash(element: Uint8Array, offset: number, length: number): void {
    const murmur = this.#murmur;
    murmur.hash(element, offset, length, HASH_SEED);
    this.#index = murmur.low & (REGISTER_COUNT - 1);
    const low = (murmur.low >>> INDEX_BITS) | (murmur.high << (32 - INDEX_BITS));
    if (low !== 0) {
      this.#value = 32 - Math.clz32(low & -low);
      return;
    }
    const high = (murmur.high >>> INDEX_BITS) | (1 << (Q - 32));
    this.#value = 32 + 32 - Math.clz32(high & -high);
  }

  /** Makes a register at least as large as a value. */
  setAtLeast(index: number, value: number, sparseMaxBytes: number): number {
    if (!this.isDense) return this.#setSparse(index, value, sparseMaxBytes);
    if (denseRegister(this.bytes, this.#start(), index) >= value) return HLL_UNCHANGED;
    setDenseRegister(this.bytes, this.#start(), index, value);
    return HLL_CHANGED;
  }

  #setSparse(index: number, value: number, sparseMaxBytes: number): number {
    if (value > SPARSE_MAX_VALUE) return this.#setPromoted(index, value);
    const { bytes } = this;
    const end = this.offset + this.length;
    let previous = -1;
    let at = this.#start();
    let first = 0;
    // There may be thousands of runs: one look at each tells its length and its bytes.
    while (at < end) {
      const head = bytes[at]!;
      let next = (first + FIRST_LENGTHS[head]!) | 0;
      let size = 1;
      if (head >= 0x40 && head < 0x80) {
        next = (next + bytes[at + 1]!) | 0;
        size = 2;
      }
      if (index < next) break;
      previous = at;
      first = next;
      at = (at + size) | 0;
    }
    if (at >= end) return HLL_CORRUPT;
    if (isValueRun(bytes, at) && runValue(bytes, at) >= value) return HLL_UNCHANGED;
    if (runLength(bytes, at) === 1) writeValues(bytes, at, value, 1);
    else if (!this.#split(at, first, index, value, sparseMaxBytes)) {
      return this.#setPromoted(index, value);
    }
    const from = previous < 0 ? this.#start() : previous;
    this.length = joinRuns(bytes, from, this.offset + this.length) - this.offset;
    this.invalidate();
    return HLL_CHANGED;
  }

  /**
   * Replaces a run by up to three, of which one is the register. @returns false for want of room.
   */
  #split(at: number, first: number, index: number, value: number, sparseMaxBytes: number): boolean {
    const { bytes } = this;
    const old = runValue(bytes, at);
    const before = index - first;
    const behind = first + runLength(bytes, at) - 1 - index;
    const runs = this.#runs;
    let size = 0;
    if (before > 0) {
      size = old > 0 ? writeValues(runs, size, old, before) : writeZeros(runs, size, before);
    }
    size = writeValues(runs, size, value, 1);
    if (behind > 0) {
      size = old > 0 ? writeValues(runs, size, old, behind) : writeZeros(runs, size, behind);
    }
    const oldBytes = runBytes(bytes, at);
    const added = size - oldBytes;
    if (added > 0 && this.length + added > sparseMaxBytes) return false;
    bytes.copyWithin(at + size, at + oldBytes, this.offset + this.length);
    for (let i = 0; i < size; i++) bytes[at + i] = runs[i]!;
    this.length += added;
    return true;
  }

  #setPromoted(index: number, value: number): number {
    if (!this.makeDense()) return HLL_CORRUPT;
    setDenseRegister(this.bytes, this.#start(), index, value);
    return HLL_CHANGED;
  }

  /** Makes a sparse one in the own buffer dense. @returns false when it is corrupt. */
  makeDense(): boolean {
    if (this.isDense) return true;
    const registers = this.#own.fill(0);
    if (!this.mergeInto(registers)) return false;
    this.#setDense(registers);
    return true;
  }

  #setDense(registers: Uint8Array): void {
    if (!this.isDense) {
      this.#scratch[ENCODING_AT] = DENSE;
      this.#use(this.#scratch, 0, DENSE_TOTAL_BYTES);
    }
    writeDense(this.bytes, this.#start(), registers);
  }

  // --- the union of several

  /** Registers that are all 0, for the union of some. There is one such array. */
  beginUnion(): Uint8Array {
    return this.#union.fill(0);
  }

  /**
   * Takes over the registers of the union, which contains this one.
   * @param isDense one of them was dense, so this one becomes it
   * @param sparseMaxBytes `hll-sparse-max-bytes`
   * @returns false when it is corrupt
   */
  takeUnion(isDense: boolean, sparseMaxBytes: number): boolean {
    const registers = this.#union;
    if (isDense) {
      this.#setDense(registers);
      return true;
    }
    const words = eightAtATime(registers);
    for (let word = 0; word < words.length; word++) {
      if (words[word] === 0) continue;
      for (let i = word * 8; i < word * 8 + 8; i++) {
        const value = registers[i]!;
        if (value === 0) continue;
        if (this.setAtLeast(i, value, sparseMaxBytes) === HLL_CORRUPT) return false;
      }
    }
    return true;
  }

  // --- counting

  /** Takes the larger of each register into an array. @returns false when the string is corrupt. */
  mergeInto(registers: Uint8Array): boolean {
    const { bytes } = this;
    if (this.isDense) {
      mergeDense(bytes, this.#start(), registers);
      return true;
    }
    const end = this.offset + this.length;
    let index = 0;
    for (let at = this.#start(); at < end; at += runBytes(bytes, at)) {
      const runEnd = index + runLength(bytes, at);
      if (runEnd > REGISTER_COUNT) return false;
      const value = runValue(bytes, at);
      if (value === 0) index = runEnd;
      else for (; index < runEnd; index++) if (value > registers[index]!) registers[index] = value;
    }
    return index === REGISTER_COUNT;
  }

  /** The runs as PFDEBUG DECODE shows them. */
  describeRuns(): string {
    const { bytes } = this;
    const words: string[] = [];
    for (let at = this.#start(); at < this.offset + this.length; at += runBytes(bytes, at)) {
      const length = runLength(bytes, at);
      if (isValueRun(bytes, at)) words.push(`v:${runValue(bytes, at)},${length}`);
      else words.push(`${runBytes(bytes, at) === 1 ? 'z' : 'Z'}:${length}`);
    }
    return words.join(' ');
  }
}

/** Most registers of a small one are 0: a look at a word tells it of eight. */
function eightAtATime({ buffer, byteOffset }: Uint8Array): Float64Array {
  return new Float64Array(buffer, byteOffset, REGISTER_COUNT / 8);
}

/**
 * How many different elements made the registers what they are, by Ertl's estimator ("New
 * cardinality estimation algorithms for HyperLogLog sketches", 2017), as Redis computes it.
 */
export function estimate(registers: Uint8Array): number {
  const histogram = new Int32Array(64);
  const words = eightAtATime(registers);
  let emptyWords = 0;
  for (let word = 0; word < words.length; word++) {
    const from = word * 8;
    if (words[word] === 0) emptyWords++;
    else for (let i = from; i < from + 8; i++) histogram[registers[i]!]!++;
  }
  histogram[0] = histogram[0]! + emptyWords * 8;
  const m = REGISTER_COUNT;
  let z = m * tau((m - histogram[Q + 1]!) / m);
  for (let j = Q; j >= 1; j--) {
    z += histogram[j]!;
    z *= 0.5;
  }
  z += m * sigma(histogram[0]! / m);
  return Math.round((ALPHA_INFINITY * m * m) / z);
}

function tau(part: number): number {
  if (part === 0 || part === 1) return 0;
  let x = part;
  let y = 1;
  let z = 1 - x;
  for (let before = Number.NaN; before !== z; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

function sigma(part: number): number {
  if (part === 1) return Number.POSITIVE_INFINITY;
  let x = part;
  let y = 1;
  let z = x;
  for (let before = Number.NaN; before !== z; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}
