// SETEX: a string with a lifetime in seconds. https://redis.io/docs/latest/commands/setex/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { invalidExpire } from '../../protocol/reply-errors.ts';
import { readExpiry } from './expiry-options.ts';
import { storeWithLifetime } from './set.ts';

const ERR_INVALID_EXPIRE = invalidExpire('setex');

function runSetex(call: Call): void {
  const expiryMs = readExpiry(call, 2, 1000, true, ERR_INVALID_EXPIRE);
  if (call.failed()) return;
  storeWithLifetime(call, call.lookupWrite(1), 3, expiryMs);
  call.reply.ok();
}

export const setex: CommandSpec = {
  name: 'setex',
  group: 'string',
  since: '2.0.0',
  summary: 'Stores a string together with a lifetime in seconds.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [{ flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'seconds', type: 'integer' },
    { name: 'value', type: 'string' },
  ],
  replies: ['simple-string'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `EX` argument' },
  docFlags: ['deprecated'],
  run: runSetex,
};
