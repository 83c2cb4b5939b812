// Settings of V8 for a process that is a server and nothing else. Measured: docs/PERFORMANCE.md. A
// server inside another program leaves V8 as it finds it.
//
// It may inline more (bytes of bytecode: of one function that may be inlined, and of all that are,
// into one): the path of a command goes through many small functions, and with V8's own bounds the
// inner ones are called.
//
// The young generation is collected by the main thread alone: next to nothing in it lives, so that
// helping threads take longer to begin than the work takes, and where the processors are busy the
// main thread waits until a helper that has begun is given one again.

import { setFlagsFromString } from 'node:v8';

const FLAGS = [
  '--max-inlined-bytecode-size=1000',
  '--max-inlined-bytecode-size-cumulative=3000',
  '--no-parallel-scavenge',
];

/** To be called before much has run. What the command line of Node says goes first. */
export function setEngineFlags(): void {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  for (const flag of FLAGS) {
    const name = /^--(?:no-)?([^=]*)/.exec(flag)![1]!;
    if (!given.includes(name)) setFlagsFromString(flag);
  }
}
