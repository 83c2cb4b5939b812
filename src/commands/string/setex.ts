import type { CommandSpec } from '../../engine/command-spec.ts';

export const setexCommand: CommandSpec = {
  name: 'setex',
  group: 'string',
  since: '2.0.0',
  summary: 'Stores a string together with a lifetime in seconds.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [{ flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'seconds', type: 'integer' },
    { name: 'value', type: 'string' },
  ],
  replies: ['simple-string'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
  docFlags: ['deprecated'],
};
