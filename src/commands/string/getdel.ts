import type { CommandSpec } from '../../engine/command-spec.ts';

export const getdelCommand: CommandSpec = {
  name: 'getdel',
  group: 'string',
  since: '6.2.0',
  summary: 'Reads the string at a key and deletes the key.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['bulk-string', 'null'],
};
