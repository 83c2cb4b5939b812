// ZRANGESTORE: stores a range under another key. https://redis.io/docs/latest/commands/zrangestore/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runRangeStore } from './ranging.ts';

export const zrangestore: CommandSpec = {
  name: 'zrangestore',
  group: 'sorted-set',
  since: '6.2.0',
  summary: 'Stores the members of a range as a sorted set of their own.',
  complexity:
    'O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements stored into the destination key.',
  arity: -5,
  flags: ['write', 'denyoom'],
  acl: ['sortedset'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    { flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'dst', type: 'key', keySpecIndex: 0 },
    { name: 'src', type: 'key', keySpecIndex: 1 },
    { name: 'min', type: 'string' },
    { name: 'max', type: 'string' },
    {
      name: 'sortby',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'byscore', type: 'pure-token', token: 'BYSCORE' },
        { name: 'bylex', type: 'pure-token', token: 'BYLEX' },
      ],
    },
    { name: 'rev', type: 'pure-token', token: 'REV', optional: true },
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
  replies: ['integer'],
  run: (call) => runRangeStore(call),
};
