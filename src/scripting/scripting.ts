// What a server has of scripting: the states of Lua, the scripts, the libraries of functions, and
// the run that is under way. The server attaches it to its engine.

import type { Engine } from '../engine/engine.ts';
import type { MemorySource } from '../engine/memory-limit.ts';
import { resumeSuspended } from '../engine/suspension.ts';
import { openLibraries } from '../lua/lib/open.ts';
import { Random48 } from '../lua/random48.ts';
import { Runtime } from '../lua/runtime.ts';
import type { Timers } from '../runtime/clock.ts';
import { Libraries } from './libraries.ts';
import { LibraryLoader } from './library-loader.ts';
import { addRedisLibrary, type LibraryHost, type LogLevel } from './redis-library.ts';
import { forbidMissing, protect, removeDeprecated } from './sandbox.ts';
import { type RuntimeSource, ScriptCache } from './script-cache.ts';
import { type RunHost, ScriptRun } from './script-run.ts';

export interface ScriptLog {
  write(level: LogLevel, text: string): void;
  writes(level: LogLevel): boolean;
}

/** What one state of Lua is counted with, as Redis counts the size of its own. */
const STATE_BYTES = 60_000;
/** Characters from which on a script is a large one. */
const LARGE_SCRIPT = 4096;

export class Scripting implements RuntimeSource, RunHost, LibraryHost {
  thresholdMs = 5000;
  isCluster = false;
  /** `lua-enable-deprecated-api`. */
  hasDeprecated = false;
  /** Called once, before the first large script is compiled. */
  onLargeScript: () => void = () => {};
  readonly scripts: ScriptCache = new ScriptCache(this);
  readonly libraries: Libraries = new Libraries();
  readonly loader: LibraryLoader;
  /** One generator for all programs, as Redis has it. */
  readonly random: Random48 = new Random48();
  #engine: Engine | null = null;
  #timers: Timers | null = null;
  #logger: ScriptLog | null = null;
  #run: ScriptRun | null = null;
  #plain: Runtime | null = null;
  #givingWay: Runtime | null = null;
  #functions: Runtime | null = null;
  #plainFunctions: Runtime | null = null;
  #isStopped = false;
  #hasLargeScripts = false;

  constructor() {
    this.loader = new LibraryLoader(this, this.libraries);
  }

  attach(engine: Engine, timers: Timers, logger: ScriptLog): void {
    this.#engine = engine;
    this.#timers = timers;
    this.#logger = logger;
    this.#run = new ScriptRun(this);
    const source = (name: string, usedBytes: () => number): MemorySource => ({
      name,
      usedBytes,
      countsForEviction: true,
    });
    engine.memory.sources.push(
      source('lua.caches', () => this.scripts.usedBytes),
      source('functions.caches', () => this.libraries.usedBytes),
    );
  }

  get engine(): Engine {
    return this.#engine!;
  }

  get run(): ScriptRun {
    return this.#run!;
  }

  log(level: LogLevel, text: string): void {
    this.#logger?.write(level, text);
  }

  logs(level: LogLevel): boolean {
    return this.#logger?.writes(level) ?? false;
  }

  // --- states of Lua, made when they are first needed

  plainRuntime(): Runtime {
    this.#plain ??= this.#evalRuntime(false);
    return this.#plain;
  }

  givingWayRuntime(isEval: boolean): Runtime {
    if (!isEval) return this.functionRuntime();
    this.#givingWay ??= this.#evalRuntime(true);
    return this.#givingWay;
  }

  #evalRuntime(givesWay: boolean): Runtime {
    const runtime = new Runtime(givesWay, this.run, this.random);
    openLibraries(runtime);
    addRedisLibrary(this, runtime, true);
    if (!this.hasDeprecated) removeDeprecated(runtime);
    forbidMissing(runtime, runtime.globals);
    protect(runtime.globals);
    if (runtime.stringMeta !== undefined) protect(runtime.stringMeta);
    return runtime;
  }

  functionRuntime(): Runtime {
    this.#functions ??= this.loader.makeRuntime(true);
    return this.#functions;
  }

  plainFunctionRuntime(): Runtime {
    this.#plainFunctions ??= this.loader.makeRuntime(false);
    return this.#plainFunctions;
  }

  noteCompiling(length: number): void {
    if (this.#hasLargeScripts || length < LARGE_SCRIPT) return;
    this.#hasLargeScripts = true;
    this.onLargeScript();
  }

  /** Forgets all scripts: SCRIPT FLUSH. */
  flushScripts(): void {
    this.scripts.clear();
    this.#plain = null;
    this.#givingWay = null;
  }

  /** Forgets all libraries. */
  flushLibraries(): void {
    this.libraries.clear();
    this.#functions = null;
    this.#plainFunctions = null;
  }

  /** Bytes of the states: used_memory_vm_eval and used_memory_vm_functions. */
  get evalStateBytes(): number {
    return STATE_BYTES + this.scripts.usedBytes * 2;
  }

  get functionStateBytes(): number {
    return STATE_BYTES + this.libraries.codeBytes * 2;
  }

  // --- busy scripts

  onBusy(): void {
    this.#timers?.soon(() => {
      if (this.#isStopped) return;
      resumeSuspended(this.engine);
      if (this.engine.suspended !== null) this.onBusy();
    });
  }

  /** The server ends. */
  stop(): void {
    this.#isStopped = true;
  }
}
