// ZINCRBY: adds to the score of a member. https://redis.io/docs/latest/commands/zincrby/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { ADD_INCREMENT } from '../../values/sorted-set.ts';
import { runAdd } from './adding.ts';

export const zincrby: CommandSpec = {
  name: 'zincrby',
  group: 'sorted-set',
  since: '1.2.0',
  summary: 'Adds a number to the score of a member, which is added when it is missing.',
  complexity: 'O(log(N)) where N is the number of elements in the sorted set.',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['sortedset'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'increment', type: 'integer' },
    { name: 'member', type: 'string' },
  ],
  replies: ['double'],
  run: (call) => runAdd(call, ADD_INCREMENT),
};
