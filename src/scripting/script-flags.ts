// What a script or function says of itself: in its first line, or when it is registered.

export const SCRIPT_NO_WRITES = 1;
export const SCRIPT_ALLOW_OOM = 2;
export const SCRIPT_ALLOW_STALE = 4;
export const SCRIPT_NO_CLUSTER = 8;
export const SCRIPT_ALLOW_CROSS_SLOT = 16;
/** A script without a first line that says anything: the rules of old. */
export const SCRIPT_COMPAT = 32;

/** In the order in which FUNCTION LIST shows them. */
export const SCRIPT_FLAG_NAMES: readonly (readonly [name: string, flag: number])[] = [
  ['no-writes', SCRIPT_NO_WRITES],
  ['allow-oom', SCRIPT_ALLOW_OOM],
  ['allow-stale', SCRIPT_ALLOW_STALE],
  ['no-cluster', SCRIPT_NO_CLUSTER],
  ['allow-cross-slot-keys', SCRIPT_ALLOW_CROSS_SLOT],
];

/** @returns the bit of a flag's name, 0 where there is none. */
export function scriptFlag(name: string): number {
  return SCRIPT_FLAG_NAMES.find(([each]) => each === name)?.[1] ?? 0;
}
