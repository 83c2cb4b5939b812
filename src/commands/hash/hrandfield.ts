// HRANDFIELD key [count [WITHVALUES]]

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import {
  ERR_NOT_INTEGER,
  ERR_OUT_OF_RANGE,
  ERR_SYNTAX,
  replyError,
} from '../../protocol/reply-errors.ts';
import { HashCursor } from '../../values/hash-cursor.ts';
import { hashToRead, WRONG_TYPE } from './hash-key.ts';

const WITHVALUES = Call.word('WITHVALUES');
const OUT_OF_RANGE = replyError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);
const MIN_INT64 = '-9223372036854775808';
/** Twice as many replies must be countable. */
const MAX_PAIRS = 2 ** 62;
/**
 * Below a third of the fields, drawing until enough are different is cheaper than a list of all.
 */
const DRAW_PART = 3;

/** Argument 2 as a number of fields; what a double cannot tell apart is the same here. */
function readCount(call: Call, withValues: boolean): number {
  const { args } = call;
  const count = args.integer(2);
  if (Number.isNaN(count)) call.fail(ERR_NOT_INTEGER);
  else if (args.lengths[2] === MIN_INT64.length && args.latin1(2) === MIN_INT64) {
    call.fail(OUT_OF_RANGE);
  } else if (args.count > 4 || (args.count === 4 && !withValues)) {
    call.fail(ERR_SYNTAX);
  } else if (withValues && Math.abs(count) >= MAX_PAIRS) {
    call.fail(ERR_OUT_OF_RANGE);
  }
  return count;
}

/** Answers with the field that the cursor is at. */
function replyAt(call: Call, cursor: HashCursor, withValues: boolean): void {
  const { reply } = call;
  if (withValues && reply.resp3) reply.array(2);
  cursor.loadField();
  reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  if (!withValues) return;
  cursor.loadValue();
  reply.bulk(cursor.bytes, cursor.offset, cursor.length);
}

function replyLength(call: Call, count: number, withValues: boolean): void {
  call.reply.array(withValues && !call.reply.resp3 ? count * 2 : count);
}

/** Handles of `count` distinct fields, all when there are no more. */
function distinctHandles(call: Call, ref: number, cursor: HashCursor, count: number): number[] {
  const { values, randomBelow } = call.keyspace;
  const size = values.hashes.count(ref);
  if (count * DRAW_PART < size) {
    const drawn = new Set<number>();
    while (drawn.size < count) {
      cursor.goToRandom(ref, randomBelow);
      drawn.add(cursor.handle);
    }
    return [...drawn];
  }
  const handles: number[] = [];
  cursor.begin(ref);
  while (cursor.next()) handles.push(cursor.handle);
  if (count >= size) return handles;
  for (let i = 0; i < count; i++) {
    const other = i + randomBelow(size - i);
    const handle = handles[other]!;
    handles[other] = handles[i]!;
    handles[i] = handle;
  }
  handles.length = count;
  return handles;
}

function runWithCount(call: Call): void {
  const { args, keyspace } = call;
  const withValues = args.count === 4 && args.is(3, WITHVALUES);
  const count = readCount(call, withValues);
  if (call.failed()) return;
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  if (ref === NULL_REF || count === 0) {
    call.reply.array(0);
    return;
  }
  const cursor = new HashCursor(keyspace.arena, keyspace.values.hashes);
  if (count < 0) {
    replyLength(call, -count, withValues);
    for (let i = 0; i < -count && !call.reply.isCut; i++) {
      cursor.goToRandom(ref, keyspace.randomBelow);
      replyAt(call, cursor, withValues);
    }
    return;
  }
  const handles = distinctHandles(call, ref, cursor, count);
  cursor.begin(ref);
  replyLength(call, handles.length, withValues);
  for (const handle of handles) {
    cursor.handle = handle;
    replyAt(call, cursor, withValues);
  }
}

function runHrandfield(call: Call): void {
  if (call.args.count > 2) {
    runWithCount(call);
    return;
  }
  const { keyspace } = call;
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  if (ref === NULL_REF) {
    call.reply.null();
    return;
  }
  const cursor = new HashCursor(keyspace.arena, keyspace.values.hashes);
  cursor.goToRandom(ref, keyspace.randomBelow);
  replyAt(call, cursor, false);
}

export const hrandfield: CommandSpec = {
  name: 'hrandfield',
  group: 'hash',
  since: '6.2.0',
  summary: 'Reads random fields of a hash.',
  complexity: 'O(N) where N is the number of fields returned',
  arity: -2,
  flags: ['readonly'],
  acl: ['hash'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'options',
      type: 'block',
      optional: true,
      args: [
        { name: 'count', type: 'integer' },
        { name: 'withvalues', type: 'pure-token', token: 'WITHVALUES', optional: true },
      ],
    },
  ],
  replies: ['bulk-string', 'null', 'array'],
  run: runHrandfield,
};
