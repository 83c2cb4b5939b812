import type { CommandSpec } from '../../engine/command-spec.ts';

export const getbitCommand: CommandSpec = {
  name: 'getbit',
  group: 'bitmap',
  since: '2.2.0',
  summary: 'Reads one bit of a string.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'offset', type: 'integer' },
  ],
  replies: ['integer'],
};
