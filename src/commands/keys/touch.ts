// TOUCH key [key ...]: marks the keys as used now.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

export const touch: CommandSpec = {
  name: 'touch',
  group: 'generic',
  since: '3.2.1',
  summary: 'Marks keys as used and counts those that exist.',
  complexity: 'O(N) where N is the number of keys that will be touched.',
  arity: -2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['integer'],
  run(call, args) {
    let count = 0;
    for (let i = 1; i < args.count; i++) {
      if (call.lookupRead(i) !== NULL_REF) count++;
    }
    call.reply.integer(count);
  },
};
