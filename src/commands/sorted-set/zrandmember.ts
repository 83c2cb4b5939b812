// ZRANDMEMBER: members chosen at random. https://redis.io/docs/latest/commands/zrandmember/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_OUT_OF_RANGE, ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { replyDistinct, replyDrawn } from './random-members.ts';
import { replyMember } from './replies.ts';

const WITHSCORES = Call.word('WITHSCORES');
const LEAST = '-9223372036854775808';
const ERR_LEAST = replyError(
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807',
);
const MAX_WITH_SCORES = 2 ** 62;

function runZrandmember(call: Call): void {
  const { args, reply } = call;
  const hasCount = args.count > 2;
  const withScores = args.count === 4;
  const count = hasCount ? readCount(call, withScores) : 1;
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found === NULL_REF) {
    if (hasCount) reply.array(0);
    else reply.null();
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const set = call.keyspace.values.sortedSets.open(found);
  if (!hasCount) {
    set.seekRank(call.keyspace.randomBelow(set.count));
    replyMember(call, set, false);
  } else if (count < 0 || count === 1) replyDrawn(call, set, Math.abs(count), withScores);
  else replyDistinct(call, set, count, withScores);
}

function readCount(call: Call, withScores: boolean): number {
  const { args } = call;
  const count = call.integer(2);
  // The nearest double also stands for a few numbers above the least, which Redis takes.
  if (count <= -(2 ** 63) && args.latin1(2) === LEAST) call.fail(ERR_LEAST);
  if (args.count > 4 || (withScores && !args.is(3, WITHSCORES))) call.fail(ERR_SYNTAX);
  if (withScores && Math.abs(count) > MAX_WITH_SCORES) call.fail(ERR_OUT_OF_RANGE);
  return count;
}

export const zrandmember: CommandSpec = {
  name: 'zrandmember',
  group: 'sorted-set',
  since: '6.2.0',
  summary:
    'Returns members chosen at random: different ones, or with a negative count each from all.',
  complexity: 'O(N) where N is the number of members returned',
  arity: -2,
  flags: ['readonly'],
  acl: ['sortedset'],
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
        { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', optional: true },
      ],
    },
  ],
  replies: ['bulk-string', 'array', 'null'],
  run: runZrandmember,
};
