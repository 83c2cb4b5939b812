// What a Lua program can throw. A LuaError carries any Lua value; while it has levels to climb,
// each function that it passes may put its position in front (see `level`). The other two are
// signals of the machine itself, which no pcall of a program catches.

import type { Value } from './value.ts';

export class LuaError {
  value: Value;
  /**
   * Functions that the error still has to leave before it takes a position: 1 is the function that
   * raised it, 0 none.
   */
  level: number;
  /** It has left a function of the program. */
  hasLeft = false;
  /** Where it was raised: the chunk's name as it was loaded, and the line. */
  source = '';
  line = 0;

  constructor(value: Value, level = 0) {
    this.value = value;
    this.level = level;
  }
}

/** A library function cannot use an argument; who called it by which name is told later. */
export class ArgumentError extends LuaError {
  readonly #index: number;
  readonly #detail: string;
  #isNamed = false;

  constructor(index: number, name: string, detail: string) {
    super(`bad argument #${index} to '${name}' (${detail})`, 1);
    this.#index = index;
    this.#detail = detail;
  }

  /** The call that it was raised in. @param name null where the function was called without one. */
  nameBy(name: string | null, isMethod: boolean): void {
    if (this.#isNamed) return;
    this.#isNamed = true;
    const index = isMethod ? this.#index - 1 : this.#index;
    const what = name ?? '?';
    this.value =
      index === 0 && isMethod
        ? `calling '${what}' on bad self (${this.#detail})`
        : `bad argument #${index} to '${what}' (${this.#detail})`;
  }
}

/** The program is to end, whatever it catches: it was killed, or its server ends. */
export class ScriptKilled {
  readonly reason: string;
  /** Where it was, when that is known. */
  source = '';
  line = 0;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The plain form cannot go on: the program is to run again in the form that gives way. */
export class NeedsGivingWay {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A program that was run from its tree takes long: it is to run again, compiled. */
export class NeedsCompiling {}

/** Errors of Lua's own: of arithmetic, calls, libraries. They take the function's position. */
export function runtimeError(message: string): LuaError {
  return new LuaError(message, 1);
}

/** An error passes a function that has no lines to tell of. */
export function passed(error: unknown): unknown {
  if (error instanceof LuaError && error.level > 0 && error.hasLeft) error.level--;
  return error;
}

/** What fails inside a function of C has no position, as the one that runs has no lines. */
export function inC<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof LuaError && !error.hasLeft) error.level = 0;
    throw error;
  }
}
