// How libraries put their functions into tables.

import { LuaTable } from '../table.ts';
import type { LuaFunction, Result, Value } from '../value.ts';
import { Arguments } from './arguments.ts';

/** A library function: what it got, and what it gives back. */
export type Builtin = (args: Arguments) => Result;

export function builtin(name: string, run: Builtin): LuaFunction {
  return (...values: Value[]) => run(new Arguments(name, values));
}

export function setFunctions(table: LuaTable, functions: Readonly<Record<string, Builtin>>): void {
  for (const [name, run] of Object.entries(functions)) table.set(name, builtin(name, run));
}

export function libraryOf(functions: Readonly<Record<string, Builtin>>): LuaTable {
  const table = new LuaTable(0, Object.keys(functions).length);
  setFunctions(table, functions);
  return table;
}
