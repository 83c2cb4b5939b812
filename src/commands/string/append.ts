import type { CommandSpec } from '../../engine/command-spec.ts';

export const appendCommand: CommandSpec = {
  name: 'append',
  group: 'string',
  since: '2.0.0',
  summary: 'Adds bytes to the end of a string, creating the key when it is missing.',
  complexity:
    'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
};
