// ZDIFFSTORE: stores the members that only the first set has.
// https://redis.io/docs/latest/commands/zdiffstore/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runCombination } from './combining.ts';

export const zdiffstore: CommandSpec = {
  name: 'zdiffstore',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Stores the members that only the first set has as a sorted set of their own.',
  complexity:
    'O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first set, and K is the size of the result set.',
  arity: -4,
  flags: ['write', 'denyoom'],
  acl: ['sortedset'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    {
      flags: ['RO', 'access'],
      begin: { index: 2 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'destination', type: 'key', keySpecIndex: 0 },
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpecIndex: 1, multiple: true },
  ],
  replies: ['integer'],
  run: (call) => runCombination(call, 2, 'diff', 'store'),
};
