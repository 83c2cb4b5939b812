import type { CommandSpec } from '../../engine/command-spec.ts';

export const strlenCommand: CommandSpec = {
  name: 'strlen',
  group: 'string',
  since: '2.2.0',
  summary: 'Counts the bytes of a string.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
};
