// ZREVRANGE: members of a range of ranks, counted from the highest score.
// https://redis.io/docs/latest/commands/zrevrange/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runRange } from './ranging.ts';

export const zrevrange: CommandSpec = {
  name: 'zrevrange',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Returns the members of a range of ranks, the highest score first.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
  arity: -4,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'integer' },
    { name: 'stop', type: 'integer' },
    { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', optional: true },
  ],
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
  docFlags: ['deprecated'],
  replies: ['array'],
  run: (call) => runRange(call, 'rank', 'reverse'),
};
