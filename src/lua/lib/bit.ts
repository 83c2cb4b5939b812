// The bit library (BitOp 1.0.2) that Redis ships. http://bitop.luajit.org/api.html

import type { Runtime } from '../runtime.ts';
import type { Arguments } from './arguments.ts';
import { type Builtin, libraryOf } from './registry.ts';

/** 2^52 + 2^51: adding it leaves a number's lowest 32 bits at the end of the mantissa. */
const BIAS = 6755399441055744;

/** An argument as 32 bits, rounded to even and modulo 2^32. */
function bits(args: Arguments, i: number): number {
  const value = args.at(i);
  const number =
    typeof value === 'number' || typeof value === 'string' ? args.number(i) : Number.NaN;
  if (value === undefined || (Number.isNaN(number) && typeof value !== 'number')) {
    throw args.typeError(i, 'number');
  }
  if (!Number.isFinite(number)) return 0;
  const biased = number + BIAS;
  if (Math.abs(number) < 2 ** 51) return Number((biased - BIAS) % 4294967296) | 0;
  return bitsOfMantissa(biased);
}

function bitsOfMantissa(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getInt32(4);
}

function folded(combine: (a: number, b: number) => number): Builtin {
  return (args) => {
    let result = bits(args, 1);
    for (let i = args.count; i > 1; i--) result = combine(result, bits(args, i));
    return result | 0;
  };
}

function shifted(shift: (value: number, count: number) => number): Builtin {
  return (args) => {
    const value = bits(args, 1);
    return shift(value, bits(args, 2) & 31) | 0;
  };
}

function toHex(args: Arguments): string {
  const value = bits(args, 1) >>> 0;
  const given = args.count < 2 ? 8 : bits(args, 2);
  const digits = Math.min(8, Math.abs(given));
  if (digits === 0) return '';
  const text = value
    .toString(16)
    .padStart(8, '0')
    .slice(8 - digits);
  return given < 0 ? text.toUpperCase() : text;
}

export function openBit(runtime: Runtime): void {
  const library = libraryOf({
    tobit: (args) => bits(args, 1) | 0,
    bnot: (args) => ~bits(args, 1),
    band: folded((a, b) => a & b),
    bor: folded((a, b) => a | b),
    bxor: folded((a, b) => a ^ b),
    lshift: shifted((value, count) => value << count),
    rshift: shifted((value, count) => value >>> count),
    arshift: shifted((value, count) => value >> count),
    rol: shifted((value, count) => (value << count) | (count === 0 ? 0 : value >>> (32 - count))),
    ror: shifted((value, count) => (count === 0 ? 0 : value << (32 - count)) | (value >>> count)),
    bswap: (args) => {
      const value = bits(args, 1);
      return (
        (value >>> 24) | ((value >> 8) & 0xff00) | ((value & 0xff00) << 8) | ((value << 24) | 0)
      );
    },
    tohex: (args) => toHex(args),
  });
  runtime.globals.set('bit', library);
}
