// INCRBY: adds an integer. https://redis.io/docs/latest/commands/incrby/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { addBigToKey, addToKey, bigAmount } from './incr.ts';

function runIncrby(call: Call): void {
  const amount = call.integer(2);
  if (call.failed()) return;
  const big = bigAmount(call, amount);
  if (big === null) addToKey(call, amount);
  else addBigToKey(call, big);
}

export const incrby: CommandSpec = {
  name: 'incrby',
  group: 'string',
  since: '1.0.0',
  summary: 'Adds a number to the integer a key holds, starting from zero.',
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
    { name: 'increment', type: 'integer' },
  ],
  replies: ['integer'],
  run: runIncrby,
};
