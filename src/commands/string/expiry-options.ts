// The options that SET and GETEX share: which time a key gets, and the conditions of SET. They are
// read into the bits of one number, so that reading them allocates nothing; an option that
// contradicts an earlier one is a syntax error.

import { parseBigInt64 } from '../../bytes/integer.ts';
import { Call } from '../../engine/call.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NOT_INTEGER, type ReplyError } from '../../protocol/reply-errors.ts';

export const OPTION_NX = 1;
export const OPTION_XX = 2;
export const OPTION_GET = 4;
export const OPTION_KEEPTTL = 8;
export const OPTION_PERSIST = 16;
export const OPTION_EX = 32;
export const OPTION_PX = 64;
export const OPTION_EXAT = 128;
export const OPTION_PXAT = 256;
/** Any option that sets a time. */
export const OPTION_TIMED: number = OPTION_EX | OPTION_PX | OPTION_EXAT | OPTION_PXAT;

/** What `readOptions` returns for options that contradict each other or are unknown. */
export const INVALID_OPTIONS = -1;

/**
 * The index of the time's argument stands above the option bits, by multiplication: it may be
 * large.
 */
const INDEX_UNIT = 512;

const NX = Call.word('NX');
const XX = Call.word('XX');
const GET = Call.word('GET');
const EX = Call.word('EX');
const PX = Call.word('PX');
const EXAT = Call.word('EXAT');
const PXAT = Call.word('PXAT');
const KEEPTTL = Call.word('KEEPTTL');
const PERSIST = Call.word('PERSIST');

const MAX_INT64 = 9223372036854775807n;

/** The bit of the word in argument `i`, or 0. */
function optionAt(args: Args, i: number): number {
  const length = args.lengths[i]!;
  const option = optionOf(args, i, length);
  if (option !== 0) return option;
  const shown = args.shownLength(i);
  return shown === length ? 0 : optionOf(args, i, shown);
}

/** @param length the bytes of the word, of which a NUL may be the end. */
function optionOf(args: Args, i: number, length: number): number {
  switch (length) {
    case 2:
      if (args.is(i, EX)) return OPTION_EX;
      if (args.is(i, PX)) return OPTION_PX;
      if (args.is(i, NX)) return OPTION_NX;
      return args.is(i, XX) ? OPTION_XX : 0;
    case 3:
      return args.is(i, GET) ? OPTION_GET : 0;
    case 4:
      if (args.is(i, EXAT)) return OPTION_EXAT;
      return args.is(i, PXAT) ? OPTION_PXAT : 0;
    case 7:
      if (args.is(i, KEEPTTL)) return OPTION_KEEPTTL;
      return args.is(i, PERSIST) ? OPTION_PERSIST : 0;
    default:
      return 0;
  }
}

/**
 * The options that may not have come before an option. An option may be repeated; the last time
 * given counts.
 */
function contradictions(option: number): number {
  if (option === OPTION_NX) return OPTION_XX;
  if (option === OPTION_XX) return OPTION_NX;
  if (option === OPTION_GET) return 0;
  return (OPTION_TIMED | OPTION_KEEPTTL | OPTION_PERSIST) & ~option;
}

/**
 * Reads the options from argument `from` to the last.
 * @param accepted the options that the command has.
 * @returns what `hasOption` and `expiryIndex` take apart, or INVALID_OPTIONS.
 */
export function readOptions(args: Args, from: number, accepted: number): number {
  let seen = 0;
  let index = 0;
  for (let i = from; i < args.count; i++) {
    const option = optionAt(args, i);
    if ((option & accepted) === 0 || (seen & contradictions(option)) !== 0) return INVALID_OPTIONS;
    seen |= option;
    if ((option & OPTION_TIMED) === 0) continue;
    index = ++i;
    if (i === args.count) return INVALID_OPTIONS;
  }
  return seen + index * INDEX_UNIT;
}

/** True when one of the options in `mask` was given. */
export function hasOption(options: number, mask: number): boolean {
  return (options & mask) !== 0;
}

/**
 * The time that the options give, in ms of the Unix epoch; 0 when they give none, or after a kept
 * failure.
 */
export function expiryOf(call: Call, options: number, error: ReplyError): number {
  if ((options & OPTION_TIMED) === 0) return 0;
  const unitMs = (options & (OPTION_EX | OPTION_EXAT)) !== 0 ? 1000 : 1;
  const isRelative = (options & (OPTION_EX | OPTION_PX)) !== 0;
  return readExpiry(call, Math.floor(options / INDEX_UNIT), unitMs, isRelative, error);
}

/**
 * Argument `i` as the moment of an expiry.
 * @param unitMs milliseconds in the argument's unit.
 * @param isRelative whether the argument counts from now.
 * @param error what to fail with when the moment is not above 0 or does not fit 64 bits of
 *   milliseconds.
 * @returns ms of the Unix epoch, or 0 and a kept failure.
 */
export function readExpiry(
  call: Call,
  i: number,
  unitMs: number,
  isRelative: boolean,
  error: ReplyError,
): number {
  const value = call.args.integer(i);
  if (Number.isNaN(value)) {
    call.fail(ERR_NOT_INTEGER);
    return 0;
  }
  const timeMs = value * unitMs + (isRelative ? call.nowMs : 0);
  if (value <= 0 || (timeMs > Number.MAX_SAFE_INTEGER && !fitsInt64(call, i, unitMs, isRelative))) {
    call.fail(error);
    return 0;
  }
  return timeMs;
}

/** Whether a moment that doubles hold only approximately fits 64 bits. */
function fitsInt64(call: Call, i: number, unitMs: number, isRelative: boolean): boolean {
  const { bytes, offsets, lengths } = call.args;
  const value = parseBigInt64(bytes, offsets[i] ?? 0, lengths[i] ?? 0) ?? 0n;
  return value * BigInt(unitMs) + BigInt(isRelative ? call.nowMs : 0) <= MAX_INT64;
}
