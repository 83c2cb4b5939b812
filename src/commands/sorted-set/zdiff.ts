// ZDIFF: members that only the first set has. https://redis.io/docs/latest/commands/zdiff/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runCombination } from './combining.ts';

export const zdiff: CommandSpec = {
  name: 'zdiff',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Returns the members that only the first set has.',
  complexity:
    'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
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
    { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', optional: true },
  ],
  replies: ['array'],
  run: (call) => runCombination(call, 1, 'diff', 'reply'),
};
