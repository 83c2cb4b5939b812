// What the compiler knows while it makes JavaScript of expressions: temporary variables, types that
// are certain, names and lines for errors, call sites. Used by compile-expression.ts.

import { untilNul } from '../bytes/ascii.ts';
import type { CallExpression, Expression, LocalVariable, MethodExpression } from './ast.ts';
import type { CompileOptions } from './compiler.ts';
import { arithmetic } from './operators.ts';

export const ARITHMETIC: Readonly<Record<string, number>> = {
  '+': 0,
  '-': 1,
  '*': 2,
  '/': 3,
  '%': 4,
  '^': 5,
};

/** Where a call stands, and by which name it calls: what errors tell of it. */
export interface CallSite {
  readonly line: number;
  /** Null where the function has no name. */
  readonly name: string | null;
  readonly isMethod: boolean;
}

/** Counts the reads by name of the whole chunk. */
export interface HintCounter {
  count: number;
}

/** `$l` above this number is a site of a call, counted from there on; below it is a line. */
export const FIRST_SITE: number = 2 ** 24;

const QUOTE = 34;
const BACKSLASH = 92;

export function nameOf(variable: LocalVariable): string {
  return `v${variable.id}`;
}

/** The name that a key gives to what lies under it. */
function constantName(key: Expression): string {
  if (key.kind === 'paren') return constantName(key.inner);
  // As in C, a NUL ends the name.
  return key.kind === 'string' ? untilNul(key.value) : '?';
}

export function isConstant({ kind }: Expression): boolean {
  switch (kind) {
    case 'nil':
    case 'true':
    case 'false':
    case 'number':
    case 'string':
      return true;
    default:
      return false;
  }
}

/** What the reference compiler knows of an operand's truth, or null. */
function knownTruth(expression: Expression): boolean | null {
  switch (expression.kind) {
    case 'nil':
    case 'false':
      return false;
    case 'true':
    case 'number':
    case 'string':
      return true;
    case 'paren':
      return knownTruth(expression.inner);
    case 'and':
    case 'or':
      return isSkipped(expression) ? knownTruth(expression.right) : null;
    case 'unary': {
      if (expression.op !== 'not') return foldedNumber(expression) === null ? null : true;
      const truth = knownTruth(expression.operand);
      return truth === null ? null : !truth;
    }
    case 'binary':
      return foldedNumber(expression) === null ? null : true;
    default:
      return null;
  }
}

/** The number that the reference compiler has computed already, or null: no zero divides. */
function foldedNumber(expression: Expression): number | null {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'paren':
      return foldedNumber(expression.inner);
    case 'unary': {
      const operand = expression.op === '-' ? foldedNumber(expression.operand) : null;
      return operand === null ? null : -operand;
    }
    case 'binary': {
      const op = ARITHMETIC[expression.op];
      const left = op === undefined ? null : foldedNumber(expression.left);
      const right = left === null ? null : foldedNumber(expression.right);
      if (op === undefined || left === null || right === null) return null;
      if (right === 0 && (expression.op === '/' || expression.op === '%')) return null;
      const value = arithmetic(op, left, right);
      return Number.isNaN(value) ? null : value;
    }
    default:
      return null;
  }
}

/** True where only the right operand is left: `true and x` is `x`, name and all. */
function isSkipped({ kind, left }: Extract<Expression, { kind: 'and' | 'or' }>): boolean {
  return knownTruth(left) === (kind === 'and');
}

/** A text of one character a byte as a literal of JavaScript. */
export function quoted(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === QUOTE || code === BACKSLASH) return JSON.stringify(text);
  }
  return `"${text}"`;
}

export abstract class CompilerBase {
  protected readonly options: CompileOptions;
  /** Each operation that may fail sets its line. */
  protected setsLines = false;
  /** Variables that hold a number as long as they live. */
  protected readonly numbers: Set<LocalVariable> = new Set();
  /** The calls of the whole chunk. */
  protected readonly sites: CallSite[];
  readonly #counter: HintCounter;
  #taken = 0;
  #mostTaken = 0;

  constructor(options: CompileOptions, sites: CallSite[], counter: HintCounter) {
    this.options = options;
    this.sites = sites;
    this.#counter = counter;
  }

  /** The arguments of a helper that reads by names: where it remembers their places. */
  protected hints(count: number): string {
    const first = this.#counter.count;
    this.#counter.count += count;
    return `H,${first}`;
  }

  /** For functions inside this one. */
  protected get counter(): HintCounter {
    return this.#counter;
  }

  // --- temporary variables, a stack

  protected take(): string {
    this.#taken++;
    this.#mostTaken = Math.max(this.#mostTaken, this.#taken);
    return `$${this.#taken}`;
  }

  protected release(_name: string): void {
    this.#taken--;
  }

  protected temporaryNames(): string[] {
    return Array.from({ length: this.#mostTaken }, (_, i) => `$${i + 1}`);
  }

  // --- what is known of an expression

  protected typeOf(expression: Expression): 'number' | 'boolean' | 'string' | 'other' {
    switch (expression.kind) {
      case 'number':
        return 'number';
      case 'string':
        return 'string';
      case 'true':
      case 'false':
        return 'boolean';
      case 'local':
        return this.numbers.has(expression.variable) ? 'number' : 'other';
      case 'paren':
        return this.typeOf(expression.inner);
      case 'unary':
        if (expression.op === 'not') return 'boolean';
        if (expression.op === '#') return 'other';
        return this.typeOf(expression.operand) === 'number' ? 'number' : 'other';
      case 'binary': {
        const { op, left, right } = expression;
        if (!(op in ARITHMETIC)) return op === '..' ? 'other' : 'boolean';
        const areNumbers = this.typeOf(left) === 'number' && this.typeOf(right) === 'number';
        return areNumbers ? 'number' : 'other';
      }
      default:
        return 'other';
    }
  }

  /** True unless evaluating it can neither fail nor call. */
  protected mayFail(expression: Expression): boolean {
    if (isConstant(expression)) return false;
    switch (expression.kind) {
      case 'paren':
        return this.mayFail(expression.inner);
      case 'local':
      case 'upvalue':
      case 'function':
      case 'dots':
        return false;
      default:
        return true;
    }
  }

  /** How errors name an operand. */
  protected describe(expression: Expression): string | null {
    switch (expression.kind) {
      case 'local':
      case 'upvalue':
        return `${expression.kind} '${expression.variable.name}'`;
      case 'global':
        return `global '${expression.name}'`;
      case 'index':
        return `field '${constantName(expression.key)}'`;
      case 'paren':
        return this.describe(expression.inner);
      case 'and':
      case 'or':
        return isSkipped(expression) ? this.describe(expression.right) : null;
      default:
        return null;
    }
  }

  /** The names of one or two operands as the last arguments of a helper. */
  protected described(first: Expression, second?: Expression): string {
    const firstName = this.describe(first);
    const secondName = second === undefined ? null : this.describe(second);
    if (secondName !== null) {
      return `,${firstName === null ? 'undefined' : quoted(firstName)},${quoted(secondName)}`;
    }
    return firstName === null ? '' : `,${quoted(firstName)}`;
  }

  protected atLine(line: number, code: string): string {
    return this.setsLines ? `($l=${line},${code})` : code;
  }

  // --- what a helper or a call gives back

  /** In the form that gives way a helper may have called a function of the program. */
  protected finished(code: string, then: 'R.first' | 'R.truth'): string {
    if (!this.options.givesWay) return code;
    const name = this.take();
    this.release(name);
    return `((${name}=${code})instanceof G?${then}(yield*R.inner(${name})):${name})`;
  }

  /** The results of a call, as they come. */
  protected finishCall(code: string): string {
    if (!this.options.givesWay) return code;
    const name = this.take();
    this.release(name);
    // Generators inside generators lie on JavaScript's stack: now and then the driver takes over.
    return (
      `((${name}=${code})instanceof G?(S.depth&127)===127?yield ${name}:` +
      `(${name}=yield*${name})instanceof G?yield*R.run(${name}):${name}:${name})`
    );
  }

  /** The iterator of a loop is called through C, so that nothing can be yielded from it. */
  protected iteratorCall(code: string): string {
    if (!this.options.givesWay) return code;
    const name = this.take();
    this.release(name);
    return `((${name}=${code})instanceof G?yield*R.inner(${name}):${name})`;
  }

  /** Short, because all that a new script costs is the length of its code. */
  protected first(code: string): string {
    return `O(${code})`;
  }

  protected site(call: CallExpression | MethodExpression): number {
    let name: string | null = null;
    if (call.kind === 'method') name = call.name;
    else if (this.describe(call.callee) !== null) name = this.calledName(call.callee);
    return (
      FIRST_SITE + this.sites.push({ line: call.line, name, isMethod: call.kind === 'method' })
    );
  }

  protected calledName(callee: Expression): string | null {
    if (callee.kind === 'paren') return this.calledName(callee.inner);
    if (callee.kind === 'and' || callee.kind === 'or') return this.calledName(callee.right);
    if (callee.kind === 'global') return callee.name;
    if (callee.kind === 'index') return constantName(callee.key);
    return callee.kind === 'local' || callee.kind === 'upvalue' ? callee.variable.name : null;
  }

  /** True when evaluating it may change `$l`. */
  protected changesLine(expression: Expression): boolean {
    if (this.setsLines) return this.mayFail(expression);
    switch (expression.kind) {
      case 'call':
      case 'method':
        return true;
      case 'index':
        return this.changesLine(expression.object) || this.changesLine(expression.key);
      case 'binary':
      case 'and':
      case 'or':
        return this.changesLine(expression.left) || this.changesLine(expression.right);
      case 'unary':
        return this.changesLine(expression.operand);
      case 'paren':
        return this.changesLine(expression.inner);
      case 'table':
        return (
          expression.items.some((item) => this.changesLine(item)) ||
          expression.fields.some(
            ({ key, value }) => this.changesLine(key) || this.changesLine(value),
          )
        );
      default:
        return false;
    }
  }
}
