import type { CommandSpec } from '../../engine/command-spec.ts';

export const incrbyfloatCommand: CommandSpec = {
  name: 'incrbyfloat',
  group: 'string',
  since: '2.6.0',
  summary: 'Adds a floating-point number to the one a key holds, starting from zero.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'increment', type: 'double' },
  ],
  replies: ['bulk-string'],
};
