// LZF (lzf.ts) as WebAssembly, a third to a tenth of what the same loops take in JavaScript: the
// bytes are in a memory without checks of each index, and are copied eight at a time, which may
// write a few bytes too many where the next ones will stand.
//
//   memory   | places of the compressor, 256 KB | output, 256 KB | input, what the caller asks for |
//
// What is to be packed or unpacked must lie in `input`; what comes out lies at the beginning of
// `output` until the next call. The packed bytes are those of lzf.ts, which a test holds.

import * as w from './wasm.ts';

const PAGE_BYTES = 65536;
const TABLE_PAGES = 4;
const OUTPUT_PAGES = 4;
const OUTPUT_AT = TABLE_PAGES * PAGE_BYTES;
const INPUT_AT = OUTPUT_AT + OUTPUT_PAGES * PAGE_BYTES;
/** What is copied in steps may end behind its end. */
const SLACK_BYTES = 16;
/** What can come out at most. */
export const LZF_OUTPUT_BYTES: number = OUTPUT_PAGES * PAGE_BYTES - SLACK_BYTES;
/** Where the count of places begins anew. */
const MAX_BASE = 0x40000000;
const MAX_COPY = 264;
const MAX_DISTANCE = 8192;
const SHORT_COPY = 16;
const MAX_LITERALS = 32;

const { add, and, eq, ge, get, gt, i32, le, leave, leaveIf, load8, lt, or, set, shl, shr, sub } = w;

/** unpack(at, end, outLength): 1 when just so many bytes have come out. */
function unpackCode(): w.Code {
  const [AT, END, OUT_END, OUT, CONTROL, COUNT, FROM, TO] = [0, 1, 2, 3, 4, 5, 6, 7];
  const copyWide = w.loop(
    w.copy64(get(TO), get(FROM)),
    w.advance(FROM, 8),
    w.advance(TO, 8),
    leaveIf(lt(get(TO), get(OUT)), 0),
  );
  const copyBytes = w.loop(
    w.store8(get(TO), load8(get(FROM))),
    w.advance(FROM, 1),
    w.advance(TO, 1),
    leaveIf(lt(get(TO), get(OUT)), 0),
  );
  const isTooLong = gt(add(get(OUT), get(COUNT)), get(OUT_END));
  const move = [...set(TO, get(OUT)), ...set(OUT, add(get(OUT), get(COUNT)))];
  const literals = [
    ...set(COUNT, add(get(CONTROL), i32(1))),
    ...w.giveIf(or(gt(add(get(AT), get(COUNT)), get(END)), isTooLong), i32(0)),
    ...set(FROM, get(AT)),
    ...set(AT, add(get(AT), get(COUNT))),
    ...move,
    ...copyWide,
  ];
  const back = or(shl(and(get(CONTROL), i32(31)), i32(8)), load8(get(AT)));
  const copy = [
    ...set(COUNT, add(shr(get(CONTROL), i32(5)), i32(2))),
    ...w.giveIf(ge(get(AT), get(END)), i32(0)),
    ...w.when(eq(get(COUNT), i32(9)), [
      ...set(COUNT, add(load8(get(AT)), i32(9))),
      ...w.advance(AT, 1),
      ...w.giveIf(ge(get(AT), get(END)), i32(0)),
    ]),
    ...set(FROM, sub(sub(get(OUT), i32(1)), back)),
    ...w.advance(AT, 1),
    ...w.giveIf(or(lt(get(FROM), i32(OUTPUT_AT)), isTooLong), i32(0)),
    ...move,
    ...w.when(ge(sub(get(TO), get(FROM)), i32(8)), copyWide, copyBytes),
  ];
  return [
    ...set(OUT, i32(OUTPUT_AT)),
    ...set(OUT_END, add(get(OUT_END), i32(OUTPUT_AT))),
    ...w.block(
      w.loop(
        leaveIf(ge(get(AT), get(END)), 1),
        set(CONTROL, load8(get(AT))),
        w.advance(AT, 1),
        w.when(lt(get(CONTROL), i32(32)), literals, copy),
        leave(0),
      ),
    ),
    ...eq(get(OUT), get(OUT_END)),
  ];
}

// Locals of `pack`.
const AT = 0;
const END = 1;
const OUT_END = 2;
const BASE = 3;
const SHIFT = 4;
const LAST = 5;
const OUT = 6;
const RUN = 7;
const SLOT = 8;
const SEEN = 9;
const FROM = 10;
const LENGTH = 11;
const MOST = 12;
const BACK = 13;

/** The address in the table for the three bytes at `at`. */
function slotOf(at: w.Code): w.Code {
  const three = or(or(shl(load8(at), i32(16)), shl(load8(at, 1), i32(8))), load8(at, 2));
  return [
    ...set(SLOT, three),
    ...shl(and(sub(shr(get(SLOT), i32(8)), w.mul(get(SLOT), i32(5))), i32(0xffff)), i32(2)),
  ];
}

/** Tells how many bytes lie before the next copy. */
const closeRun: w.Code = w.store8(sub(sub(get(OUT), get(RUN)), i32(1)), sub(get(RUN), i32(1)));

/** Puts a byte where it stands; a full run is closed. */
const literal: w.Code = [
  ...w.store8(get(OUT), load8(get(AT))),
  ...w.advance(OUT, 1),
  ...w.advance(AT, 1),
  ...w.advance(RUN, 1),
  ...w.when(eq(get(RUN), i32(MAX_LITERALS)), [
    ...closeRun,
    ...set(RUN, i32(0)),
    ...w.advance(OUT, 1),
  ]),
];

const differs = (): w.Code =>
  w.ne(load8(add(get(FROM), get(LENGTH))), load8(add(get(AT), get(LENGTH))));

const matchLength: w.Code = [
  ...set(MOST, sub(sub(get(END), get(AT)), i32(2))),
  ...w.when(gt(get(MOST), i32(MAX_COPY)), set(MOST, i32(MAX_COPY))),
  ...set(LENGTH, i32(3)),
  ...w.block(
    w.when(gt(get(MOST), i32(SHORT_COPY)), [
      ...w.loop(
        leaveIf(differs(), 2),
        w.advance(LENGTH, 1),
        leaveIf(le(get(LENGTH), i32(SHORT_COPY + 2)), 0),
      ),
    ]),
    w.loop(
      leaveIf(ge(get(LENGTH), get(MOST)), 1),
      leaveIf(differs(), 1),
      w.advance(LENGTH, 1),
      leave(0),
    ),
  ),
];

const putByte = (value: w.Code): w.Code => [...w.store8(get(OUT), value), ...w.advance(OUT, 1)];

const writeCopy: w.Code = [
  ...set(BACK, sub(sub(get(AT), get(FROM)), i32(1))),
  ...w.when(
    lt(get(LENGTH), i32(9)),
    putByte(or(shl(sub(get(LENGTH), i32(2)), i32(5)), shr(get(BACK), i32(8)))),
    [...putByte(or(i32(0xe0), shr(get(BACK), i32(8)))), ...putByte(sub(get(LENGTH), i32(9)))],
  ),
  ...putByte(get(BACK)),
  ...w.advance(OUT, 1),
];

function rememberBefore(distance: number): w.Code {
  const at = sub(get(AT), i32(distance));
  // The address first: computing it uses the local that holds the three bytes.
  return w.store32(slotOf(at), add(at, get(SHIFT)));
}

/** pack(at, end, limit, base): the bytes that have come out, or 0 when they would be more. */
function packCode(): w.Code {
  const look = [
    ...set(FROM, slotOf(get(AT))),
    ...set(SEEN, w.load32(get(FROM))),
    ...w.store32(get(FROM), add(get(AT), get(SHIFT))),
    ...set(FROM, sub(get(SEEN), get(SHIFT))),
  ];
  const copy = [
    ...w.giveIf(ge(add(add(get(OUT), i32(3)), w.ne(get(RUN), i32(0))), get(OUT_END)), i32(0)),
    ...w.when(eq(get(RUN), i32(0)), w.advance(OUT, -1), closeRun),
    ...matchLength,
    ...writeCopy,
    ...set(RUN, i32(0)),
    ...set(AT, add(get(AT), get(LENGTH))),
  ];
  return [
    ...set(SHIFT, sub(get(BASE), get(AT))),
    ...set(LAST, sub(get(END), i32(2))),
    ...set(OUT, i32(OUTPUT_AT + 1)),
    ...set(OUT_END, add(get(OUT_END), i32(OUTPUT_AT))),
    ...w.block(
      w.loop(
        leaveIf(ge(get(AT), get(LAST)), 1),
        look,
        w.block(
          w.block(
            leaveIf(le(get(SEEN), get(BASE)), 0),
            leaveIf(gt(sub(get(AT), get(FROM)), i32(MAX_DISTANCE)), 0),
            leaveIf(w.ne(w.load16(get(FROM)), w.load16(get(AT))), 0),
            leaveIf(w.ne(load8(get(FROM), 2), load8(get(AT), 2)), 0),
            leave(1),
          ),
          w.giveIf(ge(get(OUT), get(OUT_END)), i32(0)),
          literal,
          leave(1),
        ),
        copy,
        leaveIf(ge(get(AT), get(LAST)), 1),
        rememberBefore(2),
        rememberBefore(1),
        leave(0),
      ),
    ),
    ...w.giveIf(gt(add(get(OUT), i32(3)), get(OUT_END)), i32(0)),
    ...w.block(w.loop(leaveIf(ge(get(AT), get(END)), 1), literal, leave(0))),
    ...w.when(w.ne(get(RUN), i32(0)), [...closeRun, ...w.advance(OUT, 1)]),
    ...sub(sub(get(OUT), i32(1)), i32(OUTPUT_AT)),
  ];
}

interface Functions {
  readonly unpack: (at: number, end: number, outLength: number) => number;
  readonly pack: (at: number, end: number, limit: number, base: number) => number;
}

export class LzfMachine {
  /** Where what is to be packed or unpacked lies. */
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  /** The same as `output`, as words. */
  readonly outputWords: Int32Array;
  readonly #table: Int32Array;
  readonly #functions: Functions;
  #base = 1;

  private constructor(buffer: ArrayBuffer, inputBytes: number, functions: Functions) {
    this.input = new Uint8Array(buffer, INPUT_AT, inputBytes);
    this.output = new Uint8Array(buffer, OUTPUT_AT, LZF_OUTPUT_BYTES);
    this.outputWords = new Int32Array(buffer, OUTPUT_AT, LZF_OUTPUT_BYTES >> 2);
    this.#table = new Int32Array(buffer, 0, OUTPUT_AT >> 2);
    this.#functions = functions;
  }

  /** @returns null where the machine has no WebAssembly. */
  static create(inputBytes: number): LzfMachine | null {
    const pages = Math.ceil((INPUT_AT + inputBytes + SLACK_BYTES) / PAGE_BYTES);
    const exports = w.createMachine<Functions>(pages, [
      { name: 'unpack', parameters: 3, locals: 5, code: unpackCode() },
      { name: 'pack', parameters: 4, locals: 10, code: packCode() },
    ]);
    return exports === null ? null : new LzfMachine(exports.memory.buffer, inputBytes, exports);
  }

  /**
   * Unpacks `length` bytes of the input at `at`.
   * @param outLength the bytes that must come out, up to LZF_OUTPUT_BYTES.
   * @returns false when the input is not sound or another number of bytes comes out.
   */
  unpack(at: number, length: number, outLength: number): boolean {
    const from = INPUT_AT + at;
    return this.#functions.unpack(from, from + length, outLength) === 1;
  }

  /**
   * Packs `length` bytes (at least 4) of the input at `at`.
   * @param limit the bytes that may come out, less than LZF_OUTPUT_BYTES.
   * @returns how many have come out, or 0 when there would be more.
   */
  pack(at: number, length: number, limit: number): number {
    if (this.#base > MAX_BASE) {
      this.#table.fill(0);
      this.#base = 1;
    }
    const base = this.#base;
    this.#base += length;
    return this.#functions.pack(INPUT_AT + at, INPUT_AT + at + length, limit, base);
  }
}

/** Longest string that a SharedLzf packs, in bytes. */
export const SHARED_LZF_BYTES = 65536;

/** A machine for whoever packs, made when it is first asked for: all call the same functions. */
export class SharedLzf {
  #machine: LzfMachine | null | undefined;

  /** null where the machine has no WebAssembly. */
  get(): LzfMachine | null {
    if (this.#machine === undefined) this.#machine = LzfMachine.create(SHARED_LZF_BYTES);
    return this.#machine;
  }
}
