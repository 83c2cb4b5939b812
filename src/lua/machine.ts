// One state of Lua in one of the two forms (plain, or giving way): globals, the budget, the depth,
// positions of errors, metatables. What operators call is added by runtime.ts.

import { Coroutine, GIVE_WAY } from './coroutine.ts';
import {
  ArgumentError,
  LuaError,
  NeedsCompiling,
  NeedsGivingWay,
  passed,
  runtimeError,
  ScriptKilled,
} from './errors.ts';
import { type CallSite, FIRST_SITE } from './naming.ts';
import { numberText } from './numbers.ts';
import { Random48 } from './random48.ts';
import { LuaTable } from './table.ts';
import {
  firstOf,
  isRunning,
  type LuaFunction,
  type LuaGenerator,
  listOf,
  NONE,
  NULL_POINTER,
  type Result,
  Running,
  Userdata,
  type Value,
} from './value.ts';

/** What the surroundings of a program decide. */
export interface LuaHost {
  /**
   * Asked when the budget has run out. @returns true when the program is to give way now.
   * @throws ScriptKilled, NeedsGivingWay or a LuaError (memory).
   */
  onBudget(): boolean;
}

/** Counters that compiled code uses itself. */
export class MachineState {
  /** Back-edges and calls until the host is asked. */
  budget = 0;
  /** Bytes of JavaScript's stack in the plain form, levels in the other. */
  depth = 0;
  maxDepth = 0;
  /** Calls of functions by libraries and metatables that are under way. */
  cCalls = 0;
  environments: object[] = [];
}

/** A chunk: its name as it was loaded, and as errors show it. */
export interface Chunk {
  readonly name: string;
  readonly id: string;
  sites: readonly CallSite[];
  /** Where each read of a field found its key last: see `getHinted`. */
  hints: Int32Array;
}

/** The globals of a function: setfenv puts another table here. */
export interface Environment {
  t: LuaTable;
}

/** Of the half of JavaScript's stack that is left, commands of the server need room. */
const PLAIN_STACK_BYTES = 400_000;
/** Lua's own limit, at which it doubles the list of its calls for the last time. */
const MAX_LEVELS = 16_381;
export const MAX_C_CALLS = 200;
/** The call of the program itself, from C. */
const BASE_C_CALLS = 1;
/** Tables that lead to one another by __index and __newindex. */
const MAX_LOOP = 100;
export const BUDGET = 20_000;

export function typeName(value: Value): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil';
    case 'boolean':
    case 'number':
    case 'string':
    case 'function':
      return typeof value;
    default:
      if (value instanceof LuaTable) return 'table';
      return value instanceof Coroutine ? 'thread' : 'userdata';
  }
}

export class Machine {
  readonly givesWay: boolean;
  readonly host: LuaHost;
  readonly state: MachineState = new MachineState();
  globals: LuaTable = new LuaTable();
  readonly random: Random48;
  /** The metatable of strings. */
  stringMeta: LuaTable | undefined = undefined;
  /** Environments of functions, where they may have their own. */
  readonly environments: WeakMap<LuaFunction, Environment> = new WeakMap();
  /** What pcall gives for an error that it has caught. */
  errorOfPcall: (value: Value) => Result = (value) => value;
  /** The coroutine that runs. */
  current: Coroutine = new Coroutine(null);
  /** Iterators that loops know how to walk without calls. */
  next: LuaFunction | null = null;
  ipairsStep: LuaFunction | null = null;
  #addresses: WeakMap<object, number> = new WeakMap();
  #lastAddress = 0;

  // Named by compiled code.
  readonly Table: typeof LuaTable = LuaTable;
  readonly Running: () => void = Running;
  readonly NONE: readonly Value[] = NONE;
  readonly list: typeof listOf = listOf;

  /** @param random states may share one generator. */
  constructor(givesWay: boolean, host: LuaHost, random: Random48 = new Random48()) {
    this.random = random;
    this.givesWay = givesWay;
    this.host = host;
    this.state.maxDepth = givesWay ? MAX_LEVELS : PLAIN_STACK_BYTES;
  }

  /** Before a program: counters begin anew. */
  reset(): void {
    const { state } = this;
    state.budget = BUDGET;
    state.depth = 0;
    state.cCalls = BASE_C_CALLS;
    if (state.environments.length > 0) state.environments = [];
    if (this.#lastAddress > 0) this.#addresses = new WeakMap();
    this.#lastAddress = 0;
  }

  /** The counters of a coroutine become those that count. */
  enter(thread: Coroutine): void {
    this.state.depth = thread.depth;
    this.state.cCalls = Math.max(BASE_C_CALLS, thread.cCalls);
    this.state.environments = thread.environments;
  }

  leave(thread: Coroutine): void {
    thread.depth = this.state.depth;
    thread.cCalls = this.state.cCalls;
    thread.environments = this.state.environments;
  }

  // --- the budget and the stack

  /** The plain form: the budget has run out. */
  tick(): void {
    this.state.budget = BUDGET;
    this.host.onBudget();
  }

  /** The form that gives way. */
  *give(): Generator<unknown, void, unknown> {
    this.state.budget = BUDGET;
    if (this.host.onBudget()) yield GIVE_WAY;
  }

  /** Long work of libraries counts as that many steps. */
  spend(steps: number): void {
    this.state.budget -= steps | 0;
  }

  tooDeep(): never {
    if (!this.givesWay) throw new NeedsGivingWay('deep calls');
    this.state.depth--;
    throw runtimeError('stack overflow');
  }

  /** A library or a metatable calls a function. */
  enterC(): void {
    if (++this.state.cCalls >= MAX_C_CALLS) throw runtimeError('C stack overflow');
  }

  leaveC(): void {
    this.state.cCalls--;
  }

  /**
   * Runs a generator, and those that take its place by tail calls.
   * @param isTail it has taken the place of another itself.
   */
  *run(generator: LuaGenerator, isTail = true): LuaGenerator {
    let result: Result = generator;
    let hasGone = isTail;
    try {
      for (; isRunning(result); hasGone = true) result = (yield* result) as Result;
    } catch (error) {
      // The function that made the tail call is gone; what it would show is no position.
      throw hasGone ? passed(error) : error;
    }
    return result;
  }

  /** The same for what a metatable or library has called. */
  *inner(generator: LuaGenerator): LuaGenerator {
    this.enterC();
    const result = yield* this.run(generator, false);
    this.leaveC();
    return result;
  }

  // --- errors

  /**
   * An error leaves a function.
   * @param place a line or a call site; negative where the function has called in its own place.
   */
  at(error: unknown, place: number, chunk: Chunk): unknown {
    const at = Math.abs(place);
    const site = at > FIRST_SITE ? chunk.sites[at - FIRST_SITE - 1] : undefined;
    return this.leaves(error, site === undefined ? at : site.line, site ?? null, place < 0, chunk);
  }

  /**
   * The same for a function that says where it is.
   * @param site the call that it was in, or null. @param isGone it has called in its own place.
   */
  leaves(
    error: unknown,
    line: number,
    site: CallSite | null,
    isGone: boolean,
    chunk: Chunk,
  ): unknown {
    const raised = error instanceof LuaError ? error : this.asLuaError(error);
    const isKilled = raised instanceof ScriptKilled;
    if (!(raised instanceof LuaError) && !isKilled) return raised;
    if ((isKilled || raised.level === 0) && raised.line !== 0) return raised;
    if (raised.line === 0) {
      raised.line = line;
      raised.source = chunk.name;
    }
    if (isKilled || raised.level === 0) return raised;
    if (isGone && raised.hasLeft && --raised.level === 0) return raised;
    if (raised instanceof ArgumentError && site !== null && !raised.hasLeft) {
      raised.nameBy(site.name, site.isMethod);
    }
    raised.hasLeft = true;
    if (--raised.level > 0) return raised;
    const { value } = raised;
    if (typeof value === 'string') raised.value = `${chunk.id}:${line}: ${value}`;
    else if (typeof value === 'number') {
      raised.value = `${chunk.id}:${line}: ${numberText(value)}`;
    }
    return raised;
  }

  /** JavaScript's own errors that a program can cause; others come back as they are. */
  asLuaError(error: unknown): unknown {
    if (error instanceof LuaError || !(error instanceof RangeError)) return error;
    if (error.message.includes('call stack')) {
      return this.givesWay ? runtimeError('stack overflow') : new NeedsGivingWay('deep calls');
    }
    return new LuaError('not enough memory');
  }

  /** What pcall has caught, as its value. Signals and errors of the server go on. */
  caught(error: unknown): Value {
    const raised = this.asLuaError(error);
    if (raised instanceof ArgumentError && !raised.hasLeft) raised.nameBy(null, false);
    if (raised instanceof LuaError) return raised.value;
    throw raised;
  }

  isSignal(error: unknown): boolean {
    return (
      error instanceof ScriptKilled ||
      error instanceof NeedsGivingWay ||
      error instanceof NeedsCompiling
    );
  }

  // --- metatables

  metatableOf(value: Value): LuaTable | undefined {
    if (value instanceof LuaTable || value instanceof Userdata) return value.meta;
    return typeof value === 'string' ? this.stringMeta : undefined;
  }

  metamethod(value: Value, event: string): Value {
    const meta = this.metatableOf(value);
    return meta === undefined ? undefined : meta.getString(event);
  }

  /** Calls a metamethod for one value; in the form that gives way it may be a generator. */
  callMeta(handler: Value, ...args: Value[]): Result {
    const called = this.callable(handler);
    if (this.givesWay) return called(...args);
    this.enterC();
    const result = called(...args) as Value;
    this.leaveC();
    return result;
  }

  protected callFirst(handler: Value, ...args: Value[]): Value {
    const result = this.callMeta(handler, ...args);
    if (isRunning(result)) return result as unknown as Value;
    return firstOf(result);
  }

  readonly first = (result: Value | readonly Value[]): Value =>
    Array.isArray(result) ? (result[0] as Value) : (result as Value);

  /** What is called, as a function. @param _site evaluated between function and arguments. */
  readonly called = (value: Value, described: string | undefined, _site: number): LuaFunction =>
    typeof value === 'function' ? value : this.callable(value, described);

  truth(result: Value | readonly Value[]): boolean {
    const value = firstOf(result);
    return value !== undefined && value !== false;
  }

  /** A function for what is called: itself, its __call, or one that fails. */
  callable(value: Value, described?: string): LuaFunction {
    if (typeof value === 'function') return value;
    const handler = this.metamethod(value, '__call');
    if (typeof handler === 'function') return (...args) => handler(value, ...args);
    return () => {
      throw this.typeError('call', value, described);
    };
  }

  /** For the iterator of a loop. */
  iterator(value: Value): LuaFunction {
    return typeof value === 'function' ? value : this.callable(value);
  }

  typeError(action: string, value: Value, described?: string): LuaError {
    const type = typeName(value);
    if (described === undefined) return runtimeError(`attempt to ${action} a ${type} value`);
    return runtimeError(`attempt to ${action} ${described} (a ${type} value)`);
  }

  indexSlow(object: Value, key: Value, described?: string): Value {
    let current = object;
    for (let loop = 0; loop < MAX_LOOP; loop++) {
      if (current instanceof LuaTable) {
        const value = current.get(key);
        if (value !== undefined || current.meta === undefined) return value;
      }
      const handler = this.metamethod(current, '__index');
      if (handler === undefined) {
        if (current instanceof LuaTable) return undefined;
        throw this.typeError('index', current, loop === 0 ? described : undefined);
      }
      if (typeof handler === 'function') return this.callFirst(handler, current, key);
      current = handler;
    }
    throw runtimeError('loop in gettable');
  }

  setIndexSlow(object: Value, key: Value, value: Value, described?: string): Result {
    let current = object;
    for (let loop = 0; loop < MAX_LOOP; loop++) {
      let handler: Value;
      if (current instanceof LuaTable) {
        handler = current.meta?.getString('__newindex');
        if (handler === undefined || current.isReadOnly || current.has(key)) {
          current.set(key, value);
          return undefined;
        }
        current.set(key, undefined);
      } else {
        handler = this.metamethod(current, '__newindex');
        if (handler === undefined) {
          throw this.typeError('index', current, loop === 0 ? described : undefined);
        }
      }
      if (typeof handler === 'function') return this.callMeta(handler, current, key, value);
      current = handler;
    }
    throw runtimeError('loop in settable');
  }

  // --- text

  /** Where an object is said to lie; the same in every run of a program. */
  addressOf(value: object): string {
    if (value instanceof Userdata && value === NULL_POINTER) return value.address;
    let address = this.#addresses.get(value);
    if (address === undefined) {
      address = ++this.#lastAddress;
      this.#addresses.set(value, address);
    }
    return `0x${(0x555555560000 + address * 32).toString(16)}`;
  }

  /** tostring without metatables. */
  textOf(value: Value): string {
    switch (typeof value) {
      case 'undefined':
        return 'nil';
      case 'boolean':
        return value ? 'true' : 'false';
      case 'number':
        return numberText(value);
      case 'string':
        return value;
      default:
        return `${typeName(value)}: ${this.addressOf(value)}`;
    }
  }
}
