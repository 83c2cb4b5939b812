// GETRANGE: a part of a string. https://redis.io/docs/latest/commands/getrange/ SUBSTR is its first
// name.

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

/**
 * Answers with the bytes from argument 2 to argument 3, both included; negative ones count from
 * the end.
 */
export function runGetrange(call: Call): void {
  let start = call.integer(2);
  let end = call.integer(3);
  if (call.failed()) return;
  const { strings, reply } = call;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    reply.bulk(strings.bytes, 0, 0);
    return;
  }
  if (!call.isString(ref)) return;
  strings.view(ref);
  const { length } = strings;
  const isEmpty = start < 0 && end < 0 && call.args.isGreater(2, 3);
  if (start < 0) start = Math.max(0, length + start);
  if (end < 0) end = Math.max(0, length + end);
  if (end >= length) end = length - 1;
  if (isEmpty || start > end) reply.bulk(strings.bytes, 0, 0);
  else reply.bulk(strings.bytes, strings.offset + start, end - start + 1);
}

export const getrange: CommandSpec = {
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
  run: runGetrange,
};
