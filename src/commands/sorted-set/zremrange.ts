// ZREMRANGEBYRANK, ZREMRANGEBYSCORE and ZREMRANGEBYLEX: remove the members of a range.
// https://redis.io/docs/latest/commands/zremrangebyrank/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { readLexRange, readScoreRange } from './range-arguments.ts';
import { tellRemoved } from './removal.ts';

type Kind = 'rank' | 'score' | 'lex';

function runRemoveRange(call: Call, kind: Kind): void {
  let start = 0;
  let stop = 0;
  if (kind === 'rank') {
    start = call.integer(2);
    stop = call.integer(3);
  } else if (kind === 'score') readScoreRange(call, 2, 3);
  else readLexRange(call, 2, 3);
  if (call.failed()) return;
  const found = call.lookupWrite(1);
  if (found === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const { sortedSets } = call.keyspace.values;
  const set = sortedSets.open(found);
  let from: number;
  let count: number;
  if (kind === 'rank') {
    const total = set.count;
    from = Math.max(0, start < 0 ? start + total : start);
    count = Math.min(total - 1, stop < 0 ? stop + total : stop) - from + 1;
  } else {
    count =
      kind === 'score'
        ? set.selectScores(sortedSets.scoreRange)
        : set.selectMembers(sortedSets.lexRange, false);
    from = set.from;
  }
  if (count > 0) {
    set.removeRange(from, count);
    tellRemoved(call, 1, found, set, `zremrangeby${kind}`, count);
  }
  call.reply.integer(Math.max(0, count));
}

export const zremrangebyrank: CommandSpec = {
  name: 'zremrangebyrank',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Removes the members of a range of ranks.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  arity: 4,
  flags: ['write'],
  acl: ['sortedset'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'integer' },
    { name: 'stop', type: 'integer' },
  ],
  replies: ['integer'],
  run: (call) => runRemoveRange(call, 'rank'),
};

export const zremrangebyscore: CommandSpec = {
  name: 'zremrangebyscore',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Removes the members with scores in a range.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  arity: 4,
  flags: ['write'],
  acl: ['sortedset'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'min', type: 'double' },
    { name: 'max', type: 'double' },
  ],
  replies: ['integer'],
  run: (call) => runRemoveRange(call, 'score'),
};

export const zremrangebylex: CommandSpec = {
  name: 'zremrangebylex',
  group: 'sorted-set',
  since: '2.8.9',
  summary: 'Removes the members between two texts, in a set of equal scores.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the operation.',
  arity: 4,
  flags: ['write'],
  acl: ['sortedset'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'min', type: 'string' },
    { name: 'max', type: 'string' },
  ],
  replies: ['integer'],
  run: (call) => runRemoveRange(call, 'lex'),
};
