// Which arguments of a call are keys: from the key specs of the declaration, and from its own
// `getKeys` where specs cannot tell. COMMAND GETKEYS, cluster slots, ACL and client tracking ask
// here; a single key at a fixed place is found without this (Command.firstKey). The rules:
// https://redis.io/docs/latest/develop/reference/key-specs/.

import { equalsWord, latin1Bytes } from '../bytes/ascii.ts';
import type { Args } from '../protocol/args.ts';
import type { CommandSpec, KeyFlag, KeyPositions, KeySpec } from './command-spec.ts';

/**
 * Keys that were found: argument indexes, and beside each the flags of its use. Reusable after
 * `clear`.
 */
export class KeyList implements KeyPositions {
  readonly indexes: number[] = [];
  readonly flags: (readonly KeyFlag[])[] = [];

  get count(): number {
    return this.indexes.length;
  }

  add(argIndex: number, flags: readonly KeyFlag[]): void {
    this.indexes.push(argIndex);
    this.flags.push(flags);
  }

  /** Forgets the keys from number `count` on. */
  clear(count = 0): void {
    this.indexes.length = count;
    this.flags.length = count;
  }
}

export interface KeySearch {
  /** Also what a spec marks `not_key`: channels and other names that only choose a cluster slot. */
  readonly includeNotKeys?: boolean;
  /** Leave out specs that cannot be followed, and keep what the others found. */
  readonly partial?: boolean;
}

const DEFAULT_SEARCH: KeySearch = {};

/** True when some argument of the command can be a key. */
export function canHaveKeys(spec: CommandSpec): boolean {
  return spec.getKeys !== undefined || hasRealKeySpec(spec);
}

function hasRealKeySpec(spec: CommandSpec): boolean {
  return (spec.keys ?? []).some((key) => !key.flags.includes('not_key'));
}

/**
 * Finds the keys of a call and adds them to `out`.
 * @param args the call, its name at `base` (and that of its container before it, when there is one)
 * @returns false when there are none, or the arguments cannot be understood; `out` is then as it
 * was
 */
export function findKeys(
  spec: CommandSpec,
  args: Args,
  out: KeyList,
  search: KeySearch = DEFAULT_SEARCH,
): boolean {
  const before = out.count;
  const specs = spec.keys ?? [];
  const flagsVary = specs.some((key) => key.flags.includes('variable_flags'));
  if (hasRealKeySpec(spec) && !flagsVary) {
    if (followSpecs(specs, args, out, search)) return out.count > before;
    out.clear(before);
  }
  if (spec.getKeys?.(args, out) === true) return out.count > before;
  out.clear(before);
  return false;
}

/** @returns false when a spec could not be followed and the search is not a partial one. */
function followSpecs(
  specs: readonly KeySpec[],
  args: Args,
  out: KeyList,
  search: KeySearch,
): boolean {
  for (const spec of specs) {
    if (spec.flags.includes('not_key') && search.includeNotKeys !== true) continue;
    const first = beginOf(spec, args);
    if (first === 0) continue;
    if (first > 0 && addFound(spec, first, args, out) && !spec.flags.includes('incomplete')) {
      continue;
    }
    if (search.partial !== true) return false;
  }
  return true;
}

/**
 * @returns the index where the keys begin, 0 when the keyword is not there, -1 when the spec does
 * not tell.
 */
function beginOf(spec: KeySpec, args: Args): number {
  const { begin } = spec;
  if ('index' in begin) return begin.index;
  if ('unknown' in begin) return -1;
  const word = latin1Bytes(begin.keyword.toUpperCase());
  const forward = begin.startFrom > 0;
  const step = forward ? 1 : -1;
  const start = forward ? begin.startFrom : args.count + begin.startFrom;
  // The last argument cannot be a keyword with a key behind it, nor the first one seen from the
  // end.
  const end = forward ? args.count - 1 : 1;
  for (let i = start; i !== end && i >= 1 && i < args.count; i += step) {
    if (equalsWord(args.bytes, args.offsets[i]!, args.lengths[i]!, word)) return i + 1;
  }
  return 0;
}

/** Adds the keys of one spec. @returns false when they would lie outside of the arguments. */
function addFound(spec: KeySpec, begin: number, args: Args, out: KeyList): boolean {
  const { find } = spec;
  if ('unknown' in find) return false;
  let first = begin;
  let last: number;
  if ('keynumIndex' in find) {
    if (first + find.keynumIndex >= args.count) return false;
    const keyCount = args.integer(first + find.keynumIndex);
    if (Number.isNaN(keyCount) || keyCount < 0) return false;
    first += find.firstKey;
    last = first + keyCount - 1;
  } else if (find.lastKey >= 0) {
    last = first + find.lastKey;
  } else if (find.limit === 0) {
    last = args.count + find.lastKey;
  } else {
    last = first + Math.trunc((args.count - first) / find.limit) + find.lastKey;
  }
  if (last >= args.count || last < first || first >= args.count) return false;
  for (let i = first; i <= last; i += find.step) out.add(i, spec.flags);
  return true;
}

/**
 * First key, last key (negative: counted from the end) and step, as COMMAND INFO tells them to old
 * clients.
 */
export interface LegacyKeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** Some keys lie outside of the range: the flag `movablekeys`. */
  readonly isIncomplete: boolean;
}

const NO_KEYS: LegacyKeyRange = { first: 0, last: 0, step: 0, isIncomplete: false };

/** Joins the key specs that follow one another into the one range that old clients understand. */
export function legacyKeyRange(specs: readonly KeySpec[] | undefined): LegacyKeyRange {
  if (specs === undefined || specs.length === 0) return NO_KEYS;
  const [only] = specs;
  if (specs.length === 1 && only !== undefined && 'index' in only.begin && 'lastKey' in only.find) {
    return {
      first: only.begin.index,
      last: endOf(only.begin.index, only.find.lastKey),
      step: only.find.step,
      isIncomplete: only.flags.includes('incomplete'),
    };
  }
  let isIncomplete = false;
  let first = 0;
  let last = 0;
  for (const { begin, find, flags } of specs) {
    const isPlain =
      'index' in begin &&
      'lastKey' in find &&
      find.step === 1 &&
      (last === 0 || last === begin.index - 1);
    if (!isPlain || flags.includes('incomplete')) isIncomplete = true;
    if (!isPlain) continue;
    if (first === 0 || begin.index < first) first = begin.index;
    const end = endOf(begin.index, find.lastKey);
    // A negative end lies behind every positive one.
    last =
      last < 0 || end < 0
        ? last < 0 && end < 0
          ? Math.max(last, end)
          : Math.min(last, end)
        : Math.max(last, end);
  }
  if (first === 0) return { ...NO_KEYS, isIncomplete: true };
  return { first, last, step: 1, isIncomplete };
}

function endOf(first: number, lastKey: number): number {
  return lastKey >= 0 ? first + lastKey : lastKey;
}
