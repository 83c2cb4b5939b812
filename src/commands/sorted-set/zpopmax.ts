// ZPOPMAX: takes the members with the highest scores.
// https://redis.io/docs/latest/commands/zpopmax/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runPop } from './popping.ts';

export const zpopmax: CommandSpec = {
  name: 'zpopmax',
  group: 'sorted-set',
  since: '5.0.0',
  summary: 'Removes the members with the highest scores and returns them.',
  complexity:
    'O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped.',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['sortedset'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer', optional: true },
  ],
  replies: ['array'],
  run: (call) => runPop(call, true),
};
