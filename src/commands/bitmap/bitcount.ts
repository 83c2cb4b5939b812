import type { CommandSpec } from '../../engine/command-spec.ts';

export const bitcountCommand: CommandSpec = {
  name: 'bitcount',
  group: 'bitmap',
  since: '2.6.0',
  summary: 'Counts the bits that are set in a string or in a part of it.',
  complexity: 'O(N)',
  arity: -2,
  flags: ['readonly'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'range',
      type: 'block',
      optional: true,
      args: [
        { name: 'start', type: 'integer' },
        { name: 'end', type: 'integer' },
        {
          name: 'unit',
          type: 'oneof',
          since: '7.0.0',
          optional: true,
          args: [
            { name: 'byte', type: 'pure-token', token: 'BYTE' },
            { name: 'bit', type: 'pure-token', token: 'BIT' },
          ],
        },
      ],
    },
  ],
  replies: ['integer'],
  history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
};
