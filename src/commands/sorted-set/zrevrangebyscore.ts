// ZREVRANGEBYSCORE: members between two scores, the highest first.
// https://redis.io/docs/latest/commands/zrevrangebyscore/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runRange } from './ranging.ts';

export const zrevrangebyscore: CommandSpec = {
  name: 'zrevrangebyscore',
  group: 'sorted-set',
  since: '2.2.0',
  summary: 'Returns the members with scores in a range, the highest first.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  arity: -4,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'max', type: 'double' },
    { name: 'min', type: 'double' },
    { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', optional: true },
    {
      name: 'limit',
      type: 'block',
      token: 'LIMIT',
      optional: true,
      args: [
        { name: 'offset', type: 'integer' },
        { name: 'count', type: 'integer' },
      ],
    },
  ],
  history: [['2.1.6', '`min` and `max` can be exclusive.']],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
  docFlags: ['deprecated'],
  replies: ['array'],
  run: (call) => runRange(call, 'score', 'reverse'),
};
