// HSETEX key [FNX|FXX] [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT
// unix-time-milliseconds|KEEPTTL] FIELDS numfields field value [field value ...]

import { Call, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyError, wrongArity } from '../../protocol/reply-errors.ts';
import { readTime } from './field-arguments.ts';
import { hashToFill, hashToWrite, timesChanged, WRONG_TYPE } from './hash-key.ts';
import { type ExpiredFields, expireField, tellExpired } from './hexpire.ts';

const EX = Call.word('EX');
const PX = Call.word('PX');
const EXAT = Call.word('EXAT');
const PXAT = Call.word('PXAT');
const KEEPTTL = Call.word('KEEPTTL');
const FNX = Call.word('FNX');
const FXX = Call.word('FXX');
const FIELDS = Call.word('FIELDS');
const ONE_TIME = replyError(
  'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified',
);
const ONE_CONDITION = replyError('ERR Only one of FXX or FNX arguments can be specified');
const NO_TIME = replyError('ERR missing expire time');
const NO_FIELDS = replyError('ERR missing FIELDS argument');
const FIELDS_TWICE = replyError('ERR FIELDS keyword specified multiple times');
const BAD_COUNT = replyError('ERR invalid number of fields');

interface Options {
  /** Arguments of the first field and behind the last value; 0 before they are read. */
  first: number;
  end: number;
  /** -1 without a time. */
  timeMs: number;
  keepsExpiry: boolean;
  condition: 'none' | 'fnx' | 'fxx';
}

/** Reads the option at argument `i`. @returns the argument behind it. */
function readOption(call: Call, i: number, options: Options): number {
  const { args } = call;
  const isRelative = args.is(i, EX) || args.is(i, PX);
  if (isRelative || args.is(i, EXAT) || args.is(i, PXAT)) {
    if (options.timeMs >= 0 || options.keepsExpiry) call.fail(ONE_TIME);
    else if (i + 1 >= args.count) call.fail(NO_TIME);
    else {
      const unitMs = args.is(i, EX) || args.is(i, EXAT) ? 1000 : 1;
      options.timeMs = readTime(call, i + 1, unitMs, isRelative);
    }
    return i + 2;
  }
  if (args.is(i, KEEPTTL)) {
    if (options.timeMs >= 0 || options.keepsExpiry) call.fail(ONE_TIME);
    options.keepsExpiry = true;
  } else if (args.is(i, FNX) || args.is(i, FXX)) {
    if (options.condition !== 'none') call.fail(ONE_CONDITION);
    options.condition = args.is(i, FNX) ? 'fnx' : 'fxx';
  } else {
    call.fail(replyError(`ERR unknown argument: ${args.shown(i)}`));
  }
  return i + 1;
}

function readFieldList(call: Call, i: number, options: Options): number {
  const { args } = call;
  if (options.first !== 0) call.fail(FIELDS_TWICE);
  const count = i + 1 < args.count ? args.integer(i + 1) : Number.NaN;
  if (i + 3 >= args.count) call.fail(wrongArity(call.command.fullName));
  else if (Number.isNaN(count) || count < 1) call.fail(BAD_COUNT);
  else if (i + 2 + count * 2 > args.count) call.fail(wrongArity(call.command.fullName));
  options.first = i + 2;
  options.end = i + 2 + count * 2;
  return options.end;
}

function readOptions(call: Call): Options {
  const { args } = call;
  const options: Options = {
    first: 0,
    end: 0,
    timeMs: -1,
    keepsExpiry: false,
    condition: 'none',
  };
  for (let i = 2; i < args.count; ) {
    i = args.is(i, FIELDS) ? readFieldList(call, i, options) : readOption(call, i, options);
    // A count that is no number leads nowhere; the mistake has been kept.
    if (Number.isNaN(i)) break;
  }
  if (options.first === 0) call.fail(NO_FIELDS);
  return options;
}

/** Whether all (FXX) or none (FNX) of the fields are there. */
function isMet(call: Call, ref: number, options: Options): boolean {
  const { args } = call;
  const { hashes } = call.keyspace.values;
  for (let i = options.first; i < options.end; i += 2) {
    const exists =
      ref !== NULL_REF && hashes.has(ref, args.bytes, args.offsets[i] ?? 0, args.lengths[i] ?? 0);
    if (exists !== (options.condition === 'fxx')) return false;
  }
  return true;
}

function runHsetex(call: Call): void {
  const options = readOptions(call);
  if (call.failed()) return;
  const found = hashToWrite(call);
  if (found === WRONG_TYPE) return;
  if (options.condition !== 'none' && !isMet(call, found, options)) {
    call.reply.integer(0);
    return;
  }
  const ref = hashToFill(call);
  if (ref === WRONG_TYPE) return;
  setFields(call, ref, options);
  call.reply.integer(1);
}

function setFields(call: Call, ref: number, options: Options): void {
  const { args } = call;
  const { bytes, offsets, lengths } = args;
  const { hashes } = call.keyspace.values;
  const { first, end, timeMs, keepsExpiry } = options;
  const done: ExpiredFields = { updated: [], deleted: [] };
  for (let i = first; i < end; i++) hashes.fitLength(ref, lengths[i] ?? 0);
  hashes.fitCount(ref, (end - first) >> 1);
  for (let i = first; i < end; i += 2) {
    const offset = offsets[i] ?? 0;
    const valueOffset = offsets[i + 1] ?? 0;
    const valueLength = lengths[i + 1] ?? 0;
    const length = lengths[i] ?? 0;
    hashes.set(ref, bytes, offset, length, bytes, valueOffset, valueLength, keepsExpiry);
  }
  call.changed(1, NOTIFY_HASH, 'hset', (end - first) >> 1);
  if (call.propagates) propagate(call, options);
  if (timeMs < 0) {
    timesChanged(call, ref);
    return;
  }
  for (let i = first; i < end; i += 2) expireField(call, ref, i, timeMs, 'none', done);
  tellExpired(call, ref, timeMs, done);
}

/** Tells replicas and the AOF of the values; the times follow by themselves. */
function propagate(call: Call, options: Options): void {
  const { args } = call;
  const words = options.keepsExpiry
    ? ['HSETEX', args.slice(1), 'KEEPTTL']
    : ['HSET', args.slice(1)];
  if (options.keepsExpiry) words.push('FIELDS', String((options.end - options.first) >> 1));
  for (let i = options.first; i < options.end; i++) words.push(args.slice(i));
  call.propagateAs(words);
}

export const hsetex: CommandSpec = {
  name: 'hsetex',
  group: 'hash',
  since: '8.0.0',
  summary: 'Sets fields together with their time to live.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'condition',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'fnx', type: 'pure-token', token: 'FNX' },
        { name: 'fxx', type: 'pure-token', token: 'FXX' },
      ],
    },
    {
      name: 'expiration',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'seconds', type: 'integer', token: 'EX' },
        { name: 'milliseconds', type: 'integer', token: 'PX' },
        { name: 'unix-time-seconds', type: 'unix-time', token: 'EXAT' },
        { name: 'unix-time-milliseconds', type: 'unix-time', token: 'PXAT' },
        { name: 'keepttl', type: 'pure-token', token: 'KEEPTTL' },
      ],
    },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        {
          name: 'data',
          type: 'block',
          multiple: true,
          args: [
            { name: 'field', type: 'string' },
            { name: 'value', type: 'string' },
          ],
        },
      ],
    },
  ],
  replies: ['integer'],
  run: runHsetex,
};
