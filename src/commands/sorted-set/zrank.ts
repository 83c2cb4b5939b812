// ZRANK and ZREVRANK: how many members come before one, from the lowest score or the highest.
// https://redis.io/docs/latest/commands/zrank/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, wrongArity } from '../../protocol/reply-errors.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';

const WITHSCORE = Call.word('WITHSCORE');

function runRank(call: Call, fromMax: boolean): void {
  const { args, reply } = call;
  if (args.count > 4) call.fail(wrongArity(call.command.fullName));
  const withScore = args.count === 4;
  if (withScore && !args.is(3, WITHSCORE)) call.fail(ERR_SYNTAX);
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found !== NULL_REF && !call.isType(found, TYPE_ZSET)) return;
  const set = call.keyspace.values.sortedSets.main;
  if (found !== NULL_REF) set.open(found);
  if (found === NULL_REF || !set.find(args.bytes, args.offsets[2]!, args.lengths[2]!)) {
    if (withScore) reply.nullArray();
    else reply.null();
    return;
  }
  if (withScore) reply.array(2);
  const { rank } = set;
  reply.integer(fromMax ? set.count - 1 - rank : rank);
  if (withScore) reply.double(set.score);
}

export const zrank: CommandSpec = {
  name: 'zrank',
  group: 'sorted-set',
  since: '2.0.0',
  summary:
    'Returns how many members have a lower score than a member, with its score if asked for.',
  complexity: 'O(log(N))',
  arity: -3,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string' },
    { name: 'withscore', type: 'pure-token', token: 'WITHSCORE', optional: true },
  ],
  history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
  replies: ['integer', 'array', 'null'],
  run: (call) => runRank(call, false),
};

export const zrevrank: CommandSpec = {
  name: 'zrevrank',
  group: 'sorted-set',
  since: '2.0.0',
  summary:
    'Returns how many members have a higher score than a member, with its score if asked for.',
  complexity: 'O(log(N))',
  arity: -3,
  flags: ['readonly', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string' },
    { name: 'withscore', type: 'pure-token', token: 'WITHSCORE', optional: true },
  ],
  history: [['7.2.0', 'Added the optional `WITHSCORE` argument.']],
  replies: ['integer', 'array', 'null'],
  run: (call) => runRank(call, true),
};
