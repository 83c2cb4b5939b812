// Runs a program from its tree. JavaScript's compiler is most of what a new script costs, and most
// new scripts run once: so the first run needs none. What takes long, or goes deep, is thrown away
// by NeedsCompiling and run again in the plain form, with the replies that it has got already; so
// this needs to be small and not quick. Statements; expressions are interpret-expression.ts.

import type { Expression, FunctionState, LocalVariable, Statement } from './ast.ts';
import {
  type Cell,
  ExpressionInterpreter,
  Interpretation,
  type Results,
} from './interpret-expression.ts';
import type { Chunk } from './machine.ts';
import { describe, siteOf } from './naming.ts';
import type { Runtime } from './runtime.ts';
import { LuaTable } from './table.ts';
import { firstOf, type LuaFunction, NONE, type Value } from './value.ts';

/** What a call of a function of the program counts as, besides its expressions. */
const CALL_LEVELS = 6;
const NO_CELLS: ReadonlyMap<LocalVariable, Cell> = new Map();

/** How a statement ends. */
const NEXT = 0;
const BREAK = 1;
const RETURN = 2;
type Ending = typeof NEXT | typeof BREAK | typeof RETURN;

type StatementOf<K extends Statement['kind']> = Extract<Statement, { kind: K }>;

/** The main function of a parsed program. It may run once. */
export function interpreted(
  main: FunctionState,
  runtime: Runtime,
  chunk: Chunk,
  globals: LuaTable,
): LuaFunction {
  const program = new Interpretation(runtime, chunk, globals);
  return functionOf(program, main, NO_CELLS);
}

function functionOf(
  program: Interpretation,
  state: FunctionState,
  cells: ReadonlyMap<LocalVariable, Cell>,
): LuaFunction {
  const { length } = state.parameters;
  return (...args: Value[]) => {
    const varargs = state.isVararg ? args.slice(length) : NONE;
    return new FunctionInterpreter(program, state, cells, varargs).run(args);
  };
}

class FunctionInterpreter extends ExpressionInterpreter {
  readonly #state: FunctionState;
  #results: Results = NONE;

  constructor(
    program: Interpretation,
    state: FunctionState,
    cells: ReadonlyMap<LocalVariable, Cell>,
    varargs: readonly Value[],
  ) {
    super(program, state, cells, varargs);
    this.#state = state;
  }

  run(args: readonly Value[]): Results {
    const { program, runtime } = this;
    const state = this.#state;
    const { level } = program;
    if (--runtime.state.budget < 0) runtime.tick();
    program.enter(CALL_LEVELS);
    this.line = state.lineDefined;
    try {
      for (const [i, parameter] of state.parameters.entries()) this.declare(parameter, args[i]);
      const { argTable } = state;
      if (argTable !== null) {
        const values = state.usesDots ? undefined : runtime.argTable([...this.varargs]);
        this.declare(argTable, values);
      }
      this.#block(state.body);
    } catch (error) {
      const site = this.site === null ? null : siteOf(this.site);
      throw runtime.leaves(error, this.line, site, this.isGone, program.chunk);
    } finally {
      program.level = level;
    }
    return this.#results;
  }

  protected closure(state: FunctionState): LuaFunction {
    const { upvalues } = state;
    if (upvalues.size === 0) return functionOf(this.program, state, NO_CELLS);
    const cells = new Map<LocalVariable, Cell>();
    for (const variable of upvalues) cells.set(variable, this.cellOf(variable));
    return functionOf(this.program, state, cells);
  }

  #block(statements: readonly Statement[]): Ending {
    for (let i = 0; i < statements.length; i++) {
      const ending = this.#statement(statements[i]!);
      if (ending !== NEXT) return ending;
    }
    return NEXT;
  }

  /** A block inside another. */
  #inner(statements: readonly Statement[]): Ending {
    this.program.enter(1);
    const ending = this.#block(statements);
    this.program.level--;
    return ending;
  }

  #statement(statement: Statement): Ending {
    this.program.step();
    switch (statement.kind) {
      case 'local':
        this.#local(statement);
        return NEXT;
      case 'call':
        this.call(statement.call as Parameters<typeof this.call>[0], false);
        return NEXT;
      case 'assign':
        this.#assign(statement);
        return NEXT;
      case 'if':
        return this.#if(statement);
      case 'return':
        this.#results = this.#returned(statement.values);
        return RETURN;
      case 'do':
        return this.#inner(statement.body);
      case 'for':
        return this.#numericFor(statement);
      case 'forin':
        return this.#genericFor(statement);
      case 'while':
        while (this.isTrue(statement.condition)) {
          this.#backEdge(statement.line);
          const ending = this.#inner(statement.body);
          if (ending !== NEXT) return ending === BREAK ? NEXT : ending;
        }
        return NEXT;
      case 'repeat':
        return this.#repeat(statement);
      case 'localfunction':
        this.declare(statement.variable, undefined);
        this.#set(statement.variable, this.closure(statement.state));
        return NEXT;
      case 'break':
        return BREAK;
    }
  }

  #backEdge(line: number): void {
    this.program.step();
    if (--this.runtime.state.budget >= 0) return;
    this.at(line);
    this.runtime.tick();
  }

  #repeat({ line, body, condition }: StatementOf<'repeat'>): Ending {
    for (;;) {
      this.#backEdge(line);
      const ending = this.#inner(body);
      if (ending !== NEXT) return ending === BREAK ? NEXT : ending;
      if (this.isTrue(condition)) return NEXT;
    }
  }

  #if({ branches }: StatementOf<'if'>): Ending {
    for (const { condition, body } of branches) {
      if (condition === null || this.isTrue(condition)) return this.#inner(body);
    }
    return NEXT;
  }

  #local({ variables, values }: StatementOf<'local'>): void {
    if (variables.length === 1 && values.length === 1) {
      this.declare(variables[0]!, this.value(values[0]!));
      return;
    }
    const adjusted = this.adjusted(values, variables.length);
    for (const [i, variable] of variables.entries()) this.declare(variable, adjusted[i]);
  }

  // --- assignments

  #assign({ targets, values }: StatementOf<'assign'>): void {
    const [target] = targets;
    if (targets.length === 1 && values.length === 1) {
      const [object, key] = this.#place(target!);
      this.#store(target!, object, key, this.value(values[0]!));
      return;
    }
    const places = targets.map((target) => this.#place(target));
    const adjusted = this.adjusted(values, targets.length);
    for (let i = targets.length - 1; i >= 0; i--) {
      const [object, key] = places[i]!;
      this.#store(targets[i]!, object, key, adjusted[i]);
    }
  }

  #place(target: Expression): readonly [object: Value, key: Value] {
    if (target.kind !== 'index') return [undefined, undefined];
    return [this.value(target.object), this.value(target.key)];
  }

  #store(target: Expression, object: Value, key: Value, value: Value): void {
    if (target.kind === 'index') {
      this.at(target.line);
      this.runtime.setIndex(object, key, value, describe(target.object) ?? undefined);
    } else if (target.kind === 'global') {
      this.at(target.line);
      this.runtime.setIndex(this.program.globals, target.name, value);
    } else if (target.kind === 'local' || target.kind === 'upvalue') {
      this.#set(target.variable, value);
    }
  }

  #set(variable: LocalVariable, value: Value): void {
    if (variable.isCaptured) this.cellOf(variable).value = value;
    else this.locals[variable.slot] = value;
  }

  // --- loops

  #numericFor(statement: StatementOf<'for'>): Ending {
    const { variable, line, doLine, body } = statement;
    const step = statement.step;
    let start = this.value(statement.start);
    let limit = this.value(statement.limit);
    let by = step === null ? 1 : this.value(step);
    this.at(doLine);
    start = this.runtime.forNumber(start, 'initial value');
    limit = this.runtime.forNumber(limit, 'limit');
    by = this.runtime.forNumber(by, 'step');
    // As the reference computes it, which shows in the last digits.
    let at = start - by + by;
    for (; by > 0 ? at <= limit : limit <= at; at += by) {
      this.#backEdge(line);
      this.declare(variable, at);
      const ending = this.#inner(body);
      if (ending !== NEXT) return ending === BREAK ? NEXT : ending;
    }
    return NEXT;
  }

  #genericFor(statement: StatementOf<'forin'>): Ending {
    const { values, line, body } = statement;
    const [iterator, state, control] = this.adjusted(values, 3);
    const next = this.#walk(statement, iterator, state, control);
    for (;;) {
      this.#backEdge(line);
      if (!next()) return NEXT;
      const ending = this.#inner(body);
      if (ending !== NEXT) return ending === BREAK ? NEXT : ending;
    }
  }

  /** @returns what goes on to the next values and declares them; false at the end. */
  #walk(
    { variables, call }: StatementOf<'forin'>,
    iterator: Value,
    state: Value,
    first: Value,
  ): () => boolean {
    const { runtime } = this;
    const kind = runtime.walkKind(iterator, state, first);
    let control = first;
    const declare = (key: Value, others: readonly Value[]): boolean => {
      if (key === undefined) return false;
      control = key;
      for (const [i, variable] of variables.entries()) {
        this.declare(variable, i === 0 ? key : others[i]);
      }
      return true;
    };
    if (state instanceof LuaTable && kind === 1) {
      let place = 0;
      let layout = -1;
      return () => {
        if (layout !== state.layout) {
          this.at(call.line);
          place = state.positionAfter(control);
          layout = state.layout;
        }
        place = state.seek(place);
        if (place < 0) return false;
        const key = state.keyAt(place);
        return declare(key, [key, state.valueAt(place++)]);
      };
    }
    if (state instanceof LuaTable && kind === 2) {
      return () => {
        const index = (control as number) + 1;
        const value = state.get(index);
        return value !== undefined && declare(index, [index, value]);
      };
    }
    return () => {
      this.at(call.line);
      this.site = call;
      const results = runtime.iterator(iterator)(state, control) as Results;
      return declare(firstOf(results), Array.isArray(results) ? results : NONE);
    };
  }

  // --- return

  #returned(values: readonly Expression[]): Results {
    const [first] = values;
    if (first === undefined) return NONE;
    if (values.length > 1) return this.values(values);
    if (first.kind === 'call' || first.kind === 'method') return this.call(first, true);
    return first.kind === 'dots' ? this.varargs : this.value(first);
  }
}
