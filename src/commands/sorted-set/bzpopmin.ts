// BZPOPMIN: takes the member with the lowest score, or waits for one.
// https://redis.io/docs/latest/commands/bzpopmin/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runBlockingPop } from './popping.ts';

export const bzpopmin: CommandSpec = {
  name: 'bzpopmin',
  group: 'sorted-set',
  since: '5.0.0',
  summary:
    'Removes and returns the member with the lowest score of the first sorted set that has one; waits while none has.',
  complexity: 'O(log(N)) with N being the number of elements in the sorted set.',
  arity: -3,
  flags: ['write', 'fast', 'blocking'],
  acl: ['sortedset'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: -2, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  replies: ['array', 'null'],
  run: (call) => runBlockingPop(call, false),
};
