// DBSIZE

import type { CommandSpec } from '../../engine/command-spec.ts';

export const dbsize: CommandSpec = {
  name: 'dbsize',
  group: 'server',
  since: '1.0.0',
  summary: 'Counts the keys of the database.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
  replies: ['integer'],
  run(call) {
    call.reply.integer(call.db.dict.count);
  },
};
