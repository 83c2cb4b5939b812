// What a Lua value is in JavaScript: nil is undefined, booleans and numbers are themselves, a
// string is one of one character a byte, a function a JavaScript function. Tables, userdata and
// coroutines are classes of ours, never objects with properties of a program's choice, so that no
// program reaches a prototype. A function returns one value bare; none or several as an array.

import type { Coroutine } from './coroutine.ts';
import type { LuaTable } from './table.ts';

export type Value =
  | undefined
  | boolean
  | number
  | string
  | LuaFunction
  | LuaTable
  | Userdata
  | Coroutine;

/** What a call gives back: a value, several, or (in the form that gives way) a generator. */
export type Result = Value | readonly Value[] | LuaGenerator;

export type LuaGenerator = Generator<unknown, Value | readonly Value[], unknown>;

export type LuaFunction = (...args: Value[]) => Result;

/** No value at all, as the result of a call. */
export const NONE: readonly Value[] = [];

/** A userdata: `newproxy()` has one with a metatable, cjson.null is a light one. */
export class Userdata {
  meta: LuaTable | undefined;
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }
}

/** The null pointer as a light userdata: cjson.null. */
export const NULL_POINTER: Userdata = new Userdata('(nil)');

/**
 * Generators are told from values by this prototype, in the form that gives way. It must be a
 * function that can be called with `new`: V8 asks its runtime about others at each `instanceof`.
 */
function generatorClass(): () => void {
  const marker = function generator(): void {};
  const makeGenerator = function* (): Generator<never> {};
  marker.prototype = Object.getPrototypeOf(makeGenerator.prototype) as unknown;
  return marker;
}

/** `x instanceof Running` holds for what a generator function returned, and for no value. */
export const Running: () => void = generatorClass();

export function isRunning(result: unknown): result is LuaGenerator {
  return result instanceof (Running as unknown as new () => object);
}

/** The first of the values of a call. */
export function firstOf(result: Value | readonly Value[]): Value {
  return Array.isArray(result) ? (result[0] as Value) : (result as Value);
}

/** The values of a call as an array. */
export function listOf(result: Value | readonly Value[]): readonly Value[] {
  return Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
}
