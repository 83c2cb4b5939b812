// ZINTER: members that all sets have. https://redis.io/docs/latest/commands/zinter/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runCombination } from './combining.ts';

export const zinter: CommandSpec = {
  name: 'zinter',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Returns the members that all sets have.',
  complexity:
    'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
  arity: -3,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [
    {
      flags: ['RO', 'access'],
      begin: { index: 1 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    { name: 'weight', type: 'integer', token: 'WEIGHTS', optional: true, multiple: true },
    {
      name: 'aggregate',
      type: 'oneof',
      token: 'AGGREGATE',
      optional: true,
      args: [
        { name: 'sum', type: 'pure-token', token: 'SUM' },
        { name: 'min', type: 'pure-token', token: 'MIN' },
        { name: 'max', type: 'pure-token', token: 'MAX' },
      ],
    },
    { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', optional: true },
  ],
  replies: ['array'],
  run: (call) => runCombination(call, 1, 'inter', 'reply'),
};
