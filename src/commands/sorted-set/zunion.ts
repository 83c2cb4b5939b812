// ZUNION: members that any of the sets has. https://redis.io/docs/latest/commands/zunion/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runCombination } from './combining.ts';

export const zunion: CommandSpec = {
  name: 'zunion',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Returns the members that any of the sets has.',
  complexity:
    'O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in the resulting sorted set.',
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
  run: (call) => runCombination(call, 1, 'union', 'reply'),
};
