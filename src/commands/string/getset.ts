// GETSET: stores a string and answers with the old one.
// https://redis.io/docs/latest/commands/getset/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyString } from './get.ts';
import { storeString } from './set.ts';

function runGetset(call: Call): void {
  const found = call.lookupRead(1);
  if (found !== NULL_REF && !call.isString(found)) return;
  replyString(call, found);
  storeString(call, found, 2, NO_EXPIRY, false);
  if (call.propagates) call.propagateAs(['SET', call.args.slice(1), call.args.slice(2)]);
}

export const getset: CommandSpec = {
  name: 'getset',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string and answers with the one that was there before.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'value', type: 'string' },
  ],
  replies: ['bulk-string', 'null'],
  deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
  docFlags: ['deprecated'],
  run: runGetset,
};
