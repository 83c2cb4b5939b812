// RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds | FREQ frequency], and
// RESTORE-ASKING, which MIGRATE sends to a node that imports the key's slot.

import { int64Text } from '../../bytes/integer.ts';
import { Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { lfuInitial, lruClock } from '../../keyspace/access-clock.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NOT_INTEGER, ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { addReadKey, CLOCK_OF_NOW } from '../../rdb/add-key.ts';
import { isSoundPayload } from '../../rdb/payload.ts';

const REPLACE = Call.word('REPLACE');
const ABSTTL = Call.word('ABSTTL');
const IDLETIME = Call.word('IDLETIME');
const FREQ = Call.word('FREQ');
const BUSY_KEY = replyError('BUSYKEY Target key name already exists.');
const BAD_TTL = replyError('ERR Invalid TTL value, must be >= 0');
const BAD_IDLETIME = replyError('ERR Invalid IDLETIME value, must be >= 0');
const BAD_FREQ = replyError('ERR Invalid FREQ value, must be >= 0 and <= 255');
const BAD_PAYLOAD = replyError('ERR DUMP payload version or checksum are wrong');
const BAD_DATA = replyError('ERR Bad data format');
const MAX_INTEGER = Number.MAX_VALUE;
const CLOCK_MASK = 0xffffff;
const TWO_63 = 2 ** 63;
const TWO_64 = 2 ** 64;

interface Options {
  replaces: boolean;
  isAbsolute: boolean;
  /** -1: not given. */
  idleSeconds: number;
  frequency: number;
}

/** Reads the options; the first error is kept in the call. */
function readOptions(call: Call, args: Args): Options {
  const options: Options = { replaces: false, isAbsolute: false, idleSeconds: -1, frequency: -1 };
  for (let i = 4; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, REPLACE)) options.replaces = true;
    else if (args.is(i, ABSTTL)) options.isAbsolute = true;
    else if (args.is(i, IDLETIME) && hasMore && options.frequency === -1) {
      options.idleSeconds = call.integerIn(++i, 0, MAX_INTEGER, BAD_IDLETIME);
    } else if (args.is(i, FREQ) && hasMore && options.idleSeconds === -1) {
      options.frequency = call.integerIn(++i, 0, 255, BAD_FREQ);
    } else call.fail(ERR_SYNTAX);
  }
  return options;
}

/** The access clock that the options ask for; they count for the policy that uses them alone. */
function clockOf(call: Call, { idleSeconds, frequency }: Options): number {
  const { nowMs, usesLfu } = call.keyspace;
  if (usesLfu) return frequency < 0 ? CLOCK_OF_NOW : (lfuInitial(nowMs) & ~0xff) | frequency;
  if (idleSeconds < 0) return CLOCK_OF_NOW;
  return (lruClock(nowMs) - Math.min(idleSeconds, CLOCK_MASK)) & CLOCK_MASK;
}

/** Whether the inside of the payload is looked at thoroughly: `sanitize-dump-payload`. */
function isThorough(call: Call): boolean {
  const { sanitizeDumpPayload } = call.settings;
  if (sanitizeDumpPayload === 'clients') return call.client.user.skipsSanitizing !== true;
  return sanitizeDumpPayload === 'yes';
}

function run(call: Call, args: Args): void {
  const options = readOptions(call, args);
  if (call.failed()) return;
  if (!options.replaces && call.lookupWrite(1) !== NULL_REF) {
    call.reply.error(BUSY_KEY);
    return;
  }
  const ttl = args.integer(2);
  if (Number.isNaN(ttl) || ttl < 0) {
    call.reply.error(Number.isNaN(ttl) ? ERR_NOT_INTEGER : BAD_TTL);
    return;
  }
  const { reader } = call.payloads;
  const offset = args.offsets[3]!;
  const length = args.lengths[3]!;
  if (!isSoundPayload(args.bytes, offset, length, !call.settings.skipsChecksums)) {
    call.reply.error(BAD_PAYLOAD);
    return;
  }
  if (!reader.read(args.bytes, offset, length, isThorough(call))) {
    call.engine.onBadPayload(reader.problem, reader.offset);
    call.reply.error(BAD_DATA);
    return;
  }
  const isDeleted = options.replaces && call.removeStale(1);
  const expiryMs = ttl === 0 ? NO_EXPIRY : options.isAbsolute ? ttl : sumOfTimes(ttl, call.nowMs);
  const { keyspace } = call;
  if (expiryMs !== NO_EXPIRY && expiryMs <= keyspace.expiryNowMs && keyspace.deletesExpired) {
    reader.values.discard();
    if (isDeleted) {
      call.changed(1, NOTIFY_GENERIC, 'del');
      const word = keyspace.lazyServerDel ? 'UNLINK' : 'DEL';
      if (call.propagates) call.propagateAs([word, args.slice(1)]);
    }
    call.reply.ok();
    return;
  }
  const { bytes, offsets, lengths } = args;
  const clock = clockOf(call, options);
  addReadKey(call.db, bytes, offsets[1]!, lengths[1]!, reader.values, expiryMs, clock);
  call.changed(1, NOTIFY_GENERIC, 'restore');
  if (expiryMs !== NO_EXPIRY && !options.isAbsolute && call.propagates) {
    call.propagateAs(absolute(args, expiryMs));
  }
  call.reply.ok();
}

/** A time from now on; beyond 64 bits Redis's sum is negative, and so in the past. */
function sumOfTimes(ttl: number, nowMs: number): number {
  const sum = ttl + nowMs;
  return sum < TWO_63 ? sum : sum - TWO_64;
}

/** The command with its time as an absolute one. */
function absolute(args: Args, expiryMs: number): (string | Uint8Array)[] {
  const parts: (string | Uint8Array)[] = [];
  for (let i = 0; i < args.count; i++) parts.push(args.slice(i));
  parts[2] = int64Text(expiryMs);
  parts.push('ABSTTL');
  return parts;
}

export const restore: CommandSpec = {
  name: 'restore',
  group: 'generic',
  since: '2.6.0',
  summary: 'Makes a key of what DUMP has returned.',
  complexity: 'O(N*M) for N elements of M bytes on average; O(N*M*log(N)) for sorted sets.',
  history: [
    ['3.0.0', 'Added the `REPLACE` modifier.'],
    ['5.0.0', 'Added the `ABSTTL` modifier.'],
    ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
  ],
  arity: -4,
  flags: ['write', 'denyoom'],
  acl: ['keyspace', 'dangerous'],
  keys: [{ flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'ttl', type: 'integer' },
    { name: 'serialized-value', type: 'string' },
    { name: 'replace', type: 'pure-token', token: 'REPLACE', optional: true, since: '3.0.0' },
    { name: 'absttl', type: 'pure-token', token: 'ABSTTL', optional: true, since: '5.0.0' },
    { name: 'seconds', type: 'integer', token: 'IDLETIME', optional: true, since: '5.0.0' },
    { name: 'frequency', type: 'integer', token: 'FREQ', optional: true, since: '5.0.0' },
  ],
  replies: ['simple-string'],
  run,
};

export const restoreAsking: CommandSpec = {
  ...restore,
  name: 'restore-asking',
  group: 'server',
  since: '3.0.0',
  summary: 'RESTORE for a key whose slot is being imported; internal to clusters.',
  flags: ['write', 'denyoom', 'asking'],
  docFlags: ['syscmd'],
};
