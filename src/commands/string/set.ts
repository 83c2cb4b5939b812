// SET, with its conditions, times and the old value as its answer, and the storing that SETEX,
// PSETEX, SETNX and GETSET share with it. https://redis.io/docs/latest/commands/set/

import { int64Text } from '../../bytes/integer.ts';
import { Call, NOTIFY_GENERIC, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec, KeyPositions } from '../../engine/command-spec.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX, invalidExpire } from '../../protocol/reply-errors.ts';
import {
  expiryOf,
  hasOption,
  INVALID_OPTIONS,
  OPTION_GET,
  OPTION_KEEPTTL,
  OPTION_NX,
  OPTION_TIMED,
  OPTION_XX,
  readOptions,
} from './expiry-options.ts';
import { replyString } from './get.ts';

const ERR_INVALID_EXPIRE = invalidExpire('set');
const ACCEPTED = OPTION_NX | OPTION_XX | OPTION_GET | OPTION_KEEPTTL | OPTION_TIMED;
const GET = Call.word('GET');

/**
 * Sets the key in argument 1 to the string in argument `valueIndex` and tells of it.
 * @param found the last lookup of the key.
 * @param expiryMs when the key expires, ms of the Unix epoch, or NO_EXPIRY.
 * @param keepExpiry whether a time that the key has stays when none is given.
 */
export function storeString(
  call: Call,
  found: number,
  valueIndex: number,
  expiryMs: number,
  keepExpiry: boolean,
): void {
  const timed = expiryMs !== NO_EXPIRY;
  const ref = call.setString(found, 1, valueIndex, keepExpiry || timed);
  if (timed) {
    // The database wants the entry to be the one it found last; a new key has not been found yet.
    if (found === NULL_REF) call.lookupQuietly(1);
    call.db.setExpiryFound(ref, expiryMs);
  }
  call.changed(1, NOTIFY_STRING, 'set');
  if (timed) call.notify(NOTIFY_GENERIC, 'expire', 1);
}

/**
 * The same with a time, told to replicas and the AOF as the moment itself: they may hear of it
 * later.
 */
export function storeWithLifetime(
  call: Call,
  found: number,
  valueIndex: number,
  expiryMs: number,
): void {
  storeString(call, found, valueIndex, expiryMs, true);
  if (!call.propagates) return;
  const { args } = call;
  call.propagateAs(['SET', args.slice(1), args.slice(valueIndex), 'PXAT', int64Text(expiryMs)]);
}

function runSet(call: Call): void {
  if (call.args.count > 3) {
    setWithOptions(call);
    return;
  }
  storeString(call, call.lookupWrite(1), 2, NO_EXPIRY, false);
  call.reply.ok();
}

function setWithOptions(call: Call): void {
  const options = readOptions(call.args, 3, ACCEPTED);
  if (options === INVALID_OPTIONS) {
    call.reply.error(ERR_SYNTAX);
    return;
  }
  const expiryMs = expiryOf(call, options, ERR_INVALID_EXPIRE);
  if (call.failed()) return;
  const answersOld = hasOption(options, OPTION_GET);
  const found = answersOld ? call.lookupRead(1) : call.lookupWrite(1);
  if (answersOld) {
    if (found !== NULL_REF && !call.isString(found)) return;
    replyString(call, found);
  }
  if (hasOption(options, found === NULL_REF ? OPTION_XX : OPTION_NX)) {
    if (!answersOld) call.reply.null();
    return;
  }
  if (!hasOption(options, OPTION_TIMED)) {
    storeString(call, found, 2, NO_EXPIRY, hasOption(options, OPTION_KEEPTTL));
    if (answersOld && call.propagates) call.propagateAs(withoutGet(call.args));
  } else {
    storeWithLifetime(call, found, 2, expiryMs);
  }
  if (!answersOld) call.reply.ok();
}

function withoutGet(args: Args): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < args.count; i++) if (i < 3 || !args.is(i, GET)) parts.push(args.slice(i));
  return parts;
}

/** With GET the key is read as well as written. */
function findKeys(args: Args, out: KeyPositions): boolean {
  for (let i = 3; i < args.count; i++) {
    if (!args.is(i, GET)) continue;
    out.add(1, ['RW', 'access', 'update']);
    return true;
  }
  out.add(1, ['OW', 'update']);
  return true;
}

export const set: CommandSpec = {
  name: 'set',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string at a key, with conditions, an expiration, or the old value as answer.',
  complexity: 'O(1)',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [
    {
      notes: 'RW and ACCESS due to the optional `GET` argument',
      flags: ['RW', 'access', 'update', 'variable_flags'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'value', type: 'string' },
    {
      name: 'condition',
      type: 'oneof',
      since: '2.6.12',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
      ],
    },
    { name: 'get', type: 'pure-token', token: 'GET', since: '6.2.0', optional: true },
    {
      name: 'expiration',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'seconds', type: 'integer', token: 'EX', since: '2.6.12' },
        { name: 'milliseconds', type: 'integer', token: 'PX', since: '2.6.12' },
        { name: 'unix-time-seconds', type: 'unix-time', token: 'EXAT', since: '6.2.0' },
        { name: 'unix-time-milliseconds', type: 'unix-time', token: 'PXAT', since: '6.2.0' },
        { name: 'keepttl', type: 'pure-token', token: 'KEEPTTL', since: '6.0.0' },
      ],
    },
  ],
  replies: ['simple-string', 'bulk-string', 'null'],
  history: [
    ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
    ['6.0.0', 'Added the `KEEPTTL` option.'],
    ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'],
    ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
  ],
  getKeys: findKeys,
  run: runSet,
};
