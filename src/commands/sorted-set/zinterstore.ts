// ZINTERSTORE: stores the members that all sets have.
// https://redis.io/docs/latest/commands/zinterstore/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runCombination } from './combining.ts';

export const zinterstore: CommandSpec = {
  name: 'zinterstore',
  group: 'sorted-set',
  since: '2.0.0',
  summary: 'Stores the members that all sets have as a sorted set of their own.',
  complexity:
    'O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets and M being the number of elements in the resulting sorted set.',
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
  ],
  replies: ['integer'],
  run: (call) => runCombination(call, 2, 'inter', 'store'),
};
