// ZRANGE: members of a range of ranks, scores or bytes.
// https://redis.io/docs/latest/commands/zrange/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runRange } from './ranging.ts';

export const zrange: CommandSpec = {
  name: 'zrange',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Returns the members of a range: of ranks, of scores, or of the members themselves.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements returned.',
  arity: -4,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'string' },
    { name: 'stop', type: 'string' },
    {
      name: 'sortby',
      type: 'oneof',
      since: '6.2.0',
      optional: true,
      args: [
        { name: 'byscore', type: 'pure-token', token: 'BYSCORE' },
        { name: 'bylex', type: 'pure-token', token: 'BYLEX' },
      ],
    },
    { name: 'rev', type: 'pure-token', token: 'REV', since: '6.2.0', optional: true },
    {
      name: 'limit',
      type: 'block',
      token: 'LIMIT',
      since: '6.2.0',
      optional: true,
      args: [
        { name: 'offset', type: 'integer' },
        { name: 'count', type: 'integer' },
      ],
    },
    { name: 'withscores', type: 'pure-token', token: 'WITHSCORES', optional: true },
  ],
  history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
  replies: ['array'],
  run: (call) => runRange(call, 'any', 'any'),
};
