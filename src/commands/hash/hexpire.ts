// HEXPIRE key seconds [NX|XX|GT|LT] FIELDS numfields field [field ...], and HPEXPIRE, HEXPIREAT and
// HPEXPIREAT, which differ in the unit and origin of the time. Replicas and the AOF are told
// absolute milliseconds, and HDEL of fields whose time has passed.

import { Call, NOTIFY_GENERIC, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { NO_FIELD } from '../../values/hash.ts';
import { readFields, readTime } from './field-arguments.ts';
import { hashToWrite, WRONG_TYPE } from './hash-key.ts';

const NX = Call.word('NX');
const XX = Call.word('XX');
const GT = Call.word('GT');
const LT = Call.word('LT');
const COUNT_NOT_POSITIVE = replyError('ERR Parameter `numFields` should be greater than 0');

const NOT_MET = 0;
const SET = 1;
const DELETED = 2;

type Condition = 'none' | 'nx' | 'xx' | 'gt' | 'lt';

function conditionAt(call: Call, i: number): Condition {
  const { args } = call;
  if (args.is(i, NX)) return 'nx';
  if (args.is(i, XX)) return 'xx';
  if (args.is(i, GT)) return 'gt';
  return args.is(i, LT) ? 'lt' : 'none';
}

/** @param oldMs the field's time, negative when it has none. */
function isMet(condition: Condition, oldMs: number, timeMs: number): boolean {
  switch (condition) {
    case 'nx':
      return oldMs < 0;
    case 'xx':
      return oldMs >= 0;
    case 'gt':
      return oldMs >= 0 && timeMs > oldMs;
    case 'lt':
      return oldMs < 0 || timeMs < oldMs;
    default:
      return true;
  }
}

/** What became of fields that were given a time. */
export interface ExpiredFields {
  readonly updated: Uint8Array[];
  readonly deleted: Uint8Array[];
}

/** Gives the field in argument `i` a time, or removes it when that has passed. */
export function expireField(
  call: Call,
  ref: number,
  i: number,
  timeMs: number,
  condition: Condition,
  done: ExpiredFields,
): number {
  const { args, keyspace } = call;
  const { hashes } = keyspace.values;
  const offset = args.offsets[i] ?? 0;
  const length = args.lengths[i] ?? 0;
  const oldMs = hashes.expiryOf(ref, args.bytes, offset, length);
  if (oldMs === NO_FIELD) return NO_FIELD;
  if (!isMet(condition, oldMs, timeMs)) return NOT_MET;
  const hasPassed = timeMs <= keyspace.expiryNowMs && keyspace.deletesExpired;
  if (hasPassed) {
    hashes.remove(ref, args.bytes, offset, length);
    keyspace.expiredFields++;
    done.deleted.push(args.slice(i));
    return DELETED;
  }
  hashes.setExpiry(ref, args.bytes, offset, length, timeMs);
  done.updated.push(args.slice(i));
  return SET;
}

/** Tells of fields that were given a time or were removed, and removes an empty hash. */
export function tellExpired(call: Call, ref: number, timeMs: number, done: ExpiredFields): void {
  const { updated, deleted } = done;
  if (updated.length + deleted.length === 0) return;
  const isEmpty = call.keyspace.values.hashes.count(ref) === 0;
  if (isEmpty) call.db.removeFound(call.lookupQuietly(1));
  else call.db.fieldExpiry.sync(ref);
  const event = deleted.length > 0 ? 'hdel' : 'hexpire';
  call.changed(1, NOTIFY_HASH, event, updated.length + deleted.length);
  if (isEmpty) call.notify(NOTIFY_GENERIC, 'del', 1);
  if (!call.propagates) return;
  const key = call.args.slice(1);
  for (const field of deleted) call.propagateAs(['HDEL', key, field]);
  if (updated.length === 0) return;
  const count = String(updated.length);
  call.propagateAs(['HPEXPIREAT', key, String(timeMs), 'FIELDS', count, ...updated]);
}

function expire(call: Call, unitMs: number, isRelative: boolean): void {
  const { args, reply } = call;
  const ref = hashToWrite(call);
  if (ref === WRONG_TYPE) return;
  const timeMs = readTime(call, 2, unitMs, isRelative);
  const condition = conditionAt(call, 3);
  const first = readFields(call, condition === 'none' ? 3 : 4, COUNT_NOT_POSITIVE);
  if (call.failed()) return;
  reply.array(args.count - first);
  const done: ExpiredFields = { updated: [], deleted: [] };
  for (let i = first; i < args.count; i++) {
    reply.integer(ref === NULL_REF ? NO_FIELD : expireField(call, ref, i, timeMs, condition, done));
  }
  if (ref !== NULL_REF) tellExpired(call, ref, timeMs, done);
}

function runHexpire(call: Call): void {
  expire(call, 1000, true);
}

function runHpexpire(call: Call): void {
  expire(call, 1, true);
}

function runHexpireat(call: Call): void {
  expire(call, 1000, false);
}

function runHpexpireat(call: Call): void {
  expire(call, 1, false);
}

export const hexpire: CommandSpec = {
  name: 'hexpire',
  group: 'hash',
  since: '7.4.0',
  summary: 'Gives fields a time to live in seconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'seconds', type: 'integer' },
    {
      name: 'condition',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
        { name: 'gt', type: 'pure-token', token: 'GT' },
        { name: 'lt', type: 'pure-token', token: 'LT' },
      ],
    },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHexpire,
};

export const hpexpire: CommandSpec = {
  name: 'hpexpire',
  group: 'hash',
  since: '7.4.0',
  summary: 'Gives fields a time to live in milliseconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'milliseconds', type: 'integer' },
    {
      name: 'condition',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
        { name: 'gt', type: 'pure-token', token: 'GT' },
        { name: 'lt', type: 'pure-token', token: 'LT' },
      ],
    },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHpexpire,
};

export const hexpireat: CommandSpec = {
  name: 'hexpireat',
  group: 'hash',
  since: '7.4.0',
  summary: 'Lets fields expire at a time in seconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'unix-time-seconds', type: 'unix-time' },
    {
      name: 'condition',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
        { name: 'gt', type: 'pure-token', token: 'GT' },
        { name: 'lt', type: 'pure-token', token: 'LT' },
      ],
    },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHexpireat,
};

export const hpexpireat: CommandSpec = {
  name: 'hpexpireat',
  group: 'hash',
  since: '7.4.0',
  summary: 'Lets fields expire at a time in milliseconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'unix-time-milliseconds', type: 'unix-time' },
    {
      name: 'condition',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
        { name: 'gt', type: 'pure-token', token: 'GT' },
        { name: 'lt', type: 'pure-token', token: 'LT' },
      ],
    },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHpexpireat,
};
