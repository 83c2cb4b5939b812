// What compiled programs call: operators where the fast way is left, loops, constructors.

import { untilNul } from '../bytes/ascii.ts';
import type { LuaError } from './errors.ts';
import { runtimeError } from './errors.ts';
import { type Environment, Machine, typeName } from './machine.ts';
import { numberText, parseNumber } from './numbers.ts';
import { arithmetic, roundDown } from './operators.ts';
import { LuaTable } from './table.ts';
import {
  isRunning,
  type LuaFunction,
  type LuaGenerator,
  NULL_POINTER,
  type Result,
  Userdata,
  type Value,
} from './value.ts';

/** Values that are stored at once at the end of a constructor. */
export const FLUSH_ITEMS = 50;

/** Sizes as NEWTABLE keeps them: exact below 16 (or so), rounded up above. */
export function roundedSize(count: number): number {
  let mantissa = count;
  let exponent = 0;
  while (mantissa >= 16) {
    mantissa = (mantissa + 1) >> 1;
    exponent++;
  }
  return mantissa * 2 ** exponent;
}

const ARITHMETIC_EVENTS = ['__add', '__sub', '__mul', '__div', '__mod', '__pow'] as const;

export class Runtime extends Machine {
  // --- operators

  toNumber(value: Value): number | undefined {
    if (typeof value === 'number') return value;
    return typeof value === 'string' ? parseNumber(value) : undefined;
  }

  arith(op: number, a: Value, b: Value, first?: string, second?: string): Value {
    const left = this.toNumber(a);
    const right = this.toNumber(b);
    if (left !== undefined && right !== undefined) return arithmetic(op, left, right);
    const event = ARITHMETIC_EVENTS[op]!;
    const handler = this.metamethod(a, event) ?? this.metamethod(b, event);
    if (handler !== undefined) return this.callFirst(handler, a, b);
    const isFirst = left === undefined;
    throw this.typeError('perform arithmetic on', isFirst ? a : b, isFirst ? first : second);
  }

  negate(value: Value, described?: string): Value {
    const number = this.toNumber(value);
    if (number !== undefined) return -number;
    const handler = this.metamethod(value, '__unm');
    if (handler !== undefined) return this.callFirst(handler, value, value);
    throw this.typeError('perform arithmetic on', value, described);
  }

  concatSlow(a: Value, b: Value, first?: string, second?: string): Value {
    const left = typeof a === 'number' ? numberText(a) : a;
    const right = typeof b === 'number' ? numberText(b) : b;
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    const handler = this.metamethod(a, '__concat') ?? this.metamethod(b, '__concat');
    if (handler !== undefined) return this.callFirst(handler, a, b);
    const isFirst = typeof left !== 'string';
    throw this.typeError('concatenate', isFirst ? a : b, isFirst ? first : second);
  }

  lengthSlow(value: Value, described?: string): Value {
    const handler = value instanceof Userdata ? value.meta?.getString('__len') : undefined;
    if (handler !== undefined) return this.callFirst(handler, value);
    throw this.typeError('get length of', value, described);
  }

  /** True when two operands have the same handler for an event that compares. */
  #sharedHandler(a: Value, b: Value, event: string): Value {
    const handler = this.metamethod(a, event);
    if (handler === undefined) return undefined;
    return this.metamethod(b, event) === handler ? handler : undefined;
  }

  #callTruth(handler: Value, a: Value, b: Value): boolean {
    const result = this.callMeta(handler, a, b);
    if (isRunning(result)) return result as unknown as boolean;
    return this.truth(result);
  }

  equalSlow(a: Value, b: Value): boolean {
    if (a === b) return true;
    const areTables = a instanceof LuaTable && b instanceof LuaTable;
    if (!areTables && !(a instanceof Userdata && b instanceof Userdata)) return false;
    if (a === NULL_POINTER || b === NULL_POINTER) return false;
    const handler = this.#sharedHandler(a, b, '__eq');
    return handler === undefined ? false : this.#callTruth(handler, a, b);
  }

  less(a: Value, b: Value): boolean {
    if (typeof a === 'number' && typeof b === 'number') return a < b;
    if (typeof a === 'string' && typeof b === 'string') return a < b;
    const handler = typeName(a) === typeName(b) ? this.#sharedHandler(a, b, '__lt') : undefined;
    if (handler !== undefined) return this.#callTruth(handler, a, b);
    throw this.#orderError(a, b);
  }

  lessEqual(a: Value, b: Value): boolean {
    if (typeof a === 'number' && typeof b === 'number') return a <= b;
    if (typeof a === 'string' && typeof b === 'string') return a <= b;
    if (typeName(a) === typeName(b)) {
      const handler = this.#sharedHandler(a, b, '__le');
      if (handler !== undefined) return this.#callTruth(handler, a, b);
      const reverse = this.#sharedHandler(b, a, '__lt');
      if (reverse !== undefined) return this.#callNot(reverse, b, a);
    }
    throw this.#orderError(a, b);
  }

  #callNot(handler: Value, a: Value, b: Value): boolean {
    const result = this.callMeta(handler, a, b);
    if (!isRunning(result)) return !this.truth(result);
    const runtime = this;
    const negated = (function* (): LuaGenerator {
      return !runtime.truth((yield* runtime.inner(result)) as Value);
    })();
    return negated as unknown as boolean;
  }

  #orderError(a: Value, b: Value): LuaError {
    const left = typeName(a);
    const right = typeName(b);
    // The third letter tells all types apart, as the reference implementation has it.
    if (left[2] === right[2]) return runtimeError(`attempt to compare two ${left} values`);
    return runtimeError(`attempt to compare ${left} with ${right}`);
  }

  // --- loops, constructors, varargs

  forNumber(value: Value, what: string): number {
    const number = this.toNumber(value);
    if (number !== undefined) return number;
    throw runtimeError(`'for' ${what} must be a number`);
  }

  /** 1 for a walk of pairs, 2 for one of ipairs, 0 for any other iterator. */
  walkKind(iterator: Value, state: Value, control: Value): number {
    if (!(state instanceof LuaTable)) return 0;
    if (iterator === this.next) return 1;
    return iterator === this.ipairsStep && typeof control === 'number' ? 2 : 0;
  }

  argTable(values: Value[]): LuaTable {
    const table = new LuaTable(values.length, 1);
    table.set('n', values.length);
    for (const [i, value] of values.entries()) table.set(i + 1, value);
    return table;
  }

  /** A table of values; its array part has `size` places. */
  items(values: Value[], size: number): LuaTable {
    const table = new LuaTable();
    while (values.length < size) values.push(undefined);
    table.array = values;
    return table;
  }

  /** The same with any number of values behind the `count` that were counted. */
  itemsAndMore(values: Value[], size: number, count: number): LuaTable {
    const table = this.items(values.splice(0, count), size);
    this.storeItems(table, values, count);
    return table;
  }

  /** Stores the values behind the first `stored`; the list is empty afterwards. */
  storeItems(table: LuaTable, values: Value[], stored: number): void {
    table.reserveArray(stored + values.length);
    for (let i = 0; i < values.length; i++) table.set(stored + i + 1, values[i]);
    values.length = 0;
  }

  /** A function with an environment of its own. */
  closure(outer: Environment, make: (environment: Environment) => LuaFunction): LuaFunction {
    const environment: Environment = { t: outer.t };
    const made = make(environment);
    this.environments.set(made, environment);
    return made;
  }

  readonly global = (table: LuaTable, hints: Int32Array, site: number, name: string): Value => {
    const value = table.getHinted(name, hints, site);
    if (value !== undefined || table.meta === undefined) return value;
    return this.indexSlow(table, name);
  };

  /** A value inside a global. */
  readonly indexOfGlobal = (
    table: LuaTable,
    hints: Int32Array,
    site: number,
    name: string,
    key: Value,
  ): Value => {
    const object = table.getHinted(name, hints, site);
    if (object instanceof LuaTable) {
      const value = object.get(key);
      if (value !== undefined || object.meta === undefined) return value;
    }
    return this.indexSlow(this.global(table, hints, site, name), key, `global '${name}'`);
  };

  /** A global that is called. @param _place evaluated between function and arguments. */
  readonly calledGlobal = (
    table: LuaTable,
    hints: Int32Array,
    site: number,
    name: string,
    _place: number,
  ): LuaFunction => {
    const value = this.global(table, hints, site, name);
    return typeof value === 'function' ? value : this.callable(value, `global '${name}'`);
  };

  /** A field of a global that is called. */
  readonly calledField = (
    table: LuaTable,
    hints: Int32Array,
    site: number,
    name: string,
    key: string,
    _place: number,
  ): LuaFunction => {
    const object = table.getHinted(name, hints, site);
    if (object instanceof LuaTable) {
      const value = object.getHinted(key, hints, site + 1);
      if (typeof value === 'function') return value;
    }
    const holder = this.global(table, hints, site, name);
    const value = this.field(hints, site + 1, holder, key, `global '${name}'`);
    return this.callable(value, `field '${untilNul(key)}'`);
  };

  readonly index = (object: Value, key: Value, described?: string): Value => {
    if (object instanceof LuaTable) {
      const value = object.get(key);
      if (value !== undefined || object.meta === undefined) return value;
    }
    return this.indexSlow(object, key, described);
  };

  readonly field = (
    hints: Int32Array,
    site: number,
    object: Value,
    key: string,
    described?: string,
  ): Value => {
    if (object instanceof LuaTable) {
      const value = object.getHinted(key, hints, site);
      if (value !== undefined || object.meta === undefined) return value;
    }
    return this.indexSlow(object, key, described);
  };

  readonly setIndex = (object: Value, key: Value, value: Value, described?: string): Result => {
    if (object instanceof LuaTable && object.meta === undefined) {
      object.set(key, value);
      return undefined;
    }
    return this.setIndexSlow(object, key, value, described);
  };

  readonly concat = (a: Value, b: Value, first?: string, second?: string): Value => {
    if (typeof a === 'string' && typeof b === 'string') return a + b;
    return this.concatSlow(a, b, first, second);
  };

  readonly length = (value: Value, described?: string): Value => {
    if (typeof value === 'string') return value.length;
    return value instanceof LuaTable ? value.border() : this.lengthSlow(value, described);
  };

  readonly equal = (a: Value, b: Value): boolean =>
    a === b || (typeof a === 'object' && typeof b === 'object' && this.equalSlow(a, b));

  readonly mod = (a: number, b: number): number => roundDown(a, b);
  readonly pow = (a: number, b: number): number => arithmetic(5, a, b) as number;
}
