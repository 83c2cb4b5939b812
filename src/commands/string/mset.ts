import type { CommandSpec } from '../../engine/command-spec.ts';

export const msetCommand: CommandSpec = {
  name: 'mset',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores strings at several keys, all of them at once.',
  complexity: 'O(N) where N is the number of keys to set.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: -1, step: 2, limit: 0 } },
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
  replies: ['simple-string'],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
};
