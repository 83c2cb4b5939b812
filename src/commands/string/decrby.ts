// DECRBY: subtracts an integer. https://redis.io/docs/latest/commands/decrby/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { addBigToKey, addToKey, bigAmount } from './incr.ts';

const ERR_DECREMENT_OVERFLOW = replyError('ERR decrement would overflow');
const MIN_INT64 = -(2n ** 63n);

function runDecrby(call: Call): void {
  const amount = call.integer(2);
  if (call.failed()) return;
  const big = bigAmount(call, amount);
  if (big === null) addToKey(call, -amount);
  else if (big === MIN_INT64) call.reply.error(ERR_DECREMENT_OVERFLOW);
  else addBigToKey(call, -big);
}

export const decrby: CommandSpec = {
  name: 'decrby',
  group: 'string',
  since: '1.0.0',
  summary: 'Subtracts a number from the integer a key holds, starting from zero.',
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
    { name: 'decrement', type: 'integer' },
  ],
  replies: ['integer'],
  run: runDecrby,
};
