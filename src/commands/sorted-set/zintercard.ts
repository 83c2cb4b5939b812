// ZINTERCARD: counts the members that all sets have.
// https://redis.io/docs/latest/commands/zintercard/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runCombination } from './combining.ts';

export const zintercard: CommandSpec = {
  name: 'zintercard',
  group: 'sorted-set',
  since: '7.0.0',
  summary: 'Counts the members that all sets have, up to a limit.',
  complexity:
    'O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.',
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
    { name: 'limit', type: 'integer', token: 'LIMIT', optional: true },
  ],
  replies: ['integer'],
  run: (call) => runCombination(call, 1, 'inter', 'count'),
};
