// The inner loop of CRC-64 as WebAssembly: eight bytes a turn with integers of 64 bits, where
// JavaScript works on halves and checks each index. It takes half a nanosecond a byte, a third of
// what the loop in crc64.ts takes; files of gigabytes are read and written through it.
//
//   memory   0 eight tables of 256 x 8 bytes | 16384 the sum, 8 | 65536 a window of bytes, 64 KB
//
// The function turns the bytes from the first to the second argument (a multiple of eight) into
// the sum. `null` where WebAssembly is not available or switched off.

import { copyBytes } from './copy.ts';
import * as w from './wasm.ts';

const TABLE_BYTES = 2048;
const SUM_AT = 8 * TABLE_BYTES;
const WINDOW_AT = 65536;
const WINDOW_BYTES = 65536;

// Locals of the function.
const AT = 0;
const LAST = 1;
const LOW = 2;
const HIGH = 3;
const SUM = 4;

/** What a byte of a word has become, from the table in whose place it stands. */
function tableEntry(word: number, byte: number, table: number): w.Code {
  const shift = byte * 8 - 3;
  const moved = shift < 0 ? w.shl(w.get(word), w.i32(-shift)) : w.shr(w.get(word), w.i32(shift));
  return w.load64(w.and(moved, w.i32(255 << 3)), table * TABLE_BYTES);
}

function updateCode(): w.Code {
  let sum = tableEntry(LOW, 0, 7);
  for (let byte = 1; byte < 8; byte++) {
    sum = w.xor64(sum, tableEntry(byte < 4 ? LOW : HIGH, byte & 3, 7 - byte));
  }
  return [
    ...w.set(SUM, w.load64(w.i32(SUM_AT))),
    ...w.loop(
      w.set(LOW, w.low32(w.put(SUM, w.xor64(w.get(SUM), w.load64(w.get(AT)))))),
      w.set(HIGH, w.high32(w.get(SUM))),
      w.set(SUM, sum),
      w.leaveIf(w.lt(w.put(AT, w.add(w.get(AT), w.i32(8))), w.get(LAST)), 0),
    ),
    ...w.store64(w.i32(SUM_AT), w.get(SUM)),
    ...w.i32(0),
  ];
}

interface Functions {
  readonly update: (from: number, to: number) => number;
}

export class Crc64Machine {
  /** The sum, low half first. */
  readonly sum: Int32Array;
  readonly #update: Functions['update'];
  readonly #window: Uint8Array;

  constructor(buffer: ArrayBuffer, { update }: Functions, tables: Int32Array) {
    this.#update = update;
    this.#window = new Uint8Array(buffer, WINDOW_AT, WINDOW_BYTES);
    this.sum = new Int32Array(buffer, SUM_AT, 2);
    new Int32Array(buffer).set(tables);
  }

  /** Adds bytes, a multiple of eight of them, to the sum. */
  update(bytes: Uint8Array, offset: number, length: number): void {
    for (let at = 0; at < length; at += WINDOW_BYTES) {
      const count = Math.min(WINDOW_BYTES, length - at);
      copyBytes(this.#window, 0, bytes, offset + at, count);
      this.#update(WINDOW_AT, WINDOW_AT + count);
    }
  }
}

/**
 * @param tables eight tables of what a byte becomes, each entry as low and high half.
 * @returns null where the machine has no WebAssembly.
 */
export function createCrc64Machine(tables: Int32Array): Crc64Machine | null {
  const made = w.createMachine<Functions>((WINDOW_AT + WINDOW_BYTES) / 65536, [
    { name: 'update', parameters: 2, locals: 2, locals64: 1, code: updateCode() },
  ]);
  return made === null ? null : new Crc64Machine(made.memory.buffer, made, tables);
}
