// BZMPOP: ZMPOP that waits while no key has members. https://redis.io/docs/latest/commands/bzmpop/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { TYPE_ZSET } from '../../structures/entry.ts';
import { firstSet, popMembers, propagatePop, readMultiPop } from './popping.ts';

function runBzmpop(call: Call): void {
  const { firstKey, lastKey, fromMax, count } = readMultiPop(call, 2);
  const timeoutMs = call.timeoutMs(1);
  if (call.failed()) return;
  const i = firstSet(call, firstKey, lastKey);
  if (i < 0) return;
  if (i > 0) {
    const found = call.lookupQuietly(i);
    const taken = popMembers(call, i, found, fromMax, count, 'key-pairs', true);
    propagatePop(call, i, fromMax, taken);
  } else if (call.mayBlock) call.block(TYPE_ZSET, firstKey, lastKey, timeoutMs);
  else call.reply.nullArray();
}

export const bzmpop: CommandSpec = {
  name: 'bzmpop',
  group: 'sorted-set',
  since: '7.0.0',
  summary:
    'Removes and returns members of the first sorted set that has some; waits while none has.',
  complexity:
    'O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set, and M being the number of elements popped.',
  arity: -5,
  flags: ['write', 'blocking'],
  acl: ['sortedset'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 2 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'timeout', type: 'double' },
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
  run: runBzmpop,
};
