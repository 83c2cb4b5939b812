// SRANDMEMBER key [count]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_INTEGER, ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { TYPE_SET } from '../../structures/entry.ts';
import { randomHandles } from './random-members.ts';

const OUT_OF_RANGE = replyError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);
const MIN_INT64 = '-9223372036854775808';

/** Argument 2 as a number of members; what a double cannot tell apart is the same here. */
function readCount(call: Call): number {
  const count = call.args.integer(2);
  if (Number.isNaN(count)) call.fail(ERR_NOT_INTEGER);
  else if (call.args.lengths[2] === MIN_INT64.length && call.args.latin1(2) === MIN_INT64) {
    call.fail(OUT_OF_RANGE);
  }
  return count;
}

function replyOne(call: Call, ref: number): void {
  const { sets } = call.keyspace.values;
  sets.loadRandom(ref, call.keyspace.randomBelow);
  call.reply.bulk(sets.bytes, sets.offset, sets.length);
}

function runWithCount(call: Call): void {
  if (call.args.count > 3) call.fail(ERR_SYNTAX);
  const count = readCount(call);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    call.reply.array(0);
    return;
  }
  if (!call.isType(ref, TYPE_SET)) return;
  if (count <= 1) {
    const times = Math.abs(count);
    call.reply.array(times);
    // A client that is closed for its output need not be answered to the end of a large count.
    for (let i = 0; i < times && !call.reply.isCut; i++) replyOne(call, ref);
    return;
  }
  replyDistinct(call, ref, count);
}

function replyDistinct(call: Call, ref: number, count: number): void {
  const { keyspace, reply } = call;
  const { sets, setCursor: cursor } = keyspace.values;
  const size = sets.count(ref);
  cursor.begin(ref);
  if (count >= size) {
    reply.array(size);
    while (cursor.next()) reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    return;
  }
  reply.array(count);
  for (const handle of randomHandles(call, ref, cursor, count)) {
    cursor.load(handle);
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  }
}

function runSrandmember(call: Call): void {
  if (call.args.count > 2) {
    runWithCount(call);
    return;
  }
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) call.reply.null();
  else if (call.isType(ref, TYPE_SET)) replyOne(call, ref);
}

export const srandmember: CommandSpec = {
  name: 'srandmember',
  group: 'set',
  since: '1.0.0',
  summary: 'Reads random members of a set.',
  complexity:
    'Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.',
  arity: -2,
  flags: ['readonly'],
  acl: ['set'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer', since: '2.6.0', optional: true },
  ],
  history: [['2.6.0', 'Added the optional `count` argument.']],
  replies: ['bulk-string', 'null', 'array'],
  run: runSrandmember,
};
