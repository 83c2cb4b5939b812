import type { CommandSpec } from '../../engine/command-spec.ts';

export const psetexCommand: CommandSpec = {
  name: 'psetex',
  group: 'string',
  since: '2.6.0',
  summary: 'Stores a string together with a lifetime in milliseconds.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [{ flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'milliseconds', type: 'integer' },
    { name: 'value', type: 'string' },
  ],
  replies: ['simple-string'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
  docFlags: ['deprecated'],
};
