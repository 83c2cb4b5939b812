import type { CommandSpec } from '../../engine/command-spec.ts';

export const getsetCommand: CommandSpec = {
  name: 'getset',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string and answers with the one that was there before.',
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
    { name: 'value', type: 'string' },
  ],
  replies: ['bulk-string', 'null'],
  deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
  docFlags: ['deprecated'],
};
