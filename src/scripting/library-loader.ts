// Loading a library: its code runs once, with nothing but a small `redis` in sight, and registers
// its functions. What goes wrong leaves everything as it was.

import { Execution } from '../lua/coroutine.ts';
import { LuaError, ScriptKilled } from '../lua/errors.ts';
import type { Arguments } from '../lua/lib/arguments.ts';
import { openLibraries } from '../lua/lib/open.ts';
import { setFunctions } from '../lua/lib/registry.ts';
import { loadChunk } from '../lua/load.ts';
import type { LuaHost } from '../lua/machine.ts';
import { numberText } from '../lua/numbers.ts';
import type { Random48 } from '../lua/random48.ts';
import { Runtime } from '../lua/runtime.ts';
import { isStateless } from '../lua/stateless.ts';
import { LuaTable } from '../lua/table.ts';
import { type LuaFunction, NONE, type Result, type Value } from '../lua/value.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Libraries, Library, LibraryFunction } from './libraries.ts';
import { addCommonParts, addRedisLibrary, type LibraryHost, raise } from './redis-library.ts';
import { forbidMissing, protect, removeDeprecated } from './sandbox.ts';
import { scriptFlag } from './script-flags.ts';
import { libraryShebang } from './shebang.ts';

const CHUNK_NAME = '@user_function';
const LOAD_TIMEOUT_MS = 500;
const BAD_NAME =
  'Library names can only contain letters, numbers, or underscores(_) and must be at least one ' +
  'character long';

export interface LoaderHost extends LibraryHost {
  readonly engine: { readonly clock: Clock };
  functionRuntime(): Runtime;
  plainFunctionRuntime(): Runtime;
  noteCompiling(length: number): void;
  readonly hasDeprecated: boolean;
  readonly random: Random48;
}

/** The globals of a state: while a library is loaded, and when its functions are called. */
interface Shown {
  readonly meta: LuaTable;
  readonly loadGlobals: LuaTable;
  readonly callGlobals: LuaTable;
}

interface Registration {
  readonly name: string;
  readonly flags: number;
  readonly description: string | null;
  readonly callback: LuaFunction;
}

function isName(name: string): boolean {
  return /^[A-Za-z0-9_]+$/.test(name);
}

function textOf(value: Value): string | null {
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : null;
}

export class LibraryLoader implements LuaHost {
  readonly #host: LoaderHost;
  readonly #libraries: Libraries;
  /** The library that is being loaded. */
  #loading: Library | null = null;
  #deadlineMs = 0;
  /** What the code of libraries sees as globals, by state of Lua. */
  readonly #shown: WeakMap<Runtime, Shown> = new WeakMap();
  /** Callbacks by their names, while a library is loaded in its plain form. */
  #plainForms: Map<string, LuaFunction> | null = null;

  constructor(host: LoaderHost, libraries: Libraries) {
    this.#host = host;
    this.#libraries = libraries;
  }

  onBudget(): boolean {
    if (this.#loading === null) return this.#host.run.onBudget();
    if (this.#host.engine.clock.monotonicMs() > this.#deadlineMs) {
      throw new ScriptKilled('FUNCTION LOAD timeout');
    }
    return false;
  }

  /** A state of Lua that all functions run in. */
  makeRuntime(givesWay: boolean): Runtime {
    const runtime = new Runtime(givesWay, this, this.#host.random);
    openLibraries(runtime);
    addRedisLibrary(this.#host, runtime, false);
    if (!this.#host.hasDeprecated) removeDeprecated(runtime);
    const callGlobals = runtime.globals;
    forbidMissing(runtime, callGlobals);
    protect(callGlobals);
    if (runtime.stringMeta !== undefined) protect(runtime.stringMeta);
    const redis = new LuaTable();
    setFunctions(redis, { register_function: (args) => this.#register(args) });
    addCommonParts(this.#host, redis);
    forbidMissing(runtime, redis);
    const loadGlobals = new LuaTable();
    loadGlobals.set('redis', redis);
    forbidMissing(runtime, loadGlobals);
    protect(loadGlobals);
    // What functions hold as their globals leads to one of the two tables.
    const globals = new LuaTable();
    const meta = new LuaTable();
    meta.set('__index', callGlobals);
    globals.meta = meta;
    protect(globals);
    runtime.globals = globals;
    this.#shown.set(runtime, { meta, loadGlobals, callGlobals });
    return runtime;
  }

  /**
   * Loads a library into a set. @param timeLimited false for what a file or a master says.
   * @returns the library's name, or what is wrong with it.
   */
  load(
    source: string,
    replaces: boolean,
    into: Libraries = this.#libraries,
    timeLimited = true,
  ): { readonly name: string } | string {
    const head = libraryShebang(source);
    if (typeof head === 'string') return head;
    if (!isName(head.name)) return BAD_NAME;
    if (head.engine.toLowerCase() !== 'lua') return `Engine '${head.engine}' not found`;
    if (into.get(head.name) !== undefined && !replaces) {
      return `Library '${head.name}' already exists`;
    }
    const library = new Library(head.name, source, (made) => this.#makePlain(made, head.body));
    const failure = this.#runCode(library, head.body, timeLimited);
    if (failure !== null) return failure;
    if (library.functions.size === 0) return 'No functions registered';
    return into.add(library, replaces) ?? { name: head.name };
  }

  #runCode(library: Library, body: string, timeLimited: boolean): string | null {
    const runtime = this.#host.functionRuntime();
    let start: LuaFunction;
    this.#host.noteCompiling(body.length);
    try {
      start = loadChunk(runtime, body, CHUNK_NAME);
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      return `Error compiling function: ${String(error.value)}`;
    }
    const limitMs = timeLimited ? LOAD_TIMEOUT_MS : Number.POSITIVE_INFINITY;
    this.#deadlineMs = this.#host.engine.clock.monotonicMs() + limitMs;
    this.#loading = library;
    this.#show(runtime, true);
    runtime.reset();
    try {
      const execution = new Execution(runtime, start, []);
      while (!execution.step());
      return null;
    } catch (error) {
      return `Error registering functions: ${failureText(runtime, error)}`;
    } finally {
      this.#loading = null;
      this.#show(runtime, false);
    }
  }

  /** Loads a library once more, as plain functions, if these may begin again in the other form. */
  #makePlain(library: Library, body: string): ReadonlyMap<string, LuaFunction> {
    const forms = new Map<string, LuaFunction>();
    if (!isStateless(body, 'redis', 'register_function')) return forms;
    const runtime = this.#host.plainFunctionRuntime();
    const start = loadChunk(runtime, body, CHUNK_NAME);
    this.#loading = library;
    this.#plainForms = forms;
    this.#deadlineMs = Number.POSITIVE_INFINITY;
    this.#show(runtime, true);
    runtime.reset();
    try {
      start();
    } catch (error) {
      // It went well in the other form, so only the stack can have been too short.
      if (!runtime.isSignal(runtime.asLuaError(error))) throw error;
      forms.clear();
    } finally {
      this.#loading = null;
      this.#plainForms = null;
      this.#show(runtime, false);
    }
    return forms;
  }

  #show(runtime: Runtime, isLoading: boolean): void {
    const { meta, loadGlobals, callGlobals } = this.#shown.get(runtime)!;
    meta.isReadOnly = false;
    meta.set('__index', isLoading ? loadGlobals : callGlobals);
    meta.isReadOnly = true;
  }

  #register(args: Arguments): Result {
    const library = this.#loading;
    if (library === null) {
      throw raise('redis.register_function can only be called on FUNCTION LOAD command');
    }
    if (args.count < 1 || args.count > 2) {
      throw raise('wrong number of arguments to redis.register_function');
    }
    const read = args.count === 1 ? namedArguments(args.at(1)) : positionalArguments(args);
    const { name, flags, description, callback } = read;
    if (!isName(name)) throw raise(BAD_NAME);
    if (this.#plainForms !== null) {
      this.#plainForms.set(name, callback);
      return NONE;
    }
    if (library.functions.has(name.toLowerCase())) {
      throw raise('Function already exists in the library');
    }
    library.functions.set(
      name.toLowerCase(),
      new LibraryFunction(name, flags, description, callback, library),
    );
    return NONE;
  }
}

function failureText(runtime: Runtime, error: unknown): string {
  if (error instanceof ScriptKilled) return `ERR ${error.reason}`;
  const raised = runtime.asLuaError(error);
  if (!(raised instanceof LuaError)) throw error;
  const { value } = raised;
  if (!(value instanceof LuaTable)) return `ERR ${runtime.textOf(value)}`;
  return textOf(value.getString('err')) ?? '(null)';
}

function positionalArguments(args: Arguments): Registration {
  const name = textOf(args.at(1));
  if (name === null) throw raise('first argument to redis.register_function must be a string');
  const callback = args.at(2);
  if (typeof callback !== 'function') {
    throw raise('second argument to redis.register_function must be a function');
  }
  return { name, flags: 0, description: null, callback };
}

function namedArguments(value: Value): Registration {
  if (!(value instanceof LuaTable)) {
    throw raise(
      'calling redis.register_function with a single argument is only applicable to Lua table ' +
        '(representing named arguments).',
    );
  }
  let name: string | null = null;
  let flags = 0;
  let description: string | null = null;
  let callback: LuaFunction | null = null;
  for (let at = value.seek(0); at >= 0; at = value.seek(at + 1)) {
    const key = textOf(value.keyAt(at));
    const given = value.valueAt(at);
    if (key === null) {
      throw raise('named argument key given to redis.register_function is not a string');
    }
    switch (key.toLowerCase()) {
      case 'function_name':
        name = requiredText(given, 'function_name');
        break;
      case 'description':
        description = requiredText(given, 'description');
        break;
      case 'callback':
        if (typeof given !== 'function') {
          throw raise('callback argument given to redis.register_function must be a function');
        }
        callback = given;
        break;
      case 'flags':
        flags = flagsOf(given);
        break;
      default:
        throw raise('unknown argument given to redis.register_function');
    }
  }
  if (name === null) throw raise('redis.register_function must get a function name argument');
  if (callback === null) throw raise('redis.register_function must get a callback argument');
  return { name, flags, description, callback };
}

function requiredText(value: Value, what: string): string {
  const text = textOf(value);
  if (text === null) {
    throw raise(`${what} argument given to redis.register_function must be a string`);
  }
  return text;
}

function flagsOf(value: Value): number {
  if (!(value instanceof LuaTable)) {
    throw raise(
      'flags argument to redis.register_function must be a table representing function flags',
    );
  }
  let flags = 0;
  for (let i = 1; value.get(i) !== undefined; i++) {
    const flag = scriptFlag((textOf(value.get(i)) ?? '').toLowerCase());
    if (flag === 0) throw raise('unknown flag given');
    flags |= flag;
  }
  return flags;
}
