// The table `redis` of scripts, and what Redis changes of Lua's own functions.
// https://redis.io/docs/latest/develop/interact/programmability/lua-api/

import { untilNul } from '../bytes/ascii.ts';
import { TO_ALL, TO_AOF, TO_REPLICAS } from '../engine/propagation.ts';
import { LuaError } from '../lua/errors.ts';
import type { Arguments } from '../lua/lib/arguments.ts';
import { type Builtin, libraryOf, setFunctions } from '../lua/lib/registry.ts';
import { numberText, parseNumber } from '../lua/numbers.ts';
import type { Runtime } from '../lua/runtime.ts';
import { LuaTable } from '../lua/table.ts';
import {
  firstOf,
  isRunning,
  type LuaFunction,
  type LuaGenerator,
  NONE,
  type Result,
  type Value,
} from '../lua/value.ts';
import { sha1Hex } from '../runtime/digest.ts';
import { REDIS_VERSION } from '../version.ts';
import { errorTable, tableWith } from './reply-to-lua.ts';
import type { ScriptRun } from './script-run.ts';

export type LogLevel = 'debug' | 'verbose' | 'notice' | 'warning';
const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];

/** What the functions need of the scripts of a server. */
export interface LibraryHost {
  /** The run that is under way. */
  readonly run: ScriptRun;
  log(level: LogLevel, text: string): void;
  logs(level: LogLevel): boolean;
}

/** An error that a function of `redis` raises: a table, without a position. */
export function raise(message: string): LuaError {
  return new LuaError(errorTable(`ERR ${message}`, false));
}

/** What C's lua_tonumber makes of a value: 0 for what is none. */
function numberOf(value: Value): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (parseNumber(value) ?? 0) : 0;
}

function isNumeric(value: Value): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && parseNumber(value) !== undefined)
  );
}

function versionNumber(): number {
  const [major = 0, minor = 0, patch = 0] = REDIS_VERSION.split('.').map(Number);
  return (major << 16) | (minor << 8) | patch;
}

function log(host: LibraryHost, args: Arguments): Result {
  if (args.count < 2) throw raise('redis.log() requires two arguments or more.');
  if (!isNumeric(args.at(1))) throw raise('First argument must be a number (log level).');
  const index = Math.trunc(numberOf(args.at(1)));
  const level = LEVELS[index];
  if (level === undefined) throw raise('Invalid debug level.');
  if (!host.logs(level)) return NONE;
  let text = '';
  for (let i = 2; i <= args.count; i++) {
    const value = args.at(i);
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    if (i > 2) text += ' ';
    text += typeof value === 'string' ? value : numberText(value);
  }
  // A program that runs again in its other form has said it already.
  host.run.once(() => {
    host.log(level, text);
    return undefined;
  });
  return NONE;
}

/** `log`, its levels and the versions: what libraries find while they are loaded, too. */
export function addCommonParts(host: LibraryHost, table: LuaTable): void {
  setFunctions(table, { log: (args) => log(host, args) });
  for (const [index, level] of LEVELS.entries()) table.set(`LOG_${level.toUpperCase()}`, index);
  table.set('REDIS_VERSION_NUM', versionNumber());
  table.set('REDIS_VERSION', REDIS_VERSION);
}

function singleField(args: Arguments, make: (text: string) => LuaTable): Result {
  const text = args.at(1);
  if (args.count !== 1 || typeof text !== 'string') {
    return errorTable('ERR wrong number or type of arguments', false);
  }
  return make(text);
}

function setRepl(host: LibraryHost, args: Arguments): Result {
  if (args.count !== 1) throw raise('redis.set_repl() requires one argument.');
  const flags = Math.trunc(numberOf(args.at(1)));
  if ((flags & ~TO_ALL) !== 0) {
    throw raise('Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
  }
  host.run.target = flags;
  return NONE;
}

function setResp(host: LibraryHost, args: Arguments): Result {
  if (args.count !== 1) throw raise('redis.setresp() requires one argument.');
  const version = Math.trunc(numberOf(args.at(1)));
  if (version !== 2 && version !== 3) throw raise('RESP version must be 2 or 3.');
  host.run.setResp(version);
  return NONE;
}

function libraryFunctions(host: LibraryHost): Record<string, Builtin> {
  return {
    setresp: (args) => setResp(host, args),
    sha1hex: (args) => {
      if (args.count !== 1) throw raise('wrong number of arguments');
      const value = args.at(1);
      if (typeof value === 'number') return sha1Hex(numberText(value));
      return sha1Hex(typeof value === 'string' ? value : '');
    },
    error_reply: (args) =>
      singleField(args, (text) => errorTable(untilNul(text).replace(/^-/, ''), false)),
    status_reply: (args) => singleField(args, (text) => tableWith('ok', text)),
    set_repl: (args) => setRepl(host, args),
    acl_check_cmd: (args) => host.run.mayRun(args.values),
  };
}

/**
 * redis.call and redis.pcall: they are called most. Their arguments go from JavaScript's stack to
 * the bytes of the command, without an array in between.
 */
function callFunction(host: LibraryHost, raises: boolean): LuaFunction {
  let run: ScriptRun | null = null;
  return (...values: Value[]) => {
    run ??= host.run;
    run.beginCommand();
    for (let i = 0; i < values.length; i++) run.addArgument(values[i]);
    const value = run.call();
    if (raises && run.isError) throw new LuaError(value);
    return value;
  };
}

export function addRedisLibrary(host: LibraryHost, runtime: Runtime, isEval: boolean): void {
  const library = libraryOf(libraryFunctions(host));
  library.set('call', callFunction(host, true));
  library.set('pcall', callFunction(host, false));
  addCommonParts(host, library);
  const targets: readonly (readonly [string, number])[] = [
    ['NONE', 0],
    ['AOF', TO_AOF],
    ['SLAVE', TO_REPLICAS],
    ['REPLICA', TO_REPLICAS],
    ['ALL', TO_ALL],
  ];
  for (const [name, target] of targets) library.set(`REPL_${name}`, target);
  if (isEval) {
    setFunctions(library, {
      breakpoint: () => false,
      debug: () => NONE,
      replicate_commands: () => true,
    });
  }
  runtime.globals.set('redis', library);
  runtime.errorOfPcall = (value) => errorOfPcall(runtime, value);
}

/**
 * The error of a command is a table; pcall of Lua gives its text, as it did when it was one. Of any
 * other table it gives what stands in its place behind it: Redis forgets to take that away.
 */
function errorOfPcall(runtime: Runtime, value: Value): Result {
  if (!(value instanceof LuaTable)) return value;
  const text: Result = runtime.index(value, 'err');
  if (!isRunning(text)) return chosen(value, text);
  return (function* (): LuaGenerator {
    return chosen(value, firstOf((yield* runtime.inner(text)) as Value));
  })();
}

function chosen(error: LuaTable, text: Value): Value | readonly Value[] {
  return typeof text === 'string' || typeof text === 'number' ? text : [error, text];
}
