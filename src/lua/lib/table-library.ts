// The table library of Lua 5.1. https://www.lua.org/manual/5.1/manual.html#5.5

import { LuaError, runtimeError } from '../errors.ts';
import { typeName } from '../machine.ts';
import { numberText as textOfNumber } from '../numbers.ts';
import type { Runtime } from '../runtime.ts';
import type { LuaTable } from '../table.ts';
import { isRunning, type LuaGenerator, NONE, type Result, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { VALUES_PER_STEP } from './base.ts';
import { type Builtin, callingBack, libraryOf } from './registry.ts';
import { sortTable } from './sort.ts';

const ORDER = [
  ...['concat', 'foreach', 'foreachi', 'getn', 'maxn', 'insert', 'remove', 'setn', 'sort'],
];

export function openTable(runtime: Runtime): void {
  const walks = runtime.givesWay ? yieldingWalks(runtime) : plainWalks(runtime);
  runtime.globals.set('table', libraryOf({ ...plainFunctions(runtime), ...walks }, ORDER));
}

function plainFunctions(runtime: Runtime): Record<string, Builtin> {
  return {
    concat: (args) => concatenated(runtime, args),
    getn: (args) => args.table(1).border(),
    insert: (args) => insert(runtime, args),
    maxn: (args) => {
      const table = args.table(1);
      runtime.spend((table.array.length + table.nodeCount) / VALUES_PER_STEP);
      let most = 0;
      for (let at = table.seek(0); at >= 0; at = table.seek(at + 1)) {
        const key = table.keyAt(at);
        if (typeof key === 'number' && key > most) most = key;
      }
      return most;
    },
    remove: (args) => remove(runtime, args),
    setn: (args) => {
      args.table(1);
      throw runtimeError("'setn' is obsolete");
    },
  };
}

/** In C the one that changes the table has no lines, so the error has no position. */
function changeable(table: LuaTable): LuaTable {
  if (table.isReadOnly) throw new LuaError('Attempt to modify a readonly table');
  return table;
}

function insert(runtime: Runtime, args: Arguments): Result {
  const table = args.table(1);
  const end = table.border() + 1;
  if (args.count === 2) {
    changeable(table).set(end, args.at(2));
    return NONE;
  }
  if (args.count !== 3) throw runtimeError("wrong number of arguments to 'insert'");
  const at = args.int(2);
  changeable(table);
  const last = Math.max(end, at);
  runtime.spend((last - at) / VALUES_PER_STEP);
  for (let i = last; i > at; i--) table.set(i, table.get(i - 1));
  table.set(at, args.at(3));
  return NONE;
}

function remove(runtime: Runtime, args: Arguments): Result {
  const table = args.table(1);
  const end = table.border();
  const at = args.at(2) === undefined ? end : args.int(2);
  if (at < 1 || at > end) return NONE;
  changeable(table);
  const removed = table.get(at);
  runtime.spend((end - at) / VALUES_PER_STEP);
  for (let i = at; i < end; i++) table.set(i, table.get(i + 1));
  table.set(end, undefined);
  return removed;
}

function concatenated(runtime: Runtime, args: Arguments): Result {
  const separator = args.optionalString(2, '');
  const table = args.table(1);
  const from = args.at(3) === undefined ? 1 : args.int(3);
  const to = args.at(4) === undefined ? table.border() : args.int(4);
  const parts: string[] = [];
  for (let i = from; i <= to; i++) {
    const value = table.get(i);
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw runtimeError(`invalid value (${typeName(value)}) at index ${i} in table for 'concat'`);
    }
    parts.push(typeof value === 'string' ? value : textOfNumber(value));
  }
  runtime.spend(parts.length / VALUES_PER_STEP);
  return parts.join(separator);
}

type Step = (key: Value, value: Value) => Result;

function plainWalks(runtime: Runtime): Record<string, Builtin> {
  const call = (args: Arguments): Step => {
    const called = args.function(2);
    return (key, value) => runtime.callMeta(called, key, value);
  };
  return {
    foreach: callingBack((args) => runPlain(runtime, args.table(1), call(args), false)),
    foreachi: callingBack((args) => runPlain(runtime, args.table(1), call(args), true)),
    sort: callingBack((args) => sortTable(runtime, args).next().value as Result),
  };
}

function yieldingWalks(runtime: Runtime): Record<string, Builtin> {
  return {
    foreach: callingBack((args) => runYielding(runtime, args.table(1), args.function(2), false)),
    foreachi: callingBack((args) => runYielding(runtime, args.table(1), args.function(2), true)),
    sort: callingBack((args) => sortTable(runtime, args)),
  };
}

/** Keys and values, in order of the walk or of the numbers. */
function* entries(table: LuaTable, isList: boolean): Generator<[Value, Value]> {
  if (isList) {
    const end = table.border();
    for (let i = 1; i <= end; i++) yield [i, table.get(i)];
    return;
  }
  let key: Value;
  for (;;) {
    const at = table.seek(table.positionAfter(key));
    if (at < 0) return;
    key = table.keyAt(at);
    yield [key, table.valueAt(at)];
  }
}

function runPlain(runtime: Runtime, table: LuaTable, step: Step, isList: boolean): Result {
  for (const [key, value] of entries(table, isList)) {
    const result = runtime.first(step(key, value) as Value);
    if (result !== undefined) return result;
  }
  return NONE;
}

function* runYielding(
  runtime: Runtime,
  table: LuaTable,
  step: Step,
  isList: boolean,
): LuaGenerator {
  for (const [key, value] of entries(table, isList)) {
    let result = step(key, value);
    if (isRunning(result)) result = yield* runtime.inner(result);
    const first = runtime.first(result as Value);
    if (first !== undefined) return first;
  }
  return NONE;
}
