// DECR: subtracts one. https://redis.io/docs/latest/commands/decr/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { addToKey } from './incr.ts';

function runDecr(call: Call): void {
  addToKey(call, -1);
}

export const decr: CommandSpec = {
  name: 'decr',
  group: 'string',
  since: '1.0.0',
  summary: 'Subtracts one from the integer a key holds, starting from zero.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runDecr,
};
