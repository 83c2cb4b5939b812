// SUBSTR: the first name of GETRANGE. https://redis.io/docs/latest/commands/substr/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runGetrange } from './getrange.ts';

export const substr: CommandSpec = {
  name: 'substr',
  group: 'string',
  since: '1.0.0',
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
  deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
  docFlags: ['deprecated'],
  run: runGetrange,
};
