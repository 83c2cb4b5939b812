// Other programs.

/**
 * Node's module for child processes. Asked for where one is started: loading it takes a tenth of
 * the time of a start, and most servers that run never need it.
 */
export function childProcesses(): typeof import('node:child_process') {
  return process.getBuiltinModule('node:child_process');
}
