// The coroutine library. The plain form has none: the first use makes a program begin again in the
// form that gives way.

import { Coroutine, Resume, type Resumed, YieldValues } from '../coroutine.ts';
import { LuaError, NeedsGivingWay, runtimeError } from '../errors.ts';
import { MAX_C_CALLS } from '../machine.ts';
import type { Runtime } from '../runtime.ts';
import type { LuaGenerator, Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import { type Builtin, builtin, libraryOf } from './registry.ts';

export function openCoroutines(runtime: Runtime): void {
  const functions = runtime.givesWay ? yieldingFunctions(runtime) : plainFunctions();
  runtime.globals.set('coroutine', libraryOf(functions));
}

function plainFunctions(): Record<string, Builtin> {
  const needsGivingWay: Builtin = () => {
    throw new NeedsGivingWay('coroutines');
  };
  const [create, resume, status, wrap] = Array.from({ length: 4 }, () => needsGivingWay);
  return {
    create: create!,
    resume: resume!,
    running: () => undefined,
    status: status!,
    wrap: wrap!,
    yield: needsGivingWay,
  };
}

function created(args: Arguments): Coroutine {
  const value = args.at(1);
  if (typeof value === 'function') return new Coroutine(value);
  throw args.error(1, 'Lua function expected');
}

function target(args: Arguments): Coroutine {
  const value = args.at(1);
  if (value instanceof Coroutine) return value;
  throw args.error(1, 'coroutine expected');
}

function yieldingFunctions(runtime: Runtime): Record<string, Builtin> {
  return {
    create: (args) => created(args),
    resume: (args) => resume(runtime, target(args), args.values.slice(1)),
    running: () => (isMain(runtime) ? undefined : runtime.current),
    status: (args) => target(args).status,
    wrap: (args) => {
      const coroutine = created(args);
      return builtin('wrap', (given) => resumeWrapped(runtime, coroutine, given.values));
    },
    yield: (args) => {
      const { current, state } = runtime;
      if (current.isMain || state.cCalls > current.baseCCalls) {
        throw new LuaError('attempt to yield across metamethod/C-call boundary');
      }
      return yieldValues(args.values);
    },
  };
}

function isMain(runtime: Runtime): boolean {
  return runtime.current.isMain;
}

function* yieldValues(values: readonly Value[]): LuaGenerator {
  return (yield new YieldValues(values)) as readonly Value[];
}

function refusal(runtime: Runtime, coroutine: Coroutine): string | null {
  if (coroutine.status !== 'suspended') return `cannot resume ${coroutine.status} coroutine`;
  return runtime.state.cCalls >= MAX_C_CALLS ? 'C stack overflow' : null;
}

function* resume(runtime: Runtime, coroutine: Coroutine, values: readonly Value[]): LuaGenerator {
  const refused = refusal(runtime, coroutine);
  if (refused !== null) return [false, refused];
  const resumed = (yield new Resume(coroutine, values)) as Resumed;
  if ('values' in resumed) return [true, ...resumed.values];
  const { error } = resumed;
  if (error instanceof LuaError) return [false, error.value];
  throw error;
}

function* resumeWrapped(
  runtime: Runtime,
  coroutine: Coroutine,
  values: readonly Value[],
): LuaGenerator {
  const refused = refusal(runtime, coroutine);
  if (refused !== null) throw runtimeError(refused);
  const resumed = (yield new Resume(coroutine, values)) as Resumed;
  if ('values' in resumed) return resumed.values;
  const { error } = resumed;
  if (!(error instanceof LuaError)) throw error;
  // The text of an error gets the position of whoever called, too.
  const isText = typeof error.value === 'string' || typeof error.value === 'number';
  throw new LuaError(error.value, isText ? 1 : 0);
}
