import type { CommandSpec } from '../../engine/command-spec.ts';

export const bitposCommand: CommandSpec = {
  name: 'bitpos',
  group: 'bitmap',
  since: '2.8.7',
  summary: 'Finds the first bit of a string, or of a part of it, that is set or clear.',
  complexity: 'O(N)',
  arity: -3,
  flags: ['readonly'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'bit', type: 'integer' },
    {
      name: 'range',
      type: 'block',
      optional: true,
      args: [
        { name: 'start', type: 'integer' },
        {
          name: 'end-unit-block',
          type: 'block',
          optional: true,
          args: [
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
    },
  ],
  replies: ['integer'],
  history: [['7.0.0', 'Added the `BYTE|BIT` option.']],
};
