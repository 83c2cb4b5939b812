import type { CommandSpec } from '../../engine/command-spec.ts';

export const mgetCommand: CommandSpec = {
  name: 'mget',
  group: 'string',
  since: '1.0.0',
  summary: 'Reads the strings at several keys.',
  complexity: 'O(N) where N is the number of keys to retrieve.',
  arity: -2,
  flags: ['readonly', 'fast'],
  acl: ['string'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['array'],
  tips: ['request_policy:multi_shard'],
};
