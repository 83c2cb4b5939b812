// PSETEX: a string with a lifetime in milliseconds. https://redis.io/docs/latest/commands/psetex/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { invalidExpire } from '../../protocol/reply-errors.ts';
import { readExpiry } from './expiry-options.ts';
import { storeWithLifetime } from './set.ts';

const ERR_INVALID_EXPIRE = invalidExpire('psetex');

function runPsetex(call: Call): void {
  const expiryMs = readExpiry(call, 2, 1, true, ERR_INVALID_EXPIRE);
  if (call.failed()) return;
  storeWithLifetime(call, call.lookupWrite(1), 3, expiryMs);
  call.reply.ok();
}

export const psetex: CommandSpec = {
  name: 'psetex',
  group: 'string',
  since: '2.6.0',
  summary: 'Stores a string together with a lifetime in milliseconds.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [{ flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'milliseconds', type: 'integer' },
    { name: 'value', type: 'string' },
  ],
  replies: ['simple-string'],
  deprecated: { since: '2.6.12', replacedBy: '`SET` with the `PX` argument' },
  docFlags: ['deprecated'],
  run: runPsetex,
};
