// The loop that drives programs in the form that gives way. A generator that calls another does so
// by `yield*`, which lies on JavaScript's stack, so at every 128th level the loop takes over: the
// caller yields the generator of the callee. Coroutines are stacks of such generators, and only one
// loop runs them all. See docs/internals/lua.md.

import { LuaError, ScriptKilled } from './errors.ts';
import type { Runtime } from './runtime.ts';
import { isRunning, type LuaFunction, type LuaGenerator, listOf, type Value } from './value.ts';

export type CoroutineStatus = 'suspended' | 'running' | 'normal' | 'dead';

/** Yielded to the loop: go back to the server for a while. */
export const GIVE_WAY: object = Object.freeze({ token: 'give way' });

/** Yielded to the loop: run a coroutine until it yields, ends or fails. */
export class Resume {
  readonly target: Coroutine;
  readonly values: readonly Value[];

  constructor(target: Coroutine, values: readonly Value[]) {
    this.target = target;
    this.values = values;
  }
}

/** Yielded to the loop: back to whoever resumed this coroutine. */
export class YieldValues {
  readonly values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.values = values;
  }
}

/** What became of a resumed coroutine. */
export type Resumed = { readonly values: readonly Value[] } | { readonly error: unknown };

export class Coroutine {
  status: CoroutineStatus = 'suspended';
  /** What it begins with. */
  start: LuaFunction | null;
  readonly stack: LuaGenerator[] = [];
  depth = 0;
  cCalls = 0;
  /** Its count of calls through C when it was resumed: it can only be left from there. */
  baseCCalls = 0;
  environments: object[] = [];
  /** The program itself. */
  readonly isMain: boolean;

  constructor(start: LuaFunction | null) {
    this.start = start;
    this.isMain = start === null;
  }
}

/** One run of a program. */
export class Execution {
  readonly #runtime: Runtime;
  readonly #threads: Coroutine[];
  #input: unknown = undefined;
  #error: { readonly reason: unknown } | null = null;
  /** What the program gave back, when it has ended. */
  results: readonly Value[] = [];

  constructor(runtime: Runtime, start: LuaFunction, args: readonly Value[]) {
    this.#runtime = runtime;
    const main = new Coroutine(null);
    main.status = 'running';
    this.#threads = [main];
    runtime.enter(main);
    runtime.current = main;
    const result = start(...args);
    if (isRunning(result)) main.stack.push(result);
    else this.results = listOf(result);
  }

  /** Goes on. @returns true when the program has ended. @throws what it failed with. */
  step(): boolean {
    for (;;) {
      const thread = this.#threads.at(-1)!;
      const generator = thread.stack.at(-1);
      if (generator === undefined) {
        if (this.#ended(thread)) return true;
        continue;
      }
      let next: IteratorResult<unknown, unknown>;
      try {
        next = this.#advance(generator);
      } catch (error) {
        this.#failed(thread, error);
        continue;
      }
      if (next.done === true) {
        thread.stack.pop();
        this.#input = next.value;
        // A call in the place of a return: it takes the place of its caller.
        if (isRunning(next.value)) {
          thread.stack.push(next.value);
          this.#input = undefined;
        }
      } else if (next.value === GIVE_WAY) {
        this.#input = undefined;
        return false;
      } else this.#obey(thread, next.value);
    }
  }

  #advance(generator: LuaGenerator): IteratorResult<unknown, unknown> {
    const error = this.#error;
    this.#error = null;
    if (error !== null) return generator.throw(error.reason);
    return generator.next(this.#input);
  }

  #obey(thread: Coroutine, token: unknown): void {
    if (isRunning(token)) {
      thread.stack.push(token);
      this.#input = undefined;
    } else if (token instanceof Resume) {
      this.#resume(thread, token);
    } else if (token instanceof YieldValues) {
      thread.status = 'suspended';
      this.#leave({ values: token.values });
    }
  }

  #resume(from: Coroutine, { target, values }: Resume): void {
    from.status = 'normal';
    target.status = 'running';
    this.#threads.push(target);
    const runtime = this.#runtime;
    const calls = runtime.state.cCalls;
    runtime.leave(from);
    runtime.enter(target);
    runtime.current = target;
    runtime.state.cCalls = calls + 1;
    target.baseCCalls = runtime.state.cCalls;
    const { start } = target;
    if (start === null) {
      this.#input = values;
      return;
    }
    target.start = null;
    try {
      const result = start(...values);
      if (isRunning(result)) {
        target.stack.push(result);
        this.#input = undefined;
      } else this.#input = result;
    } catch (error) {
      this.#failed(target, error);
    }
  }

  /** Goes back from a coroutine to the one that resumed it. */
  #leave(how: Resumed): void {
    const runtime = this.#runtime;
    const left = this.#threads.pop()!;
    runtime.leave(left);
    const back = this.#threads.at(-1)!;
    back.status = 'running';
    runtime.enter(back);
    runtime.current = back;
    this.#input = how;
  }

  #ended(thread: Coroutine): boolean {
    if (this.#threads.length === 1) {
      if (this.#input !== undefined) this.results = listOf(this.#input as Value);
      return true;
    }
    thread.status = 'dead';
    this.#leave({ values: listOf(this.#input as Value) });
    return false;
  }

  #failed(thread: Coroutine, reason: unknown): void {
    thread.stack.pop();
    if (reason instanceof ScriptKilled) throw reason;
    if (thread.stack.length > 0) {
      this.#error = { reason };
      return;
    }
    if (this.#threads.length === 1) throw reason;
    thread.status = 'dead';
    this.#leave({ error: reason instanceof LuaError ? reason : this.#runtime.asLuaError(reason) });
  }
}
