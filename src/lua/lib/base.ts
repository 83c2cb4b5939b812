// The basic functions of Lua 5.1 without those that reach files.
// https://www.lua.org/manual/5.1/manual.html#5.1

import { untilNul } from '../../bytes/ascii.ts';
import { inC, LuaError, runtimeError } from '../errors.ts';
import { loadChunk } from '../load.ts';
import { typeName } from '../machine.ts';
import { numberText, parseNumber } from '../numbers.ts';
import type { Runtime } from '../runtime.ts';
import { LuaTable } from '../table.ts';
import {
  isRunning,
  type LuaFunction,
  type LuaGenerator,
  listOf,
  NONE,
  type Result,
  Userdata,
  type Value,
} from '../value.ts';
import type { Arguments } from './arguments.ts';
import { environmentFunctions } from './environments.ts';
import { type Builtin, builtin, setFunctions } from './registry.ts';

/** Most values that a function gives back or takes: the C API's stack. */
export const MAX_RESULTS = 8000;
/** Values on the stack or in a table that count as one step of the budget. */
export const VALUES_PER_STEP = 4;

export function openBase(runtime: Runtime): void {
  const { globals } = runtime;
  globals.set('_G', globals);
  globals.set('_VERSION', 'Lua 5.1');
  setFunctions(globals, plainFunctions(runtime));
  setFunctions(globals, runtime.givesWay ? yieldingCalls(runtime) : plainCalls(runtime));
  setFunctions(globals, environmentFunctions(runtime));
  runtime.next = globals.getString('next') as typeof runtime.next;
  const step = builtin('ipairs', (args) => {
    const i = args.int(2) + 1;
    const value = args.table(1).get(i);
    return value === undefined ? NONE : [i, value];
  });
  runtime.ipairsStep = step;
  const pairs: Builtin = (args) => [runtime.next ?? undefined, args.table(1), undefined];
  const ipairs: Builtin = (args) => [step, args.table(1), 0];
  setFunctions(globals, { pairs, ipairs });
}

function plainFunctions(runtime: Runtime): Record<string, Builtin> {
  return {
    assert: (args) => {
      const value = args.any(1);
      if (value !== undefined && value !== false) return args.values;
      throw runtimeError(args.optionalString(2, 'assertion failed!').split('\0')[0]!);
    },
    collectgarbage: (args) => collectGarbage(args),
    error: (args) => {
      const level = args.optionalInteger(2, 1);
      const value = args.at(1);
      const isText = typeof value === 'string' || typeof value === 'number';
      // A number becomes text with its position, be that empty.
      const told = typeof value === 'number' && level > 0 ? numberText(value) : value;
      throw new LuaError(told, isText && level > 0 ? level : 0);
    },
    gcinfo: () => 0,
    getmetatable: (args) => {
      const meta = runtime.metatableOf(args.any(1));
      return meta?.getString('__metatable') ?? meta;
    },
    loadstring: (args) => {
      const source = args.string(1);
      return loadResult(runtime, source, args.optionalString(2, source));
    },
    newproxy: (args) => newProxy(runtime, args),
    next: (args) => {
      const table = args.table(1);
      const at = table.seek(table.positionAfter(args.at(2)));
      return at < 0 ? undefined : [table.keyAt(at), table.valueAt(at)];
    },
    rawequal: (args) => args.any(1) === args.any(2),
    rawget: (args) => args.table(1).get(args.any(2)),
    rawset: (args) => {
      const table = args.table(1);
      args.any(2);
      args.any(3);
      withoutPosition(() => table.set(args.at(2), args.at(3)));
      return table;
    },
    select: (args) => select(args),
    setmetatable: (args) => {
      const table = args.table(1);
      const meta = args.at(2);
      if (args.count < 2 || (meta !== undefined && !(meta instanceof LuaTable))) {
        throw args.error(2, 'nil or table expected');
      }
      if (table.meta?.getString('__metatable') !== undefined) {
        throw runtimeError('cannot change a protected metatable');
      }
      if (table.isReadOnly) throw new LuaError('Attempt to modify a readonly table');
      table.meta = meta;
      return table;
    },
    tonumber: (args) => toNumber(args),
    type: (args) => typeName(args.any(1)),
    unpack: (args) => unpack(runtime, args),
  };
}

/** Errors that C functions raise without saying where. */
function withoutPosition(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof LuaError) error.level = 0;
    throw error;
  }
}

function collectGarbage(args: Arguments): Result {
  const option = args.optionalString(1, 'collect');
  const known = ['stop', 'restart', 'collect', 'count', 'step', 'setpause', 'setstepmul'];
  if (!known.includes(option)) throw args.error(1, `invalid option '${option}'`);
  args.optionalInteger(2, 0);
  // What is in use cannot be known; the collector is JavaScript's.
  if (option === 'step') return true;
  if (option === 'setpause' || option === 'setstepmul') return 200;
  return 0;
}

function newProxy(runtime: Runtime, args: Arguments): Result {
  const kind = args.at(1);
  const proxy = new Userdata('');
  if (kind === undefined || kind === false) return proxy;
  if (kind === true) {
    proxy.meta = new LuaTable();
    return proxy;
  }
  const isProxy = kind instanceof Userdata && runtime.metatableOf(kind) !== undefined;
  if (!isProxy) throw args.error(1, 'boolean or proxy expected');
  proxy.meta = kind.meta;
  return proxy;
}

function select(args: Arguments): Result {
  if (args.at(1) === '#') return args.count - 1;
  let from = args.int(1);
  if (from < 0) from = args.count + from;
  else if (from > args.count) from = args.count;
  if (from < 1) throw args.error(1, 'index out of range');
  return args.values.slice(from);
}

function toNumber(args: Arguments): Result {
  const base = args.optionalInteger(2, 10);
  if (base === 10) {
    const value = args.any(1);
    if (typeof value === 'number') return value;
    return typeof value === 'string' ? parseNumber(value) : undefined;
  }
  const text = args.string(1);
  if (base < 2 || base > 36) throw args.error(2, 'base out of range');
  const prefix = base === 16 ? '(?:0[xX])?' : '';
  const match = new RegExp(
    `^[ \\t\\n\\v\\f\\r]*([+-]?)${prefix}([0-9a-zA-Z]+)[ \\t\\n\\v\\f\\r]*$`,
  ).exec(untilNul(text));
  const digits = match?.[2];
  if (match === null || digits === undefined) return undefined;
  let value = 0n;
  for (const digit of digits.toLowerCase()) {
    const worth = Number.parseInt(digit, 36);
    if (worth >= base) return undefined;
    value = value * BigInt(base) + BigInt(worth);
  }
  const most = 0xffffffffffffffffn;
  if (value > most) return Number(most);
  return Number(match[1] === '-' ? BigInt.asUintN(64, -value) : value);
}

export function unpack(runtime: Runtime, args: Arguments): Result {
  const table = args.table(1);
  const from = args.at(2) === undefined ? 1 : args.int(2);
  const to = args.at(3) === undefined ? table.border() : args.int(3);
  if (from > to) return NONE;
  if (to - from + 1 + args.count > MAX_RESULTS) throw runtimeError('too many results to unpack');
  runtime.spend((to - from) / VALUES_PER_STEP);
  const values: Value[] = [];
  for (let i = from; i <= to; i++) values.push(table.get(i));
  return values;
}

function loadResult(runtime: Runtime, source: string, chunkName: string): Result {
  try {
    return loadChunk(runtime, source, chunkName);
  } catch (error) {
    if (error instanceof LuaError) return [undefined, error.value];
    throw error;
  }
}

// --- functions that call functions, in both forms

/** Runs something; an error becomes the values that `onError` makes of it. */
function protect(
  runtime: Runtime,
  run: () => Result,
  onError: (value: Value) => readonly Value[],
): Result {
  const { state } = runtime;
  const { depth, cCalls } = state;
  try {
    runtime.enterC();
    const result = run();
    state.cCalls = cCalls;
    return Array.isArray(result) ? [true, ...result] : [true, result as Value];
  } catch (error) {
    const value = runtime.caught(error);
    state.depth = depth;
    state.cCalls = cCalls;
    return [false, ...onError(value)];
  }
}

/** Calls with all values but the first, which is what is called: mostly few. */
function callWith(called: LuaFunction, values: readonly Value[]): Result {
  switch (values.length) {
    case 1:
      return called();
    case 2:
      return called(values[1]);
    case 3:
      return called(values[1], values[2]);
    default:
      return called(...values.slice(1));
  }
}

function plainCalls(runtime: Runtime): Record<string, Builtin> {
  return {
    pcall: (args) => {
      const called = args.any(1);
      return protect(
        runtime,
        () => callWith(runtime.callable(called), args.values),
        (value) => listOf(runtime.errorOfPcall(value) as Value),
      );
    },
    xpcall: (args) => {
      args.any(2);
      const handler = args.at(2);
      return protect(
        runtime,
        () => runtime.callable(args.at(1))(),
        (value) => [handled(runtime, () => runtime.callable(handler)(value))],
      );
    },
    tostring: (args) => {
      const value = args.any(1);
      const handler = runtime.metamethod(value, '__tostring');
      if (handler === undefined) return runtime.textOf(value);
      return runtime.first(inC(() => runtime.callMeta(handler, value)) as Value);
    },
    load: (args) => {
      const { depth } = runtime.state;
      const read = args.function(1);
      const name = args.optionalString(2, '=(load)');
      let source = '';
      for (;;) {
        let result: Result;
        try {
          result = read();
        } catch (error) {
          const value = runtime.caught(error);
          runtime.state.depth = depth;
          return [undefined, value];
        }
        const piece = pieceOf(runtime, result);
        if (piece === '') return loadResult(runtime, source, name);
        source += piece;
      }
    },
  };
}

const FAILED_HANDLER = 'error in error handling';

/** What an error handler makes of an error; if it fails itself, that is told. */
function handled(runtime: Runtime, run: () => Result): Value {
  try {
    return runtime.first(run() as Value);
  } catch (error) {
    runtime.caught(error);
    return FAILED_HANDLER;
  }
}

function yieldingCalls(runtime: Runtime): Record<string, Builtin> {
  return {
    pcall: (args) => {
      const called = args.any(1);
      const rest = args.values.slice(1);
      return protectedCall(runtime, called, rest, null);
    },
    xpcall: (args) => {
      args.any(2);
      return protectedCall(runtime, args.at(1), [], args.at(2));
    },
    tostring: (args) => {
      const value = args.any(1);
      const handler = runtime.metamethod(value, '__tostring');
      if (handler === undefined) return runtime.textOf(value);
      const text = inC(() => runtime.callMeta(handler, value));
      return isRunning(text) ? runtime.inner(text) : text;
    },
    load: (args) => loadPieces(runtime, args),
  };
}

function* protectedCall(
  runtime: Runtime,
  called: Value,
  args: readonly Value[],
  handler: Value | null,
): LuaGenerator {
  const { state } = runtime;
  const { depth, cCalls } = state;
  try {
    runtime.enterC();
    let result = runtime.callable(called)(...args);
    if (isRunning(result)) result = yield* runtime.run(result);
    state.cCalls = cCalls;
    return [true, ...listOf(result)];
  } catch (error) {
    const value = runtime.caught(error);
    state.depth = depth;
    state.cCalls = cCalls;
    if (handler === null) {
      let told = runtime.errorOfPcall(value);
      if (isRunning(told)) told = yield* runtime.inner(told);
      return [false, ...listOf(told)];
    }
    return [false, yield* handledYielding(runtime, handler, value)];
  }
}

function* handledYielding(
  runtime: Runtime,
  handler: Value,
  value: Value,
): Generator<unknown, Value, unknown> {
  try {
    const result = runtime.callable(handler)(value);
    return runtime.first(isRunning(result) ? yield* runtime.run(result) : result);
  } catch (error) {
    runtime.caught(error);
    return FAILED_HANDLER;
  }
}

function* loadPieces(runtime: Runtime, args: Arguments): LuaGenerator {
  const read = args.function(1);
  const name = args.optionalString(2, '=(load)');
  let source = '';
  const { depth, cCalls } = runtime.state;
  for (;;) {
    let result: Result;
    try {
      result = read();
      if (isRunning(result)) result = yield* runtime.inner(result);
    } catch (error) {
      const value = runtime.caught(error);
      runtime.state.depth = depth;
      runtime.state.cCalls = cCalls;
      return [undefined, value];
    }
    const piece = pieceOf(runtime, result);
    if (piece === '') return loadResult(runtime, source, name) as Value;
    source += piece;
  }
}

/** What a reader has given; nothing is the end, as is an empty text. */
function pieceOf(runtime: Runtime, result: Result): string {
  const piece = runtime.first(result as Value);
  if (piece === undefined) return '';
  if (typeof piece === 'number') return numberText(piece);
  if (typeof piece !== 'string') throw runtimeError('reader function must return a string');
  return piece;
}
