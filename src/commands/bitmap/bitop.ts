import type { CommandSpec } from '../../engine/command-spec.ts';

export const bitopCommand: CommandSpec = {
  name: 'bitop',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Combines strings bit by bit (AND, OR, XOR, NOT) and stores the result.',
  complexity: 'O(N)',
  arity: -4,
  flags: ['write', 'denyoom'],
  acl: ['bitmap'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
    { flags: ['RO', 'access'], begin: { index: 3 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [
    {
      name: 'operation',
      type: 'oneof',
      args: [
        { name: 'and', type: 'pure-token', token: 'AND' },
        { name: 'or', type: 'pure-token', token: 'OR' },
        { name: 'xor', type: 'pure-token', token: 'XOR' },
        { name: 'not', type: 'pure-token', token: 'NOT' },
      ],
    },
    { name: 'destkey', type: 'key', keySpecIndex: 0 },
    { name: 'key', type: 'key', keySpecIndex: 1, multiple: true },
  ],
  replies: ['integer'],
};
