import type { CommandSpec } from '../../engine/command-spec.ts';

export const setrangeCommand: CommandSpec = {
  name: 'setrange',
  group: 'string',
  since: '2.2.0',
  summary:
    'Overwrites a part of a string from an offset on, with zero bytes up to there where it is shorter.',
  complexity:
    'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'offset', type: 'integer' },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
};
