// The inner loop of CRC-64 as a WebAssembly module of one function, put together here from its
// instructions: eight bytes a turn with integers of 64 bits, where JavaScript works on halves and
// checks each index. It takes half a nanosecond a byte, a third of what the loop in crc64.ts takes;
// files of gigabytes are read and written through it.
//
//   memory   0 eight tables of 256 x 8 bytes | 16384 the sum, 8 | 65536 a window of bytes, 64 KB
//
// The function turns the bytes from the first to the second argument (a multiple of eight) into
// the sum. `null` where WebAssembly is not available or switched off.

import { copyBytes } from './copy.ts';

const TABLE_BYTES = 2048;
const SUM_AT = 8 * TABLE_BYTES;
const WINDOW_AT = 65536;
const WINDOW_BYTES = 65536;

// Instructions of the binary format.
const END = 0x0b;
const LOOP = 0x03;
const BR_IF = 0x0d;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I64_LOAD = 0x29;
const I64_STORE = 0x37;
const I32_CONST = 0x41;
const I32_LT_U = 0x49;
const I32_ADD = 0x6a;
const I32_AND = 0x71;
const I32_SHL = 0x74;
const I32_SHR_U = 0x76;
const I64_XOR = 0x85;
const I64_SHR_U = 0x88;
const I32_WRAP_I64 = 0xa7;
const I64_CONST = 0x42;
const I32 = 0x7f;
const I64 = 0x7e;
const VOID = 0x40;
const FUNCTION = 0x60;

// Locals of the function.
const AT = 0;
const LAST = 1;
const SUM = 2;
const LOW = 3;
const HIGH = 4;

function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...out, rest];
}

/** A constant below 2^31, whose sign bit in its last group must be clear. */
function constant(value: number): number[] {
  const out = unsigned(value);
  if ((out.at(-1)! & 64) !== 0) out.push(...[out.pop()! | 128, 0]);
  return [I32_CONST, ...out];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

/** What a byte of a word has become, from the table in whose place it stands. */
function tableEntry(word: number, byte: number, table: number): number[] {
  const shift = byte * 8 - 3;
  return [
    ...[LOCAL_GET, word, ...constant(Math.abs(shift)), shift < 0 ? I32_SHL : I32_SHR_U],
    ...[...constant(255 << 3), I32_AND],
    ...[I64_LOAD, 3, ...unsigned(table * TABLE_BYTES)],
  ];
}

function functionBody(): number[] {
  const load = (address: readonly number[]): number[] => [...address, I64_LOAD, 0, 0];
  const entries: number[] = [];
  for (let byte = 0; byte < 8; byte++) {
    entries.push(...tableEntry(byte < 4 ? LOW : HIGH, byte & 3, 7 - byte));
    if (byte > 0) entries.push(I64_XOR);
  }
  const code = [
    ...[...load(constant(SUM_AT)), LOCAL_SET, SUM],
    ...[LOOP, VOID],
    ...[LOCAL_GET, SUM, ...load([LOCAL_GET, AT]), I64_XOR, LOCAL_TEE, SUM],
    ...[I32_WRAP_I64, LOCAL_SET, LOW],
    ...[LOCAL_GET, SUM, I64_CONST, 32, I64_SHR_U, I32_WRAP_I64, LOCAL_SET, HIGH],
    ...[...entries, LOCAL_SET, SUM],
    ...[LOCAL_GET, AT, ...constant(8), I32_ADD, LOCAL_TEE, AT],
    ...[LOCAL_GET, LAST, I32_LT_U, BR_IF, 0],
    END,
    ...[...constant(SUM_AT), LOCAL_GET, SUM, I64_STORE, 0, 0],
    END,
  ];
  const locals = [2, 1, I64, 2, I32];
  return [...locals, ...code];
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const name = (text: string): number[] => [text.length, ...Buffer.from(text, 'latin1')];
  const body = functionBody();
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 2, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, (WINDOW_AT + WINDOW_BYTES) / 65536]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('update'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly update: (from: number, to: number) => void;
}

/** What is used here of the global of that name, which not every machine has. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

export class Crc64Machine {
  /** The sum, low half first. */
  readonly sum: Int32Array;
  readonly #update: (from: number, to: number) => void;
  readonly #window: Uint8Array;

  constructor(exports: Exports, tables: Int32Array) {
    const { buffer } = exports.memory;
    this.#update = exports.update;
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
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) return null;
  try {
    const instance = new api.Instance(new api.Module(moduleBytes()));
    return new Crc64Machine(instance.exports as Exports, tables);
  } catch {
    return null;
  }
}
