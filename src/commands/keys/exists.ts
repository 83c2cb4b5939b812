// EXISTS key [key ...]: a key named twice counts twice.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

export const exists: CommandSpec = {
  name: 'exists',
  group: 'generic',
  since: '1.0.0',
  summary: 'Counts the keys that exist.',
  complexity: 'O(N) where N is the number of keys to check.',
  arity: -2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  history: [['3.0.3', 'Accepts multiple `key` arguments.']],
  replies: ['integer'],
  run(call, args) {
    let count = 0;
    for (let i = 1; i < args.count; i++) {
      if (call.lookupUntouched(i) !== NULL_REF) count++;
    }
    call.reply.integer(count);
  },
};
