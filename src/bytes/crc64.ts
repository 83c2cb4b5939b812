// CRC-64/Jones (polynomial 0xad93d23594c935a9, reflected, start 0, no final xor), the checksum at
// the end of RDB files and DUMP payloads. Numbers of 64 bits are two halves of 32, and eight bytes
// are taken at a time through eight tables ("slicing by 8"), so a checksum costs about a nanosecond
// a byte and allocates nothing. Longer ranges go through crc64-machine.ts.

import { type Crc64Machine, createCrc64Machine } from './crc64-machine.ts';

const REFLECTED_HIGH = 0x95ac9329;
const REFLECTED_LOW = 0xac4bc9b5;
const TABLES = 8;
/** Shorter ranges are not worth the way to the machine and back. */
const MIN_MACHINE_BYTES = 1024;

interface Tables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

const CRC_TABLES: Tables = makeTables();

function makeTables(): Tables {
  const high = new Int32Array(TABLES * 256);
  const low = new Int32Array(TABLES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let upper = 0;
    let lower = byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = lower & 1;
      lower = (lower >>> 1) | (upper << 31);
      upper >>>= 1;
      if (carry) {
        upper ^= REFLECTED_HIGH;
        lower ^= REFLECTED_LOW;
      }
    }
    high[byte] = upper;
    low[byte] = lower;
  }
  // Table n holds what a byte has become after n more zero bytes.
  for (let i = 256; i < TABLES * 256; i++) {
    const upper = high[i - 256]!;
    const lower = low[i - 256]!;
    const byte = lower & 255;
    high[i] = (upper >>> 8) ^ high[byte]!;
    low[i] = ((lower >>> 8) | (upper << 24)) ^ low[byte]!;
  }
  return { high, low };
}

/** Low and high halves in turn, as the machine wants them. */
function mergedTables(): Int32Array {
  const merged = new Int32Array(TABLES * 512);
  for (let i = 0; i < TABLES * 256; i++) {
    merged[i * 2] = CRC_TABLES.low[i]!;
    merged[i * 2 + 1] = CRC_TABLES.high[i]!;
  }
  return merged;
}

/**
 * A running checksum: feed it ranges of bytes in order, then read `high` and `low`, or write it
 * out.
 */
export class Crc64 {
  /** Upper 32 bits of the checksum so far, as a signed integer. */
  high = 0;
  /** Lower 32 bits of the checksum so far, as a signed integer. */
  low = 0;
  /** Null for short sums, and where there can be none; made when the first long range comes. */
  #machine: Crc64Machine | null | undefined;

  /** @param isOfFile whether the sum is one of megabytes, for which a machine is worth making. */
  constructor(isOfFile = false) {
    this.#machine = isOfFile ? undefined : null;
  }

  /** Starts again from the checksum of nothing. */
  reset(): void {
    this.high = 0;
    this.low = 0;
  }

  /** Adds a range of bytes to what the checksum covers. */
  update(bytes: Uint8Array, offset: number, length: number): void {
    const isLong = length >= MIN_MACHINE_BYTES && this.#machine !== null;
    const done = isLong ? this.#updateLong(bytes, offset, length & ~7) : 0;
    this.#updateShort(bytes, offset + done, length - done);
  }

  /** @returns `length`, or 0 where there is no machine. */
  #updateLong(bytes: Uint8Array, offset: number, length: number): number {
    if (this.#machine === undefined) this.#machine = createCrc64Machine(mergedTables());
    const machine = this.#machine;
    if (machine === null) return 0;
    machine.sum[0] = this.low;
    machine.sum[1] = this.high;
    machine.update(bytes, offset, length);
    this.low = machine.sum[0]!;
    this.high = machine.sum[1]!;
    return length;
  }

  #updateShort(bytes: Uint8Array, offset: number, length: number): void {
    const tableHigh = CRC_TABLES.high;
    const tableLow = CRC_TABLES.low;
    let high = this.high;
    let low = this.low;
    let i = offset;
    const end = offset + length;
    for (const last = end - 8; i <= last; i += 8) {
      const a =
        low ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
      const b =
        high ^
        (bytes[i + 4]! | (bytes[i + 5]! << 8) | (bytes[i + 6]! << 16) | (bytes[i + 7]! << 24));
      const at0 = 1792 + (a & 255);
      const at1 = 1536 + ((a >>> 8) & 255);
      const at2 = 1280 + ((a >>> 16) & 255);
      const at3 = 1024 + (a >>> 24);
      const at4 = 768 + (b & 255);
      const at5 = 512 + ((b >>> 8) & 255);
      const at6 = 256 + ((b >>> 16) & 255);
      const at7 = b >>> 24;
      high = tableHigh[at0]! ^ tableHigh[at1]! ^ tableHigh[at2]! ^ tableHigh[at3]!;
      high ^= tableHigh[at4]! ^ tableHigh[at5]! ^ tableHigh[at6]! ^ tableHigh[at7]!;
      low = tableLow[at0]! ^ tableLow[at1]! ^ tableLow[at2]! ^ tableLow[at3]!;
      low ^= tableLow[at4]! ^ tableLow[at5]! ^ tableLow[at6]! ^ tableLow[at7]!;
    }
    for (; i < end; i++) {
      const byte = (low ^ bytes[i]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ tableLow[byte]!;
      high = (high >>> 8) ^ tableHigh[byte]!;
    }
    this.high = high;
    this.low = low;
  }

  /** Writes the checksum as 8 bytes, lowest first, as RDB files and DUMP payloads carry it. */
  write(target: Uint8Array, offset: number): void {
    for (let i = 0; i < 4; i++) {
      target[offset + i] = this.low >>> (8 * i);
      target[offset + 4 + i] = this.high >>> (8 * i);
    }
  }

  /** True when 8 bytes at `offset` hold this checksum, lowest byte first. */
  equals(bytes: Uint8Array, offset: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (bytes[offset + i] !== ((this.low >>> (8 * i)) & 255)) return false;
      if (bytes[offset + 4 + i] !== ((this.high >>> (8 * i)) & 255)) return false;
    }
    return true;
  }

  /** The checksum as one unsigned number, for messages and tests. */
  toBigInt(): bigint {
    return (BigInt(this.high >>> 0) << 32n) | BigInt(this.low >>> 0);
  }
}
