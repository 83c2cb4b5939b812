// ZMPOP: takes members from the first of several sorted sets that has some.
// https://redis.io/docs/latest/commands/zmpop/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { firstSet, popMembers, propagatePop, readMultiPop } from './popping.ts';

function runZmpop(call: Call): void {
  const { firstKey, lastKey, fromMax, count } = readMultiPop(call, 1);
  if (call.failed()) return;
  const i = firstSet(call, firstKey, lastKey);
  if (i === 0) call.reply.nullArray();
  if (i <= 0) return;
  const found = call.lookupQuietly(i);
  const taken = popMembers(call, i, found, fromMax, count, 'key-pairs', true);
  propagatePop(call, i, fromMax, taken);
}

export const zmpop: CommandSpec = {
  name: 'zmpop',
  group: 'sorted-set',
  since: '7.0.0',
  summary:
    'Removes and returns members, with the lowest or the highest scores, of the first sorted set that has some.',
  complexity:
    'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
  arity: -4,
  flags: ['write'],
  acl: ['sortedset'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    {
      name: 'where',
      type: 'oneof',
      args: [
        { name: 'min', type: 'pure-token', token: 'MIN' },
        { name: 'max', type: 'pure-token', token: 'MAX' },
      ],
    },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  replies: ['array', 'null'],
  run: runZmpop,
};
