import type { CommandSpec } from '../../engine/command-spec.ts';

export const setbitCommand: CommandSpec = {
  name: 'setbit',
  group: 'bitmap',
  since: '2.2.0',
  summary:
    'Sets or clears one bit of a string, and answers with what it was; the string grows where needed.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['bitmap'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'offset', type: 'integer' },
    { name: 'value', type: 'integer' },
  ],
  replies: ['integer'],
};
