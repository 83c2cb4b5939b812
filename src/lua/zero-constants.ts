// The reference compiler keeps the number constants of a function in a table, where 0 and -0 are
// one: the first of them that is needed stands for both in all of the function. So `return -0, 0`
// gives -0 twice. The tree is walked in the order in which that compiler needs its constants, and
// only where a program has a zero with a sign. https://www.lua.org/source/5.1/lcode.c.html

import type { BinaryExpression, Expression, FunctionState, Statement } from './ast.ts';
import { ARITHMETIC, foldedNumber, isSkipped } from './naming.ts';

/** Gives the zeros of a program the sign that the first one of their function has. */
export function shareZeros(main: FunctionState): void {
  new FunctionZeros().statements(main.body);
}

/** Makes an expression the number, wherever it stands in its tree. */
function becomeNumber(expression: Expression, value: number): void {
  Object.assign(expression, { kind: 'number', value });
}

class FunctionZeros {
  #first: number | null = null;

  statements(body: readonly Statement[]): void {
    for (const statement of body) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case 'local':
      case 'return':
        this.#all(statement.values);
        break;
      case 'assign':
        this.#all(statement.targets);
        this.#all(statement.values);
        break;
      case 'call':
        this.#expression(statement.call);
        break;
      case 'do':
        this.statements(statement.body);
        break;
      case 'while':
        this.#condition(statement.condition);
        this.statements(statement.body);
        break;
      case 'repeat':
        this.statements(statement.body);
        this.#condition(statement.condition);
        break;
      case 'if':
        for (const { condition, body } of statement.branches) {
          if (condition !== null) this.#condition(condition);
          this.statements(body);
        }
        break;
      case 'for':
        this.#all([statement.start, statement.limit]);
        if (statement.step !== null) this.#expression(statement.step);
        this.statements(statement.body);
        break;
      case 'forin':
        this.#all(statement.values);
        this.statements(statement.body);
        break;
      case 'localfunction':
        shareZeros(statement.state);
        break;
    }
  }

  #all(expressions: readonly Expression[]): void {
    for (const expression of expressions) this.#expression(expression);
  }

  /** What is known to be true needs no constant. */
  #condition(expression: Expression): void {
    if (foldedNumber(expression) === null) this.#expression(expression);
  }

  #expression(expression: Expression): void {
    const number = foldedNumber(expression);
    if (number !== null) {
      if (number !== 0) return;
      this.#first ??= number;
      if (!Object.is(number, this.#first)) becomeNumber(expression, this.#first);
      return;
    }
    switch (expression.kind) {
      case 'index':
        this.#all([expression.object, expression.key]);
        break;
      case 'call':
        this.#all([expression.callee, ...expression.args]);
        break;
      case 'method':
        this.#all([expression.object, ...expression.args]);
        break;
      case 'binary':
        this.#binary(expression);
        break;
      case 'unary':
        if (expression.op === 'not') this.#condition(expression.operand);
        else this.#expression(expression.operand);
        break;
      case 'and':
      case 'or':
        if (!isSkipped(expression)) this.#expression(expression.left);
        this.#expression(expression.right);
        break;
      case 'paren':
        this.#expression(expression.inner);
        break;
      case 'table':
        for (const i of expression.order) {
          const field = expression.fields[-1 - i];
          this.#all(field === undefined ? [expression.items[i]!] : [field.key, field.value]);
        }
        break;
      case 'function':
        shareZeros(expression.state);
        break;
    }
  }

  /** A number on the left of arithmetic waits until the right is known: it may be folded. */
  #binary({ op, left, right }: BinaryExpression): void {
    const waits = ARITHMETIC[op] !== undefined && foldedNumber(left) !== null;
    this.#all(waits ? [right, left] : [left, right]);
  }
}
