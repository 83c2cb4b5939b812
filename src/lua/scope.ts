// Which variable a name means: blocks inside functions inside functions, with Lua 5.1's limits.

import type { FunctionState, LocalVariable } from './ast.ts';
import type { LuaError } from './errors.ts';
import type { Lexer } from './lexer.ts';

const MAX_LOCALS = 200;
const MAX_UPVALUES = 60;

interface Block {
  /** Variables in sight when it began. */
  readonly start: number;
  readonly isLoop: boolean;
}

/** The names of one function that are in sight. */
class FunctionScope {
  readonly state: FunctionState;
  readonly visible: LocalVariable[] = [];
  readonly blocks: Block[] = [];

  constructor(state: FunctionState) {
    this.state = state;
  }
}

export class Scopes {
  readonly #lexer: Lexer;
  readonly #functions: FunctionScope[] = [];
  #nextId = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  get current(): FunctionState {
    return this.#top().state;
  }

  #top(): FunctionScope {
    return this.#functions.at(-1)!;
  }

  openFunction(lineDefined: number): FunctionState {
    const state: FunctionState = {
      parent: this.#functions.at(-1)?.state ?? null,
      lineDefined,
      parameters: [],
      upvalues: new Set(),
      isVararg: false,
      usesDots: false,
      argTable: null,
      body: [],
      lastLine: 0,
      localCount: 0,
      callCount: 0,
    };
    this.#functions.push(new FunctionScope(state));
    this.openBlock(false);
    return state;
  }

  closeFunction(): void {
    this.#functions.pop();
  }

  openBlock(isLoop: boolean): void {
    this.#top().blocks.push({ start: this.#top().visible.length, isLoop });
  }

  closeBlock(): void {
    const block = this.#top().blocks.pop()!;
    this.#top().visible.length = block.start;
  }

  get isInLoop(): boolean {
    return this.#top().blocks.some((block) => block.isLoop);
  }

  /** Makes a variable that is not in sight yet. `pending` others wait to come into sight. */
  create(name: string, pending: number): LocalVariable {
    const { state, visible } = this.#top();
    if (visible.length + pending + 1 > MAX_LOCALS) {
      throw this.#limitError(state, MAX_LOCALS, 'local variables');
    }
    const slot = state.localCount++;
    return { name, id: this.#nextId++, owner: state, slot, isCaptured: false, isAssigned: false };
  }

  show(variable: LocalVariable): void {
    this.#top().visible.push(variable);
  }

  declare(name: string): LocalVariable {
    const variable = this.create(name, 0);
    this.show(variable);
    return variable;
  }

  /** The variable of a name, or null for a global one. */
  resolve(name: string): LocalVariable | null {
    const last = this.#functions.length - 1;
    for (let depth = last; depth >= 0; depth--) {
      const { visible } = this.#functions[depth]!;
      for (let i = visible.length - 1; i >= 0; i--) {
        const variable = visible[i]!;
        if (variable.name !== name) continue;
        if (depth < last) this.#capture(variable, depth);
        return variable;
      }
    }
    return null;
  }

  /** Every function between the variable's own and the current one has it as an upvalue. */
  #capture(variable: LocalVariable, depth: number): void {
    variable.isCaptured = true;
    for (let i = depth + 1; i < this.#functions.length; i++) {
      const { state } = this.#functions[i]!;
      if (state.upvalues.has(variable)) continue;
      if (state.upvalues.size >= MAX_UPVALUES) {
        throw this.#limitError(state, MAX_UPVALUES, 'upvalues');
      }
      state.upvalues.add(variable);
    }
  }

  #limitError(state: FunctionState, limit: number, what: string): LuaError {
    const where =
      state.lineDefined === 0 ? 'main function' : `function at line ${state.lineDefined}`;
    return this.#lexer.plainError(`${where} has more than ${limit} ${what}`);
  }
}
