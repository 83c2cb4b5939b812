import type { CommandSpec } from '../../engine/command-spec.ts';

export const incrCommand: CommandSpec = {
  name: 'incr',
  group: 'string',
  since: '1.0.0',
  summary: 'Adds one to the integer a key holds, starting from zero.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
};
