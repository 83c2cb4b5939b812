// Other programs.

import type { Timers } from './clock.ts';

const LOOK_EVERY_MS = 1000;

/**
 * Node's module for child processes. Asked for where one is started, and by the program when
 * nobody asks it for anything: loading it takes some 8 ms of a start.
 */
export function childProcesses(): typeof import('node:child_process') {
  return process.getBuiltinModule('node:child_process');
}

/**
 * Calls `load` in the first second in which nothing was done, so that nobody waits for it.
 * @param doneCount tells how much has been done so far
 */
export function whenQuiet(timers: Timers, doneCount: () => number, load: () => void): void {
  const seen = doneCount();
  timers.after(LOOK_EVERY_MS, () => {
    if (doneCount() === seen) load();
    else whenQuiet(timers, doneCount, load);
  });
}
