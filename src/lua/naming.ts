// How errors name what went wrong: operands and functions that are called, after the expressions
// that they stand in. Both ways to run a program, compiled and from its tree, ask here.

import { untilNul } from '../bytes/ascii.ts';
import type { CallExpression, Expression, MethodExpression } from './ast.ts';
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

/** `$l` above this number is a site of a call, counted from there on; below it is a line. */
export const FIRST_SITE: number = 2 ** 24;

/** The name that a key gives to what lies under it. */
function constantName(key: Expression): string {
  if (key.kind === 'paren') return constantName(key.inner);
  if (key.kind === 'and' || key.kind === 'or') {
    return isSkipped(key) ? constantName(key.right) : '?';
  }
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
export function foldedNumber(expression: Expression): number | null {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'paren':
      return foldedNumber(expression.inner);
    case 'and':
    case 'or':
      return isSkipped(expression) ? foldedNumber(expression.right) : null;
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
export function isSkipped({ kind, left }: Extract<Expression, { kind: 'and' | 'or' }>): boolean {
  return knownTruth(left) === (kind === 'and');
}

/** How errors name an operand, or null where they do not. */
export function describe(expression: Expression): string | null {
  switch (expression.kind) {
    case 'local':
    case 'upvalue':
      return `${expression.kind} '${expression.variable.name}'`;
    case 'global':
      return `global '${expression.name}'`;
    case 'index':
      return `field '${constantName(expression.key)}'`;
    case 'paren':
      return describe(expression.inner);
    case 'and':
    case 'or':
      return isSkipped(expression) ? describe(expression.right) : null;
    default:
      return null;
  }
}

function calledName(callee: Expression): string | null {
  if (callee.kind === 'paren') return calledName(callee.inner);
  if (callee.kind === 'and' || callee.kind === 'or') return calledName(callee.right);
  if (callee.kind === 'global') return callee.name;
  if (callee.kind === 'index') return constantName(callee.key);
  return callee.kind === 'local' || callee.kind === 'upvalue' ? callee.variable.name : null;
}

export function siteOf(call: CallExpression | MethodExpression): CallSite {
  let name: string | null = null;
  if (call.kind === 'method') name = call.name;
  else if (describe(call.callee) !== null) name = calledName(call.callee);
  return { line: call.line, name, isMethod: call.kind === 'method' };
}

/** True for what may be several values. */
export function isMulti(expression: Expression | undefined): boolean {
  if (expression === undefined) return false;
  return expression.kind === 'call' || expression.kind === 'method' || expression.kind === 'dots';
}
