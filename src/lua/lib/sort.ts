// table.sort: the quicksort of the reference implementation, comparison for comparison, so that a
// function that is no order is found out at the same place, and equal elements end where they do
// there. One generator serves both forms: in the plain one it runs to its end at once.

import { inC, runtimeError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { LuaTable } from '../table.ts';
import { isRunning, type LuaFunction, NONE, type Result, type Value } from '../value.ts';
import type { Arguments } from './arguments.ts';

type Sorting<T> = Generator<unknown, T, unknown>;

class Sorter {
  readonly #runtime: Runtime;
  readonly #table: LuaTable;
  readonly #compare: LuaFunction | null;

  constructor(runtime: Runtime, table: LuaTable, compare: LuaFunction | null) {
    this.#runtime = runtime;
    this.#table = table;
    this.#compare = compare;
  }

  *#less(a: Value, b: Value): Sorting<boolean> {
    const runtime = this.#runtime;
    const compare = this.#compare;
    let result: Result;
    if (compare === null) result = inC(() => runtime.less(a, b));
    else result = runtime.givesWay ? compare(a, b) : runtime.callMeta(compare, a, b);
    if (isRunning(result)) result = yield* runtime.inner(result);
    return runtime.truth(result as Value);
  }

  #swap(i: number, j: number): void {
    const table = this.#table;
    const kept = table.get(i);
    table.set(i, table.get(j));
    table.set(j, kept);
  }

  *sort(from: number, to: number): Sorting<void> {
    const table = this.#table;
    let low = from;
    let up = to;
    while (low < up) {
      this.#runtime.spend(1);
      if (yield* this.#less(table.get(up), table.get(low))) this.#swap(low, up);
      if (up - low === 1) return;
      const middle = Math.floor((low + up) / 2);
      if (yield* this.#less(table.get(middle), table.get(low))) this.#swap(middle, low);
      else if (yield* this.#less(table.get(up), table.get(middle))) this.#swap(middle, up);
      if (up - low === 2) return;
      const pivot = table.get(middle);
      this.#swap(middle, up - 1);
      const i = yield* this.#partition(low, up, pivot);
      this.#swap(up - 1, i);
      // The smaller half by recursion, so that it does not go deep.
      if (i - low < up - i) {
        yield* this.sort(low, i - 1);
        low = i + 1;
      } else {
        yield* this.sort(i + 1, up);
        up = i - 1;
      }
    }
  }

  *#partition(low: number, up: number, pivot: Value): Sorting<number> {
    const table = this.#table;
    let i = low;
    let j = up - 1;
    for (;;) {
      while (yield* this.#less(table.get(++i), pivot)) {
        if (i > up) throw runtimeError('invalid order function for sorting');
      }
      while (yield* this.#less(pivot, table.get(--j))) {
        if (j < low) throw runtimeError('invalid order function for sorting');
      }
      if (j < i) return i;
      this.#swap(i, j);
    }
  }
}

/** True where all are numbers or all strings: then no function of a program runs. */
function plainValues(table: LuaTable, count: number): Value[] | null {
  const values: Value[] = [];
  const type = typeof table.get(1);
  if (type !== 'number' && type !== 'string') return null;
  for (let i = 1; i <= count; i++) {
    const value = table.get(i);
    if (typeof value !== type || Number.isNaN(value)) return null;
    values.push(value);
  }
  return values;
}

export function* sortTable(runtime: Runtime, args: Arguments): Sorting<readonly Value[]> {
  const table = args.table(1);
  const count = table.border();
  const compare = args.at(2) === undefined ? null : args.function(2);
  if (compare === null && !table.isReadOnly) {
    const values = plainValues(table, count);
    if (values !== null) {
      // Equal values cannot be told apart, so any sort will do.
      values.sort((a, b) => (a! < b! ? -1 : a! > b! ? 1 : 0));
      for (let i = 0; i < count; i++) table.set(i + 1, values[i]);
      runtime.spend(count);
      return NONE;
    }
  }
  yield* new Sorter(runtime, table, compare).sort(1, count);
  return NONE;
}
