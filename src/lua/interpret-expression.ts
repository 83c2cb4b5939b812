// Expressions of a program that is run from its tree: see interpreter.ts. The order in which
// operands are looked at, the lines of errors and their words are those of compile-expression.ts.

import type {
  BinaryExpression,
  CallExpression,
  Expression,
  FunctionState,
  IndexExpression,
  LocalVariable,
  MethodExpression,
  TableExpression,
} from './ast.ts';
import { NeedsCompiling } from './errors.ts';
import type { Chunk } from './machine.ts';
import { ARITHMETIC, describe, isMulti } from './naming.ts';
import { arithmetic } from './operators.ts';
import { FLUSH_ITEMS, type Runtime, roundedSize } from './runtime.ts';
import { LuaTable } from './table.ts';
import { firstOf, type LuaFunction, listOf, type Value } from './value.ts';

/** Statements, and rounds of loops, after which compiled code would have been quicker. */
const MAX_STEPS = 2000;
/** Parts of the program inside one another, so that JavaScript's stack has room for commands. */
const MAX_LEVEL = 300;

/** What a call gives back in the plain form. */
export type Results = Value | readonly Value[];

/** A variable that functions share. */
export class Cell {
  value: Value;

  constructor(value: Value) {
    this.value = value;
  }
}

/** What all functions of a program have in common while it runs. */
export class Interpretation {
  readonly runtime: Runtime;
  readonly chunk: Chunk;
  readonly globals: LuaTable;
  level = 0;
  #steps = 0;

  constructor(runtime: Runtime, chunk: Chunk, globals: LuaTable) {
    this.runtime = runtime;
    this.chunk = chunk;
    this.globals = globals;
  }

  /** @throws NeedsCompiling when the program has taken so many that it is worth to be compiled. */
  step(): void {
    if (++this.#steps > MAX_STEPS) throw new NeedsCompiling();
  }

  /** So many levels deeper; whoever goes back takes them off again. */
  enter(levels: number): void {
    this.level += levels;
    if (this.level > MAX_LEVEL) throw new NeedsCompiling();
  }
}

/** One function that runs: its variables, and where it is. */
export abstract class ExpressionInterpreter {
  protected readonly program: Interpretation;
  protected readonly runtime: Runtime;
  protected readonly locals: (Value | Cell)[];
  /** The variables of functions around it. */
  protected readonly cells: ReadonlyMap<LocalVariable, Cell>;
  protected varargs: readonly Value[];
  protected line = 0;
  /** The call that it is in, or was in last on this line. */
  protected site: CallExpression | MethodExpression | null = null;
  /** That call is in the place of a return. */
  protected isGone = false;

  constructor(
    program: Interpretation,
    state: FunctionState,
    cells: ReadonlyMap<LocalVariable, Cell>,
    varargs: readonly Value[],
  ) {
    this.program = program;
    this.runtime = program.runtime;
    this.locals = new Array<Value | Cell>(state.localCount).fill(undefined);
    this.cells = cells;
    this.varargs = varargs;
  }

  protected abstract closure(state: FunctionState): LuaFunction;

  /** An operation on a line is about to be tried. */
  protected at(line: number): void {
    this.line = line;
    this.site = null;
  }

  // --- variables

  protected cellOf(variable: LocalVariable): Cell {
    return this.cells.get(variable) ?? (this.locals[variable.slot] as Cell);
  }

  protected declare(variable: LocalVariable, value: Value): void {
    this.locals[variable.slot] = variable.isCaptured ? new Cell(value) : value;
  }

  #local(variable: LocalVariable): Value {
    const found = this.locals[variable.slot];
    return variable.isCaptured ? (found as Cell).value : (found as Value);
  }

  // --- values

  /** One value. */
  protected value(expression: Expression): Value {
    switch (expression.kind) {
      case 'local':
        return this.#local(expression.variable);
      case 'string':
      case 'number':
        return expression.value;
      case 'call':
      case 'method':
        return firstOf(this.call(expression, false));
      case 'index':
        return this.#index(expression);
      case 'global':
        this.at(expression.line);
        return this.runtime.index(this.program.globals, expression.name);
      case 'binary':
        return this.#binary(expression);
      case 'upvalue':
        return this.cellOf(expression.variable).value;
      case 'nil':
        return undefined;
      case 'true':
        return true;
      case 'false':
        return false;
      case 'and':
      case 'or': {
        this.program.enter(1);
        const left = this.value(expression.left);
        const isTrue = left !== undefined && left !== false;
        const value = isTrue === (expression.kind === 'and') ? this.value(expression.right) : left;
        this.program.level--;
        return value;
      }
      case 'unary':
        return this.#unary(expression);
      case 'paren':
        return this.value(expression.inner);
      case 'table':
        return this.#table(expression);
      case 'function':
        return this.closure(expression.state);
      case 'dots':
        return this.varargs[0];
    }
  }

  protected isTrue(expression: Expression): boolean {
    const value = this.value(expression);
    return value !== undefined && value !== false;
  }

  /** All values of a list; the last may be several. */
  protected values(expressions: readonly Expression[]): Value[] {
    const last = expressions.length - 1;
    const values: Value[] = [];
    for (let i = 0; i <= last; i++) {
      const expression = expressions[i]!;
      if (i < last || !isMulti(expression)) values.push(this.value(expression));
      else for (const value of this.#several(expression)) values.push(value);
    }
    return values;
  }

  /** At least the values that `count` variables get. */
  protected adjusted(expressions: readonly Expression[], count: number): readonly Value[] {
    if (expressions.length < count) return this.values(expressions);
    return expressions.map((expression) => this.value(expression));
  }

  #several(expression: Expression): readonly Value[] {
    if (expression.kind === 'dots') return this.varargs;
    return listOf(this.call(expression as CallExpression, false));
  }

  #index({ object, key, line }: IndexExpression): Value {
    this.program.enter(1);
    const table = this.value(object);
    const name = this.value(key);
    this.program.level--;
    this.at(line);
    if (table instanceof LuaTable) {
      const value = table.get(name);
      if (value !== undefined || table.meta === undefined) return value;
    }
    return this.runtime.indexSlow(table, name, describe(object) ?? undefined);
  }

  // --- operators

  #binary({ op, left, right, line }: BinaryExpression): Value {
    const { runtime } = this;
    this.program.enter(1);
    // A local variable is read when it is needed, and the right side may have set it.
    const isLate = left.kind === 'local';
    let a = isLate ? undefined : this.value(left);
    const b = this.value(right);
    if (isLate) a = this.#local(left.variable);
    this.program.level--;
    switch (op) {
      case '==':
        this.at(line);
        return runtime.equal(a, b);
      case '~=':
        this.at(line);
        return !runtime.equal(a, b);
      case '..':
        this.at(line);
        if (typeof a === 'string' && typeof b === 'string') return a + b;
        return runtime.concatSlow(a, b, describe(left) ?? undefined, describe(right) ?? undefined);
      case '<':
      case '<=':
      case '>':
      case '>=':
        this.at(line);
        return this.#compare(op, a, b);
      default: {
        const index = ARITHMETIC[op]!;
        if (typeof a === 'number' && typeof b === 'number') return arithmetic(index, a, b);
        this.at(line);
        const names = [describe(left) ?? undefined, describe(right) ?? undefined] as const;
        return runtime.arith(index, a, b, ...names);
      }
    }
  }

  #compare(op: '<' | '<=' | '>' | '>=', a: Value, b: Value): boolean {
    switch (op) {
      case '<':
        return this.runtime.less(a, b);
      case '<=':
        return this.runtime.lessEqual(a, b);
      case '>':
        return this.runtime.less(b, a);
      case '>=':
        return this.runtime.lessEqual(b, a);
    }
  }

  #unary({ op, operand, line }: Extract<Expression, { kind: 'unary' }>): Value {
    this.program.enter(1);
    const value = this.value(operand);
    this.program.level--;
    if (op === 'not') return value === undefined || value === false;
    if (op === '-' && typeof value === 'number') return -value;
    this.at(line);
    const name = describe(operand) ?? undefined;
    return op === '#' ? this.runtime.length(value, name) : this.runtime.negate(value, name);
  }

  // --- tables

  #table({ items, fields, order }: TableExpression): LuaTable {
    const { runtime } = this;
    if (order.length === 0) return new LuaTable();
    this.program.enter(1);
    // Only the very last entry is spread.
    const spreads = isMulti(items.at(-1)) && order.at(-1) === items.length - 1;
    const counted = spreads ? items.length - 1 : items.length;
    const size = roundedSize(counted);
    let table: LuaTable;
    if (fields.length > 0) table = this.#record(order, items, fields, spreads);
    else if (spreads) table = runtime.itemsAndMore(this.values(items), size, counted);
    else
      table = runtime.items(
        items.map((item) => this.value(item)),
        size,
      );
    this.program.level--;
    return table;
  }

  #record(
    order: readonly number[],
    items: readonly Expression[],
    fields: TableExpression['fields'],
    spreads: boolean,
  ): LuaTable {
    const counted = spreads ? items.length - 1 : items.length;
    const table = new LuaTable(roundedSize(counted), roundedSize(fields.length));
    const list: Value[] = [];
    let stored = 0;
    let waiting = 0;
    for (const place of order) {
      if (place < 0) {
        const { key, value, line } = fields[-place - 1]!;
        const name = this.value(key);
        const stands = this.value(value);
        this.at(line);
        table.set(name, stands);
        continue;
      }
      if (waiting === FLUSH_ITEMS) {
        this.runtime.storeItems(table, list, stored);
        stored += waiting;
        waiting = 0;
      }
      const item = items[place]!;
      if (spreads && place === items.length - 1) list.push(...this.#several(item));
      else {
        list.push(this.value(item));
        waiting++;
      }
    }
    if (items.length > 0) this.runtime.storeItems(table, list, stored);
    return table;
  }

  // --- calls

  /** @param isTail in the place of a return, so that errors do not show the line. */
  protected call(call: CallExpression | MethodExpression, isTail: boolean): Results {
    const { runtime, program } = this;
    program.enter(1);
    let called: Value;
    let args: Value[];
    if (call.kind === 'call') {
      called = this.value(call.callee);
      args = this.values(call.args);
    } else {
      const object = this.value(call.object);
      this.at(call.line);
      called = runtime.index(object, call.name, describe(call.object) ?? undefined);
      args = [object, ...this.values(call.args)];
    }
    this.line = call.line;
    this.site = call;
    this.isGone = isTail;
    const run = typeof called === 'function' ? called : runtime.callable(called, calledAs(call));
    const results = run(...args) as Results;
    this.isGone = false;
    program.level--;
    return results;
  }
}

function calledAs(call: CallExpression | MethodExpression): string | undefined {
  if (call.kind === 'method') return `method '${call.name}'`;
  return describe(call.callee) ?? undefined;
}
