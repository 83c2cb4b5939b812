// A hint to V8. What no object of a class was ever seen to change, V8 takes for constant: code that
// reads such a field depends on it, and at the first change, which may come after hours (the first
// WATCH, the first snapshot, a command of more than 64 arguments), all of that code is thrown away
// at once, whole paths of commands, while clients wait.

import { assert } from './assert.ts';

/** A value of the same kind as `value`, and another. */
function otherThan(value: unknown): unknown {
  if (value === null) return {};
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value instanceof Int32Array) return new Int32Array(0);
  assert(typeof value === 'string', `another ${typeof value} is not known`);
  return `${value}.`;
}

/**
 * Has V8 see once that fields of a class change: each takes another value and its own again. To be
 * called in the constructor, for fields on the path of every command that change seldom.
 */
export function changing<T extends object>(object: T, fields: readonly (keyof T)[]): void {
  for (const field of fields) {
    const value = object[field];
    object[field] = otherThan(value) as typeof value;
    object[field] = value;
  }
}
