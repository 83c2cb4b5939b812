// Expressions of Lua 5.1: precedence, calls, tables, functions. The statements are parser.ts.

import type { BinaryOperator, Expression, FunctionState, Statement, TableField } from './ast.ts';
import type { LuaError } from './errors.ts';
import { Lexer } from './lexer.ts';
import { foldedNumber } from './naming.ts';
import { Scopes } from './scope.ts';

/** Blocks, functions and operands inside one another. */
const MAX_LEVELS = 200;

interface Precedence {
  readonly left: number;
  readonly right: number;
}

const BINARY: ReadonlyMap<string, Precedence> = new Map(
  Object.entries({
    '+': { left: 6, right: 6 },
    '-': { left: 6, right: 6 },
    '*': { left: 7, right: 7 },
    '/': { left: 7, right: 7 },
    '%': { left: 7, right: 7 },
    '^': { left: 10, right: 9 },
    '..': { left: 5, right: 4 },
    '~=': { left: 3, right: 3 },
    '==': { left: 3, right: 3 },
    '<': { left: 3, right: 3 },
    '<=': { left: 3, right: 3 },
    '>': { left: 3, right: 3 },
    '>=': { left: 3, right: 3 },
    and: { left: 2, right: 2 },
    or: { left: 1, right: 1 },
  }),
);
const UNARY_PRIORITY = 8;
/** Operators that may make -0 of a zero. */
const MAY_SIGN_ZERO: ReadonlySet<string> = new Set(['*', '/', '%', '^']);

function isZero(expression: Expression): boolean {
  return expression.kind === 'number' && expression.value === 0;
}

export abstract class ExpressionParser {
  protected readonly lexer: Lexer;
  protected readonly scopes: Scopes;
  protected level = 0;
  /** Some constant may be -0. */
  protected signsZero = false;
  /** The lines of what may fail in the statement at hand. */
  protected lines = { first: 0, isSpread: false };

  constructor(source: string, chunkName: string) {
    this.lexer = new Lexer(source, chunkName);
    this.scopes = new Scopes(this.lexer);
  }

  protected abstract parseBody(): Statement[];

  protected enterLevel(): void {
    if (++this.level > MAX_LEVELS) {
      throw this.lexer.plainError('chunk has too many syntax levels');
    }
  }

  protected leaveLevel(): void {
    this.level--;
  }

  /** Takes note that something which may fail stands on a line. */
  protected noteLine(line: number): number {
    if (line !== this.lines.first) this.lines.isSpread = true;
    return line;
  }

  protected variableLimit(limit: number): LuaError {
    const { lineDefined } = this.scopes.current;
    const where = lineDefined === 0 ? 'main function' : `function at line ${lineDefined}`;
    return this.lexer.plainError(`${where} has more than ${limit} variables in assignment`);
  }

  protected expect(word: string): void {
    if (!this.lexer.is(word)) throw this.lexer.syntaxError(`'${word}' expected`);
    this.lexer.next();
  }

  /** The word that ends what `opening` began on a line. */
  protected expectClosing(word: string, opening: string, line: number): void {
    const { lexer } = this;
    if (lexer.is(word)) {
      lexer.next();
      return;
    }
    if (line === lexer.line) throw lexer.syntaxError(`'${word}' expected`);
    throw lexer.syntaxError(`'${word}' expected (to close '${opening}' at line ${line})`);
  }

  protected expectName(): string {
    const { lexer } = this;
    if (lexer.type !== 'name') throw lexer.syntaxError("'<name>' expected");
    const { text } = lexer;
    lexer.next();
    return text;
  }

  protected markAssigned(target: Expression): void {
    if (target.kind === 'local' || target.kind === 'upvalue') target.variable.isAssigned = true;
  }

  protected resolveName(name: string): Expression {
    const variable = this.scopes.resolve(name);
    if (variable === null) {
      return { kind: 'global', name, line: this.noteLine(this.lexer.lastLine) };
    }
    const isOwn = variable.owner === this.scopes.current;
    return { kind: isOwn ? 'local' : 'upvalue', variable };
  }

  protected parseExpressionList(): Expression[] {
    const list = [this.parseExpression()];
    while (this.lexer.is(',')) {
      this.lexer.next();
      this.readsHere(list.at(-1));
      list.push(this.parseExpression());
    }
    return list;
  }

  /**
   * The reference compiler reads a field or a global only when it knows what is done with it, by
   * when it has gone on by a token: errors tell the line of that.
   */
  protected readsHere(
    expression: Expression | undefined,
    line: number = this.lexer.lastLine,
  ): void {
    if (expression?.kind !== 'index' && expression?.kind !== 'global') return;
    (expression as { line: number }).line = this.noteLine(line);
  }

  parseExpression(limit = 0): Expression {
    const { lexer } = this;
    this.enterLevel();
    let left = this.#unary();
    for (;;) {
      if (lexer.type !== 'word') break;
      const op = lexer.text;
      const precedence = BINARY.get(op);
      if (precedence === undefined || precedence.left <= limit) break;
      lexer.next();
      this.readsHere(left);
      const right = this.parseExpression(precedence.right);
      if (op === 'and' || op === 'or') left = { kind: op, left, right };
      else {
        const line = this.noteLine(lexer.lastLine);
        if (MAY_SIGN_ZERO.has(op) && (isZero(left) || isZero(right))) this.signsZero = true;
        left = { kind: 'binary', op: op as BinaryOperator, left, right, line };
      }
    }
    this.leaveLevel();
    return left;
  }

  #unary(): Expression {
    const { lexer } = this;
    const op = lexer.text;
    if (lexer.type !== 'word' || (op !== 'not' && op !== '-' && op !== '#')) return this.#simple();
    lexer.next();
    const operand = this.parseExpression(UNARY_PRIORITY);
    if (op === '-') {
      if (foldedNumber(operand) === 0) this.signsZero = true;
      if (operand.kind === 'number') return { kind: 'number', value: -operand.value };
    }
    return { kind: 'unary', op, operand, line: this.noteLine(lexer.lastLine) };
  }

  #simple(): Expression {
    const { lexer } = this;
    let result: Expression;
    if (lexer.type === 'name') return this.parsePrimary();
    if (lexer.type === 'number') result = { kind: 'number', value: lexer.value };
    else if (lexer.type === 'string') result = { kind: 'string', value: lexer.text };
    else if (lexer.is('nil') || lexer.is('true') || lexer.is('false')) {
      result = { kind: lexer.text as 'nil' | 'true' | 'false' };
    } else if (lexer.is('...')) {
      if (!this.scopes.current.isVararg) {
        throw lexer.syntaxError("cannot use '...' outside a vararg function");
      }
      this.scopes.current.usesDots = true;
      result = { kind: 'dots' };
    } else if (lexer.is('{')) return this.#table();
    else if (lexer.is('function')) {
      const { line } = lexer;
      lexer.next();
      return { kind: 'function', state: this.parseFunctionBody(false, line) };
    } else return this.parsePrimary();
    lexer.next();
    return result;
  }

  #prefix(): Expression {
    const { lexer } = this;
    if (lexer.type === 'name') return this.resolveName(this.expectName());
    if (!lexer.is('(')) throw lexer.syntaxError('unexpected symbol');
    const { line } = lexer;
    lexer.next();
    const inner = this.parseExpression();
    this.expectClosing(')', '(', line);
    this.readsHere(inner);
    return { kind: 'paren', inner };
  }

  protected parsePrimary(): Expression {
    const { lexer } = this;
    let result = this.#prefix();
    for (;;) {
      if (lexer.is('.')) {
        lexer.next();
        const key = { kind: 'string', value: this.expectName() } as const;
        const line = this.noteLine(lexer.lastLine);
        result = { kind: 'index', object: result, key, line };
      } else if (lexer.is('[')) {
        lexer.next();
        const key = this.parseExpression();
        this.expect(']');
        const line = this.noteLine(lexer.lastLine);
        result = { kind: 'index', object: result, key, line };
      } else if (lexer.is(':')) {
        lexer.next();
        const name = this.expectName();
        this.readsHere(result);
        const line = this.noteLine(lexer.line);
        result = { kind: 'method', object: result, name, args: this.#arguments(), line };
      } else if (lexer.is('(') || lexer.type === 'string' || lexer.is('{')) {
        const line = this.noteLine(lexer.line);
        result = { kind: 'call', callee: result, args: this.#arguments(), line };
      } else return result;
    }
  }

  #arguments(): Expression[] {
    const { lexer } = this;
    this.scopes.current.callCount++;
    if (lexer.is('(')) {
      const { line } = lexer;
      if (line !== lexer.lastLine) {
        throw lexer.syntaxError('ambiguous syntax (function call x new statement)');
      }
      lexer.next();
      const args = lexer.is(')') ? [] : this.parseExpressionList();
      this.expectClosing(')', '(', line);
      this.readsHere(args.at(-1));
      return args;
    }
    if (lexer.is('{')) return [this.#table()];
    if (lexer.type !== 'string') throw lexer.syntaxError('function arguments expected');
    const { text } = lexer;
    lexer.next();
    return [{ kind: 'string', value: text }];
  }

  #table(): Expression {
    const { lexer } = this;
    const { line } = lexer;
    const items: Expression[] = [];
    const fields: TableField[] = [];
    const order: number[] = [];
    this.expect('{');
    while (!lexer.is('}')) {
      const isNamed = lexer.type === 'name' && lexer.peek() === '=';
      if (isNamed || lexer.is('[')) {
        const key = this.#tableKey();
        this.expect('=');
        const value = this.parseExpression();
        fields.push({ key, value, line: this.noteLine(lexer.lastLine) });
        order.push(-fields.length);
      } else {
        order.push(items.length);
        items.push(this.parseExpression());
      }
      if (!lexer.is(',') && !lexer.is(';')) break;
      lexer.next();
      if (!lexer.is('}') && order.at(-1)! >= 0) this.readsHere(items.at(-1));
    }
    this.expectClosing('}', '{', line);
    if (order.length > 0 && order.at(-1)! >= 0) this.readsHere(items.at(-1));
    return { kind: 'table', items, fields, order, line };
  }

  #tableKey(): Expression {
    const { lexer } = this;
    if (lexer.type === 'name') return { kind: 'string', value: this.expectName() };
    lexer.next();
    const key = this.parseExpression();
    this.expect(']');
    return key;
  }

  /** Parameters and body, from the bracket to `end`. */
  protected parseFunctionBody(isMethod: boolean, line: number): FunctionState {
    const { lexer, scopes } = this;
    const outer = this.lines;
    const state = scopes.openFunction(line);
    this.expect('(');
    if (isMethod) state.parameters.push(scopes.declare('self'));
    this.#parameters(state);
    this.expect(')');
    state.body = this.parseBody();
    state.lastLine = lexer.line;
    this.expectClosing('end', 'function', line);
    scopes.closeFunction();
    this.lines = outer;
    return state;
  }

  #parameters(state: FunctionState): void {
    const { lexer, scopes } = this;
    if (lexer.is(')')) return;
    const names: string[] = [];
    for (;;) {
      if (lexer.type === 'name') {
        const variable = scopes.create(this.expectName(), names.length);
        names.push(variable.name);
        state.parameters.push(variable);
      } else if (lexer.is('...')) {
        lexer.next();
        state.isVararg = true;
        break;
      } else throw lexer.syntaxError("<name> or '...' expected");
      if (!lexer.is(',')) break;
      lexer.next();
    }
    const first = state.parameters.length - names.length;
    for (const variable of state.parameters.slice(first)) scopes.show(variable);
    if (state.isVararg) state.argTable = scopes.declare('arg');
  }
}
