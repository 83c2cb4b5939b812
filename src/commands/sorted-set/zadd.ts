// ZADD: adds members or changes their scores. https://redis.io/docs/latest/commands/zadd/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runAdd } from './adding.ts';

export const zadd: CommandSpec = {
  name: 'zadd',
  group: 'sorted-set',
  since: '1.2.0',
  summary:
    'Adds members with their scores to a sorted set, or changes the scores of those that are there.',
  complexity: 'O(log(N)) for each item added, where N is the number of elements in the sorted set.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['sortedset'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'condition',
      type: 'oneof',
      since: '3.0.2',
      optional: true,
      args: [
        { name: 'nx', type: 'pure-token', token: 'NX' },
        { name: 'xx', type: 'pure-token', token: 'XX' },
      ],
    },
    {
      name: 'comparison',
      type: 'oneof',
      since: '6.2.0',
      optional: true,
      args: [
        { name: 'gt', type: 'pure-token', token: 'GT' },
        { name: 'lt', type: 'pure-token', token: 'LT' },
      ],
    },
    { name: 'change', type: 'pure-token', token: 'CH', since: '3.0.2', optional: true },
    { name: 'increment', type: 'pure-token', token: 'INCR', since: '3.0.2', optional: true },
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'score', type: 'double' },
        { name: 'member', type: 'string' },
      ],
    },
  ],
  history: [
    ['2.4.0', 'Accepts multiple elements.'],
    ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
    ['6.2.0', 'Added the `GT` and `LT` options.'],
  ],
  replies: ['integer', 'double', 'null'],
  run: (call) => runAdd(call, 0),
};
