// ZRANGEBYSCORE: members between two scores. https://redis.io/docs/latest/commands/zrangebyscore/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runRange } from './ranging.ts';

export const zrangebyscore: CommandSpec = {
  name: 'zrangebyscore',
  group: 'sorted-set',
  since: '1.0.5',
  summary: 'Returns the members with scores in a range.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  arity: -4,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'min', type: 'double' },
    { name: 'max', type: 'double' },
    { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', since: '2.0.0', optional: true },
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
  history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
  docFlags: ['deprecated'],
  replies: ['array'],
  run: (call) => runRange(call, 'score', 'forward'),
};
