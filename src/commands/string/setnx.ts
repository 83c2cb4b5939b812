// SETNX: stores a string at a key that is not there. https://redis.io/docs/latest/commands/setnx/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { storeString } from './set.ts';

function runSetnx(call: Call): void {
  const found = call.lookupWrite(1);
  if (found === NULL_REF) storeString(call, found, 2, NO_EXPIRY, false);
  call.reply.integer(found === NULL_REF ? 1 : 0);
}

export const setnx: CommandSpec = {
  name: 'setnx',
  group: 'string',
  since: '1.0.0',
  summary: 'Stores a string unless the key exists.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['OW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `NX` argument' },
  docFlags: ['deprecated'],
  run: runSetnx,
};
