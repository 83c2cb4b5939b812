import type { CommandSpec } from '../../engine/command-spec.ts';

export const msetnxCommand: CommandSpec = {
  name: 'msetnx',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores strings at several keys, all or none: nothing happens when one of them exists.',
  complexity: 'O(N) where N is the number of keys to set.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [
    { flags: ['OW', 'insert'], begin: { index: 1 }, find: { lastKey: -1, step: 2, limit: 0 } },
  ],
  args: [
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'key', type: 'key', keySpecIndex: 0 },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  replies: ['integer'],
};
