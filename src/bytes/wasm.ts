// A small assembler of WebAssembly, for the few loops over bytes in which JavaScript's checks of
// each index cost more than the work: a function is put together from its instructions, so there is
// no compiler to install and nothing to load. Expressions are arrays of code bytes; what they
// compute is written around them: `store8(get(to), load8(get(from)))`.

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const VOID = 0x40;
const FUNCTION = 0x60;
const I32 = 0x7f;
const I64 = 0x7e;

export type Code = readonly number[];

function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  while (rest >= 128) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return [...out, rest];
}

/** A constant from 0 to 2^31 - 1, whose sign bit in its last group must be clear. */
export function i32(value: number): Code {
  const out = unsigned(value);
  if ((out.at(-1)! & 64) !== 0) out.push(...[out.pop()! | 128, 0]);
  return [0x41, ...out];
}

export const get = (local: number): Code => [0x20, local];
/** The value of a local once it has been set. */
export const put = (local: number, value: Code): Code => [...value, 0x22, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
/** Adds a constant, which may be negative, to a local. */
export const advance = (local: number, by: number): Code =>
  set(local, by < 0 ? sub(get(local), i32(-by)) : add(get(local), i32(by)));

const binary =
  (operation: number) =>
  (a: Code, b: Code): Code => [...a, ...b, operation];

export const eq: (a: Code, b: Code) => Code = binary(0x46);
export const ne: (a: Code, b: Code) => Code = binary(0x47);
export const lt: (a: Code, b: Code) => Code = binary(0x49);
export const gt: (a: Code, b: Code) => Code = binary(0x4b);
export const le: (a: Code, b: Code) => Code = binary(0x4d);
export const ge: (a: Code, b: Code) => Code = binary(0x4f);
export const add: (a: Code, b: Code) => Code = binary(0x6a);
export const sub: (a: Code, b: Code) => Code = binary(0x6b);
export const mul: (a: Code, b: Code) => Code = binary(0x6c);
export const and: (a: Code, b: Code) => Code = binary(0x71);
export const or: (a: Code, b: Code) => Code = binary(0x72);
export const shl: (a: Code, b: Code) => Code = binary(0x74);
export const shr: (a: Code, b: Code) => Code = binary(0x76);

const load =
  (operation: number) =>
  (at: Code, offset = 0): Code => [...at, operation, 0, ...unsigned(offset)];

/** Loads are of unsigned bytes and halves; an address need not be aligned. */
export const load8: (at: Code, offset?: number) => Code = load(0x2d);
export const load16: (at: Code, offset?: number) => Code = load(0x2f);
export const load32: (at: Code, offset?: number) => Code = load(0x28);
export const load64: (at: Code, offset?: number) => Code = load(0x29);
export const store8 = (at: Code, value: Code): Code => [...at, ...value, 0x3a, 0, 0];
export const store32 = (at: Code, value: Code): Code => [...at, ...value, 0x36, 0, 0];
export const store64 = (at: Code, value: Code): Code => [...at, ...value, 0x37, 0, 0];
/** Copies eight bytes. */
export const copy64 = (to: Code, from: Code): Code => store64(to, load64(from));

export const xor64: (a: Code, b: Code) => Code = binary(0x85);
/** The high half of an integer of 64 bits, and the low one. */
export const high32 = (value: Code): Code => [...value, 0x42, 32, 0x88, 0xa7];
export const low32 = (value: Code): Code => [...value, 0xa7];

/** `leave(n)` inside leads behind the n-th block around it, counted from 0. */
export const block = (...code: Code[]): Code => [BLOCK, VOID, ...code.flat(), END];
/** `leave(n)` inside leads to the beginning of the n-th loop around it. */
export const loop = (...code: Code[]): Code => [LOOP, VOID, ...code.flat(), END];
export const leave = (depth: number): Code => [0x0c, depth];
export const leaveIf = (condition: Code, depth: number): Code => [...condition, 0x0d, depth];
export const giveIf = (condition: Code, value: Code): Code => [
  ...[...condition, IF, VOID, ...value, 0x0f],
  END,
];
/** Counts as a block around what is in it. */
export const when = (condition: Code, then: Code, otherwise: Code = []): Code => [
  ...[...condition, IF, VOID, ...then],
  ...(otherwise.length === 0 ? [] : [ELSE, ...otherwise]),
  END,
];

/** Its parameters are integers of 32 bits, as is its result: the last expression in its code. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  /** Locals beside the parameters, numbered after them: of 32 bits, then of 64. */
  readonly locals: number;
  readonly locals64?: number;
  readonly code: Code;
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): Code {
  return [text.length, ...Buffer.from(text, 'latin1')];
}

function moduleBytes(pages: number, functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const types: number[] = [];
  const exported = [...name('memory'), 2, 0];
  const bodies: number[] = [];
  functions.forEach((each, index) => {
    types.push(...[FUNCTION, each.parameters], ...new Array(each.parameters).fill(I32), 1, I32);
    exported.push(...name(each.name), 0, index);
    const body = [2, each.locals, I32, each.locals64 ?? 0, I64, ...each.code, END];
    bodies.push(...unsigned(body.length), ...body);
  });
  const count = functions.length;
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [count, ...types]),
    ...section(3, [count, ...functions.map((_, index) => index)]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [count + 1, ...exported]),
    ...section(10, [count, ...bodies]),
  ]);
}

/** What is used here of the global of that name, which not every machine has. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/**
 * @param pages of 64 KB that the memory has.
 * @returns the module's memory and functions by their names; null where there is no WebAssembly.
 */
export function createMachine<Functions>(
  pages: number,
  functions: readonly WasmFunction[],
): ({ readonly memory: { readonly buffer: ArrayBuffer } } & Functions) | null {
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (api === undefined) return null;
  try {
    const instance = new api.Instance(new api.Module(moduleBytes(pages, functions)));
    return instance.exports as { readonly memory: { readonly buffer: ArrayBuffer } } & Functions;
  } catch {
    return null;
  }
}
