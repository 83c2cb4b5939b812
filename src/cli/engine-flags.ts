// Settings of V8 for a process that is a server and nothing else. A server inside another program
// leaves V8 as it finds it, and what the command line of Node sets stays set. Measured:
// docs/internals/measurements.md.
//
// It may inline more: the path of a command goes through many small functions, and with V8's own
// bounds the inner ones are called. Large scripts run so many functions that compiling them is what
// counts, and what writes a snapshot is compiled while clients wait, function in function: there it
// inlines less than V8 would. Scripts begin with two thirds of the compiling, the first snapshot
// with a quarter; they are hardly slower once compiled.
//
// While it serves, functions take note of types from their first call on, and not from the eighth:
// what clients do at the beginning and then for long not again (a CONFIG GET, a client that is
// alone) is then known to the optimizing compiler, and does not throw away what it made of the
// functions on the path of every command. At the start most functions run once: there V8 may wait.
//
// The young generation is collected by the main thread alone: next to nothing in it lives, so that
// helping threads take longer to begin than the work takes, and where the processors are busy the
// main thread waits until a helper that has begun is given one again.

import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode of one function that may be inlined. V8's own would be 460. */
const INLINED = '--max-inlined-bytecode-size=1000';

/**
 * Bytes of bytecode of all functions that are inlined into one; V8's own would be 920. This is the
 * one bound that may become lower later: V8 ends the process when a function that it has chosen for
 * inlining, on a thread of its own, is longer than the bound for one function a moment later.
 */
function inlining(all: number): string {
  return `--max-inlined-bytecode-size-cumulative=${all}`;
}

const WIDE_INLINING = inlining(1500);
const LESS_INLINING = inlining(400);

/** What is told of the server's doings, so that the settings follow. */
export interface EngineTuning {
  /** Large scripts are compiled from now on. */
  onLargeScript(): void;
  /** A snapshot begins or has ended. */
  onSnapshot(isUnderWay: boolean): void;
}

/** The name of a flag, without what turns it off and without its value; V8 takes both dashes. */
function nameOf(flag: string): string {
  return flag
    .replace(/=.*/, '')
    .replaceAll('_', '-')
    .replace(/^--(no-?)?/, '');
}

/** Sets those flags that whoever started Node has left to us. */
function set(flags: readonly string[]): void {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)].map(nameOf);
  for (const flag of flags) if (!given.includes(nameOf(flag))) setFlagsFromString(flag);
}

/** To be called before much has run. */
export function setStartFlags(): void {
  set(['--no-parallel-scavenge', '--lazy-feedback-allocation', INLINED, WIDE_INLINING]);
}

/** To be called once what a start runs has run. */
export function setServingFlags(): void {
  set(['--no-lazy-feedback-allocation']);
}

/** Settings that follow what the server does. What is compiled already stays as it is. */
export function engineTuning(): EngineTuning {
  let hasLargeScripts = false;
  let isSnapshot = false;
  const follow = (): void => set([hasLargeScripts || isSnapshot ? LESS_INLINING : WIDE_INLINING]);
  return {
    onLargeScript() {
      hasLargeScripts = true;
      follow();
    },
    onSnapshot(isUnderWay) {
      isSnapshot = isUnderWay;
      follow();
    },
  };
}
