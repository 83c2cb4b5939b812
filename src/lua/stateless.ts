// Whether what a program defines can be run again from its beginning: true when nothing that its
// functions could change outlives a call of them. Such a program only defines functions and
// constants at its top and hands them on.

import type { Expression, Statement } from './ast.ts';
import { isConstant } from './naming.ts';
import { parse } from './parser.ts';

/**
 * @param source a program that has been loaded already, so that it is sound.
 * @param table, field what it may call at its top.
 */
export function isStateless(source: string, table: string, field: string): boolean {
  // Environments could be changed.
  if (source.includes('fenv')) return false;
  const { body } = parse(source, '');
  return body.every((statement) => isHarmless(statement, table, field));
}

function isHarmless(statement: Statement, table: string, field: string): boolean {
  switch (statement.kind) {
    case 'localfunction':
      return !statement.variable.isAssigned;
    case 'local':
      return (
        statement.variables.every(({ isAssigned }) => !isAssigned) &&
        statement.values.every(isFixed)
      );
    case 'call': {
      const { call } = statement;
      if (call.kind !== 'call') return false;
      return isField(call.callee, table, field) && call.args.every(isHandedOn);
    }
    default:
      return false;
  }
}

/** A value that nobody can change. */
function isFixed(value: Expression): boolean {
  return isConstant(value) || value.kind === 'function';
}

function isField(value: Expression, table: string, field: string): boolean {
  if (value.kind !== 'index' || value.object.kind !== 'global') return false;
  return value.object.name === table && value.key.kind === 'string' && value.key.value === field;
}

/** What is handed to a function: fixed values, and tables of them that nothing else has. */
function isHandedOn(value: Expression): boolean {
  if (value.kind === 'local' || isFixed(value)) return true;
  if (value.kind !== 'table') return false;
  return (
    value.items.every(isHandedOn) &&
    value.fields.every((field) => isConstant(field.key) && isHandedOn(field.value))
  );
}
