// getfenv and setfenv. In the plain form all functions share one environment, so the first setfenv
// makes the program begin again in the form that gives way, where each function has its own.

import { NeedsGivingWay, runtimeError } from '../errors.ts';
import type { Environment } from '../machine.ts';
import type { Runtime } from '../runtime.ts';
import type { Result, Value } from '../value.ts';
import type { Arguments } from './arguments.ts';
import type { Builtin } from './registry.ts';

export function environmentFunctions(runtime: Runtime): Record<string, Builtin> {
  return {
    getfenv: (args) => getEnvironment(runtime, args),
    setfenv: (args) => setEnvironment(runtime, args),
  };
}

/** The functions that run, the innermost last. Level 1 is the one that asks. */
function atLevel(runtime: Runtime, level: number): Environment | undefined {
  return runtime.state.environments.at(-level) as Environment | undefined;
}

function levelOf(args: Arguments): number {
  const level = args.int(1);
  if (level < 0) throw args.error(1, 'level must be non-negative');
  return level;
}

function getEnvironment(runtime: Runtime, args: Arguments): Result {
  const target: Value = args.at(1);
  if (typeof target === 'function') return runtime.environments.get(target)?.t ?? runtime.globals;
  const level = target === undefined ? 1 : levelOf(args);
  if (level === 0 || !runtime.givesWay) return runtime.globals;
  const found = atLevel(runtime, level);
  if (found === undefined) throw args.error(1, 'invalid level');
  return found.t;
}

function setEnvironment(runtime: Runtime, args: Arguments): Result {
  if (!runtime.givesWay) throw new NeedsGivingWay('setfenv');
  const table = args.table(2);
  const target = args.at(1);
  if (typeof target === 'function') {
    const environment = runtime.environments.get(target);
    if (environment === undefined) {
      throw runtimeError("'setfenv' cannot change environment of given object");
    }
    environment.t = table;
    return target;
  }
  const level = levelOf(args);
  // The environment of the thread is that of chunks to come, which here is always the globals.
  if (level === 0) return [];
  const found = atLevel(runtime, level);
  if (found === undefined) throw args.error(1, 'invalid level');
  found.t = table;
  return undefined;
}
