// MGET: the strings at several keys; what is missing or no string is null.
// https://redis.io/docs/latest/commands/mget/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_STRING, typeOf } from '../../structures/entry.ts';
import { replyString } from './get.ts';

function runMget(call: Call): void {
  const { count } = call.args;
  const { arena } = call.keyspace;
  call.reply.array(count - 1);
  for (let i = 1; i < count; i++) {
    const ref = call.lookupRead(i);
    const isString = ref !== NULL_REF && typeOf(arena, ref) === TYPE_STRING;
    replyString(call, isString ? ref : NULL_REF);
  }
}

export const mget: CommandSpec = {
  name: 'mget',
  group: 'string',
  since: '1.0.0',
  summary: 'Reads the strings at several keys.',
  complexity: 'O(N) where N is the number of keys to retrieve.',
  arity: -2,
  flags: ['readonly', 'fast'],
  acl: ['string'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['array'],
  tips: ['request_policy:multi_shard'],
  run: runMget,
};
