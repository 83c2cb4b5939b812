import type { CommandSpec } from '../../engine/command-spec.ts';

export const setnxCommand: CommandSpec = {
  name: 'setnx',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string unless the key exists.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['OW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
  docFlags: ['deprecated'],
};
