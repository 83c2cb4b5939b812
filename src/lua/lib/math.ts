// The math library of Lua 5.1, with the random generator that Redis puts in the place of C's: the
// same numbers for the same seed on every machine. https://www.lua.org/manual/5.1/manual.html#5.6

import { runtimeError } from '../errors.ts';
import { arithmetic, roundDown } from '../operators.ts';
import type { Random48 } from '../random48.ts';
import type { Runtime } from '../runtime.ts';
import type { Result } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { type Builtin, libraryOf } from './registry.ts';

const RANDOM_MAX = 2147483647;

const ORDER = [
  ...['abs', 'acos', 'asin', 'atan2', 'atan', 'ceil', 'cosh', 'cos', 'deg', 'exp', 'floor', 'fmod'],
  ...['frexp', 'ldexp', 'log10', 'log', 'max', 'min', 'modf', 'pow', 'rad', 'random', 'randomseed'],
  ...['sinh', 'sin', 'sqrt', 'tanh', 'tan'],
];

export function openMath(runtime: Runtime): void {
  const library = libraryOf({ ...numberFunctions(), ...randomFunctions(runtime.random) }, ORDER);
  library.set('pi', Math.PI);
  library.set('huge', Number.POSITIVE_INFINITY);
  library.set('mod', library.getString('fmod'));
  runtime.globals.set('math', library);
}

function of(compute: (value: number) => number): Builtin {
  return (args) => compute(args.number(1));
}

/** The compiler of C has the second argument looked at first, which errors show. */
function both(args: Arguments, compute: (a: number, b: number) => number): number {
  const second = args.number(2);
  return compute(args.number(1), second);
}

function numberFunctions(): Record<string, Builtin> {
  return {
    abs: of(Math.abs),
    acos: of(Math.acos),
    asin: of(Math.asin),
    atan: of(Math.atan),
    atan2: (args) => both(args, Math.atan2),
    ceil: of(Math.ceil),
    cos: of(Math.cos),
    cosh: of(Math.cosh),
    deg: of((value) => value / (Math.PI / 180)),
    exp: of(Math.exp),
    floor: of(Math.floor),
    fmod: (args) => both(args, (a, b) => a % b),
    frexp: (args) => fraction(args.number(1)),
    ldexp: (args) => {
      const exponent = args.int(2);
      return scale(args.number(1), exponent);
    },
    log: of(Math.log),
    log10: of(Math.log10),
    max: (args) => extreme(args, (a, b) => b > a),
    min: (args) => extreme(args, (a, b) => b < a),
    modf: (args) => parts(args.number(1)),
    pow: (args) => both(args, (a, b) => arithmetic(5, a, b)),
    rad: of((value) => value * (Math.PI / 180)),
    sin: of(Math.sin),
    sinh: of(Math.sinh),
    sqrt: of(Math.sqrt),
    tan: of(Math.tan),
    tanh: of(Math.tanh),
  };
}

function extreme(args: Arguments, isBetter: (best: number, other: number) => boolean): number {
  let best = args.number(1);
  for (let i = 2; i <= args.count; i++) {
    const other = args.number(i);
    if (isBetter(best, other)) best = other;
  }
  return best;
}

function parts(value: number): Result {
  if (Number.isNaN(value)) return [value, value];
  // The sign of the number is that of both parts, zero or not.
  const zero = value < 0 || Object.is(value, -0) ? -0 : 0;
  if (!Number.isFinite(value)) return [value, zero];
  const whole = Math.trunc(value);
  return [whole, value - whole || zero];
}

function fraction(value: number): Result {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let mantissa = value;
  let exponent = 0;
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent++;
  }
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent--;
  }
  return [mantissa, exponent];
}

function scale(value: number, exponent: number): number {
  const half = Math.max(-1074, Math.min(1023, Math.trunc(exponent / 2)));
  const rest = Math.max(-1074, Math.min(1023, exponent - half));
  return value * 2 ** half * 2 ** rest;
}

function randomFunctions(random: Random48): Record<string, Builtin> {
  return {
    random: (args) => {
      const chance = roundDown(random.next(), RANDOM_MAX) / RANDOM_MAX;
      if (args.count === 0) return chance;
      if (args.count === 1) {
        const most = args.int(1);
        if (most < 1) throw args.error(1, 'interval is empty');
        return Math.floor(chance * most) + 1;
      }
      if (args.count !== 2) throw runtimeError('wrong number of arguments');
      const least = args.int(1);
      const most = args.int(2);
      if (least > most) throw args.error(2, 'interval is empty');
      return Math.floor(chance * ((most - least + 1) | 0)) + least;
    },
    randomseed: (args) => {
      random.seed(args.int(1));
      return [];
    },
  };
}
