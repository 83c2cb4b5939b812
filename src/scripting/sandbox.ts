// What keeps programs from one another: globals that cannot be changed, and an error for a global
// that does not exist.

import { runtimeError } from '../lua/errors.ts';
import type { Runtime } from '../lua/runtime.ts';
import { LuaTable } from '../lua/table.ts';
import type { Value } from '../lua/value.ts';

/** A read of what is not in the table is an error. */
export function forbidMissing(runtime: Runtime, table: LuaTable): void {
  const meta = new LuaTable(0, 1);
  meta.set('__index', (...args: Value[]) => {
    if (args.length !== 2) {
      throw runtimeError('Wrong number of arguments to luaProtectedTableError');
    }
    const name = args[1];
    if (typeof name !== 'string' && typeof name !== 'number') {
      throw runtimeError('Second argument to luaProtectedTableError must be a string or number');
    }
    throw runtimeError(
      `Script attempted to access nonexistent global variable '${runtime.textOf(name)}'`,
    );
  });
  table.meta = meta;
}

/** Makes a table read-only, with all tables that can be reached from it. */
export function protect(table: LuaTable): void {
  if (table.isReadOnly) return;
  table.isReadOnly = true;
  for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
    const value = table.valueAt(at);
    if (value instanceof LuaTable) protect(value);
  }
  if (table.meta !== undefined) protect(table.meta);
}

/** Takes away what lets programs reach into one another. */
export function removeDeprecated({ globals }: Runtime): void {
  for (const name of ['setfenv', 'getfenv', 'newproxy']) globals.set(name, undefined);
}
