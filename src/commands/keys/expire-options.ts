// What the EXPIRE family shares: the conditions NX XX GT LT, the arithmetic of times in 64 bits,
// and the change itself.

import { int64Text, parseBigInt64 } from '../../bytes/integer.ts';
import { Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NOT_INTEGER, invalidExpire, replyError } from '../../protocol/reply-errors.ts';

const NX = Call.word('NX');
const XX = Call.word('XX');
const GT = Call.word('GT');
const LT = Call.word('LT');
const NX_WITH_OTHERS = replyError(
  'ERR NX and XX, GT or LT options at the same time are not compatible',
);
const GT_WITH_LT = replyError('ERR GT and LT options at the same time are not compatible');
const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
/** Up to here doubles hold the moment exactly, whatever its unit. */
const MAX_PLAIN = 1e12;

export type TimeUnit = 'seconds' | 'milliseconds';

interface Conditions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

/** Reads the options behind the time; an error is kept in the call. */
function readConditions(call: Call, args: Args): Conditions {
  const found: Conditions = { nx: false, xx: false, gt: false, lt: false };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, NX)) found.nx = true;
    else if (args.is(i, XX)) found.xx = true;
    else if (args.is(i, GT)) found.gt = true;
    else if (args.is(i, LT)) found.lt = true;
    else call.fail(replyError(`ERR Unsupported option ${args.shown(i)}`));
  }
  if (found.nx && (found.xx || found.gt || found.lt)) call.fail(NX_WITH_OTHERS);
  if (found.gt && found.lt) call.fail(GT_WITH_LT);
  return found;
}

/** Argument 2 as a time in ms of the Unix epoch; an error is kept in the call. */
function readTimeMs(call: Call, args: Args, unit: TimeUnit, isRelative: boolean): number {
  const number = args.integer(2);
  if (Math.abs(number) <= MAX_PLAIN) {
    return (unit === 'seconds' ? number * 1000 : number) + (isRelative ? call.nowMs : 0);
  }
  const value = parseBigInt64(args.bytes, args.offsets[2]!, args.lengths[2]!);
  if (value === null) {
    call.fail(ERR_NOT_INTEGER);
    return 0;
  }
  const ms = unit === 'seconds' ? value * 1000n : value;
  const base = isRelative ? BigInt(call.nowMs) : 0n;
  if (ms > INT64_MAX - base || ms < INT64_MIN) call.fail(invalidExpire(call.command.name));
  return Number(ms + base);
}

function isAllowed(current: number, timeMs: number, conditions: Conditions): boolean {
  if (conditions.nx && current !== NO_EXPIRY) return false;
  if (conditions.xx && current === NO_EXPIRY) return false;
  if (conditions.gt && (current === NO_EXPIRY || timeMs <= current)) return false;
  return !(conditions.lt && current !== NO_EXPIRY && timeMs >= current);
}

/** Runs EXPIRE, PEXPIRE, EXPIREAT or PEXPIREAT. */
export function runExpire(call: Call, args: Args, unit: TimeUnit, isRelative: boolean): void {
  const conditions = readConditions(call, args);
  const timeMs = readTimeMs(call, args, unit, isRelative);
  if (call.failed()) return;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF || !isAllowed(call.db.expiryOf(ref), timeMs, conditions)) {
    call.reply.integer(0);
    return;
  }
  if (timeMs <= call.keyspace.expiryNowMs && call.keyspace.deletesExpired) {
    call.db.removeFound(ref);
    call.changed(1, NOTIFY_GENERIC, 'del');
    if (call.propagates) call.propagateAs(['DEL', args.slice(1)]);
  } else {
    call.db.setExpiryFound(ref, timeMs);
    call.changed(1, NOTIFY_GENERIC, 'expire');
    if (call.propagates) call.propagateAs(['PEXPIREAT', args.slice(1), int64Text(timeMs)]);
  }
  call.reply.integer(1);
}
