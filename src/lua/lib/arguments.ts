// Arguments of library functions, checked as luaL_check... do, with the same words.

import { ArgumentError } from '../errors.ts';
import { typeName } from '../machine.ts';
import { numberText, parseNumber } from '../numbers.ts';
import { LuaTable } from '../table.ts';
import type { LuaFunction, Value } from '../value.ts';

/** The arguments of one call of a function with a name. `i` counts from 1, as in messages. */
export class Arguments {
  readonly values: readonly Value[];
  readonly name: string;

  constructor(name: string, values: readonly Value[]) {
    this.name = name;
    this.values = values;
  }

  get count(): number {
    return this.values.length;
  }

  at(i: number): Value {
    return this.values[i - 1];
  }

  error(i: number, detail: string): ArgumentError {
    return new ArgumentError(i, this.name, detail);
  }

  typeError(i: number, expected: string): ArgumentError {
    const got = i > this.values.length ? 'no value' : typeName(this.at(i));
    return this.error(i, `${expected} expected, got ${got}`);
  }

  any(i: number): Value {
    if (i > this.values.length) throw this.error(i, 'value expected');
    return this.at(i);
  }

  table(i: number): LuaTable {
    const value = this.at(i);
    if (value instanceof LuaTable) return value;
    throw this.typeError(i, 'table');
  }

  function(i: number): LuaFunction {
    const value = this.at(i);
    if (typeof value === 'function') return value;
    throw this.typeError(i, 'function');
  }

  string(i: number): string {
    const value = this.at(i);
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return numberText(value);
    throw this.typeError(i, 'string');
  }

  optionalString(i: number, otherwise: string): string {
    return this.at(i) === undefined ? otherwise : this.string(i);
  }

  number(i: number): number {
    const value = this.at(i);
    if (typeof value === 'number') return value;
    const number = typeof value === 'string' ? parseNumber(value) : undefined;
    if (number === undefined) throw this.typeError(i, 'number');
    return number;
  }

  optionalNumber(i: number, otherwise: number): number {
    return this.at(i) === undefined ? otherwise : this.number(i);
  }

  /** A number cut to an integer as a cast to a 64-bit integer does. */
  integer(i: number): number {
    return toInteger(this.number(i));
  }

  optionalInteger(i: number, otherwise: number): number {
    return this.at(i) === undefined ? otherwise : this.integer(i);
  }

  /** A number cut to 32 bits, as a cast to `int` of a 64-bit integer does. */
  int(i: number): number {
    return toInt32(this.number(i));
  }
}

/** What x86 makes of a number out of the range of 64-bit integers. */
const INDEFINITE = -(2 ** 63);

export function toInteger(value: number): number {
  const whole = Math.trunc(value);
  if (!(whole >= INDEFINITE && whole < 2 ** 63)) return INDEFINITE;
  return whole + 0;
}

/** A double as an unsigned 64-bit integer, as x86 casts it. */
export function toUnsigned(value: number): bigint {
  const whole = Math.trunc(value);
  if (whole >= 2 ** 63 && whole < 2 ** 64) return BigInt(whole);
  if (whole >= 2 ** 64) return 0n;
  return BigInt.asUintN(64, BigInt(toInteger(value)));
}

export function toInt32(value: number): number {
  return toInteger(value) | 0;
}
