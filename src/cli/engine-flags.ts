// Settings of V8 for a process that is a server and nothing else: it may inline more. The path of a
// command goes through many small functions, and with V8's own bounds the inner ones are called.
// Measured: docs/PERFORMANCE.md. A server inside another program leaves V8 as it finds it.

import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode: of one function that may be inlined, and of all that are, into one. */
const FLAGS = ['--max-inlined-bytecode-size=1000', '--max-inlined-bytecode-size-cumulative=3000'];

/** To be called before much has run. What the command line of Node says goes first. */
export function setEngineFlags(): void {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (given.includes('max-inlined-bytecode')) return;
  for (const flag of FLAGS) setFlagsFromString(flag);
}
