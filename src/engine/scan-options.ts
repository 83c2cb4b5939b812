// What SCAN, SSCAN, HSCAN and ZSCAN read: the cursor and the options behind it. Tables have fewer
// than 2^32 buckets, so the lower half of a cursor says where to go on.

import { isMatchAll, matchGlob } from '../bytes/glob.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_INVALID_CURSOR, ERR_SYNTAX } from '../protocol/reply-errors.ts';
import { typeByName } from '../values/type-names.ts';
import { Call } from './call.ts';

const MATCH = Call.word('MATCH');
const COUNT = Call.word('COUNT');
const TYPE = Call.word('TYPE');
const NOVALUES = Call.word('NOVALUES');
const MAX_CURSOR = 0xffffffffffffffffn;
const DEFAULT_COUNT = 10;
/** Steps per wanted element, so that a sparse table does not hold the server up. */
const STEPS_PER_ELEMENT = 10;

export const ANY_TYPE = -1;
/** No key has it: what an unknown name of a type asks for. */
const NO_TYPE = -2;

/** Which options a command knows beside MATCH and COUNT. */
export interface ScanKind {
  readonly hasType?: boolean;
  readonly hasNoValues?: boolean;
}

export class ScanOptions {
  /** Elements that one call is to look at. */
  count: number = DEFAULT_COUNT;
  /** The number of the type asked for. */
  type: number = ANY_TYPE;
  noValues = false;
  pattern: Uint8Array | null = null;

  /** Whether an element is to be answered with. */
  matches(bytes: Uint8Array, offset: number, length: number): boolean {
    const { pattern } = this;
    return pattern === null || matchGlob(pattern, 0, pattern.length, bytes, offset, length, false);
  }
}

/**
 * Reads the options from argument `first` on; the first mistake is kept in the call, and ends the
 * reading.
 */
export function readScanOptions(call: Call, first: number, kind: ScanKind): ScanOptions {
  const { args } = call;
  const options = new ScanOptions();
  for (let i = first; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, COUNT)) {
      options.count = call.integer(i + 1);
      if (options.count < 1) call.fail(ERR_SYNTAX);
    } else if (hasValue && args.is(i, MATCH)) {
      const pattern = args.slice(i + 1);
      options.pattern = isMatchAll(pattern, 0, pattern.length) ? null : pattern;
    } else if (hasValue && kind.hasType === true && args.is(i, TYPE)) {
      const type = typeByName(args.shown(i + 1));
      options.type = type < 0 ? NO_TYPE : type;
    } else if (kind.hasNoValues === true && args.is(i, NOVALUES)) {
      options.noValues = true;
      i--;
    } else {
      call.fail(ERR_SYNTAX);
    }
  }
  return options;
}

/** Argument `i` as a cursor, as strtoul reads it; an error is kept in the call. */
export function readCursor(call: Call, args: Args, i: number): number {
  const plain = args.integer(i);
  if (plain >= 0 && plain < 2 ** 32) return plain;
  const text = args.shown(i);
  const digits = /^([-+]?)(\d*)$/.exec(text);
  const value = digits === null ? MAX_CURSOR + 1n : BigInt(digits[2] === '' ? 0 : digits[2]!);
  if (value > MAX_CURSOR || (digits?.[1] !== '' && digits?.[2] === '')) {
    call.fail(ERR_INVALID_CURSOR);
    return 0;
  }
  const wrapped = digits![1] === '-' ? BigInt.asUintN(64, -value) : value;
  return Number(wrapped & 0xffffffffn);
}

/** The part of a dict that a walk needs. */
export interface Scannable {
  scan(cursor: number, out: number[]): number;
}

/**
 * Walks over a dict from a cursor on until enough entries were met. @returns the next cursor, 0 at
 * the end.
 */
export function scanDict(
  dict: Scannable,
  start: number,
  options: ScanOptions,
  refs: number[],
): number {
  let cursor = start;
  let steps = options.count * STEPS_PER_ELEMENT;
  do {
    cursor = dict.scan(cursor, refs);
  } while (cursor !== 0 && --steps > 0 && refs.length < options.count);
  return cursor;
}

/** The answer for a key that is not there: a walk that has ended and found nothing. */
export function replyEmptyScan(call: Call): void {
  call.reply.array(2);
  call.reply.bulkInteger(0);
  call.reply.array(0);
}
