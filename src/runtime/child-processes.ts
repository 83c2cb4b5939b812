// Other programs.

/**
 * Node's module for child processes. Asked for where one is started: loading it takes some
 * 8 ms of a start, and most servers that run never need it.
 */
export function childProcesses(): typeof import('node:child_process') {
  return process.getBuiltinModule('node:child_process');
}
