// How libraries put their functions into tables.

import { passed } from '../errors.ts';
import { LuaTable } from '../table.ts';
import {
  isRunning,
  type LuaFunction,
  type LuaGenerator,
  type Result,
  type Value,
} from '../value.ts';
import { Arguments } from './arguments.ts';

/** A library function: what it got, and what it gives back. */
export type Builtin = (args: Arguments) => Result;

export function builtin(name: string, run: Builtin): LuaFunction {
  return (...values: Value[]) => {
    const result = run(new Arguments(name, values));
    // A library function that is called in the place of a return does not take its caller's place.
    if (isRunning(result)) (result as { isLibrary?: boolean }).isLibrary = true;
    return result;
  };
}

/** For what calls functions of a program: it is one of those that their errors pass. */
export function callingBack(run: Builtin): Builtin {
  return (args) => {
    try {
      const result = run(args);
      return isRunning(result) ? passing(result) : result;
    } catch (error) {
      throw passed(error);
    }
  };
}

function* passing(generator: LuaGenerator): LuaGenerator {
  try {
    return (yield* generator) as Value;
  } catch (error) {
    throw passed(error);
  }
}

export function setFunctions(table: LuaTable, functions: Readonly<Record<string, Builtin>>): void {
  for (const [name, run] of Object.entries(functions)) table.set(name, builtin(name, run));
}

/** @param order the names in the order in which C sets them, which pairs shows; all by default. */
export function libraryOf(
  functions: Readonly<Record<string, Builtin>>,
  order: readonly string[] = Object.keys(functions),
  size: number = order.length,
): LuaTable {
  const table = new LuaTable(0, size);
  for (const name of order) table.set(name, builtin(name, functions[name]!));
  return table;
}
