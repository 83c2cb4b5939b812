// ZREVRANGEBYLEX: members between two texts, the last first.
// https://redis.io/docs/latest/commands/zrevrangebylex/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runRange } from './ranging.ts';

export const zrevrangebylex: CommandSpec = {
  name: 'zrevrangebylex',
  group: 'sorted-set',
  since: '2.8.9',
  summary:
    'Returns the members that lie between two texts, the last first, in a set of equal scores.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can consider it O(log(N)).',
  arity: -4,
  flags: ['readonly'],
  acl: ['sortedset'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'max', type: 'string' },
    { name: 'min', type: 'string' },
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
  deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
  docFlags: ['deprecated'],
  replies: ['array'],
  run: (call) => runRange(call, 'lex', 'reverse'),
};
