// Settings of V8 for a process that is a server and nothing else. Measured: docs/PERFORMANCE.md. A
// server inside another program leaves V8 as it finds it.
//
// It may inline more: the path of a command goes through many small functions, and with V8's own
// bounds the inner ones are called. Large scripts run so many functions that compiling them is what
// counts: with V8's own bounds that is half, and the scripts are no slower.
//
// The young generation is collected by the main thread alone: next to nothing in it lives, so that
// helping threads take longer to begin than the work takes, and where the processors are busy the
// main thread waits until a helper that has begun is given one again.

import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode: of one function that may be inlined, and of all that are, into one. */
const INLINING = [
  { flag: 'max-inlined-bytecode-size', wide: 1000, own: 460 },
  { flag: 'max-inlined-bytecode-size-cumulative', wide: 3000, own: 920 },
] as const;

/**
 * To be called before much has run. What the command line of Node says goes first.
 * @returns gives V8 its own bounds of inlining again; what is compiled already stays as it is.
 */
export function setEngineFlags(): () => void {
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (!given.includes('parallel-scavenge')) setFlagsFromString('--no-parallel-scavenge');
  const inlining = INLINING.filter(({ flag }) => !given.includes(flag));
  for (const { flag, wide } of inlining) setFlagsFromString(`--${flag}=${wide}`);
  return () => {
    for (const { flag, own } of inlining) setFlagsFromString(`--${flag}=${own}`);
  };
}
