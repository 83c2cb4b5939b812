// What the compiler knows while it makes JavaScript of expressions: temporary variables, types that
// are certain, names and lines for errors, call sites. Used by compile-expression.ts.

import type { CallExpression, Expression, LocalVariable, MethodExpression } from './ast.ts';
import type { CompileOptions } from './compiler.ts';
import { ARITHMETIC, type CallSite, describe, FIRST_SITE, isConstant, siteOf } from './naming.ts';

/** Counts the reads by name of the whole chunk. */
export interface HintCounter {
  count: number;
}

const QUOTE = 34;
const BACKSLASH = 92;

export function nameOf(variable: LocalVariable): string {
  return `v${variable.id}`;
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

  /** The names of one or two operands as the last arguments of a helper. */
  protected described(first: Expression, second?: Expression): string {
    const firstName = describe(first);
    const secondName = second === undefined ? null : describe(second);
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
    return FIRST_SITE + this.sites.push(siteOf(call));
  }

  /**
   * True when evaluating it may change `$l`.
   * @param orOperators operators of what is no number count: they set the line, but no site.
   */
  protected changesLine(expression: Expression, orOperators = false): boolean {
    if (this.setsLines) return this.mayFail(expression);
    const changes = (inner: Expression): boolean => this.changesLine(inner, orOperators);
    switch (expression.kind) {
      case 'call':
      case 'method':
        return true;
      case 'index':
        return changes(expression.object) || changes(expression.key);
      case 'binary':
        if (orOperators && this.typeOf(expression) !== 'number') return true;
        return changes(expression.left) || changes(expression.right);
      case 'and':
      case 'or':
        return changes(expression.left) || changes(expression.right);
      case 'unary':
        if (orOperators && this.typeOf(expression) !== 'number') return true;
        return changes(expression.operand);
      case 'paren':
        return changes(expression.inner);
      case 'table':
        return (
          expression.items.some(changes) ||
          expression.fields.some(({ key, value }) => changes(key) || changes(value))
        );
      default:
        return false;
    }
  }
}
