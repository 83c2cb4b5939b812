import type { CommandSpec } from '../../engine/command-spec.ts';

export const getrangeCommand: CommandSpec = {
  name: 'getrange',
  group: 'string',
  since: '2.4.0',
  summary: 'Reads a part of a string, by the positions of its first and last byte.',
  complexity:
    'O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small strings.',
  arity: 4,
  flags: ['readonly'],
  acl: ['string'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'integer' },
    { name: 'end', type: 'integer' },
  ],
  replies: ['bulk-string'],
};
