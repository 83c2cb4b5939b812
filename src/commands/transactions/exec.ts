// EXEC

import type { CommandSpec } from '../../engine/command-spec.ts';

export const exec: CommandSpec = {
  name: 'exec',
  group: 'transactions',
  since: '1.2.0',
  summary: 'Runs the commands of the transaction, all of them and nothing in between.',
  complexity: 'Depends on commands in the transaction',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'skip_slowlog', 'not_queued', 'ends_multi', 'exec'],
  acl: ['transaction'],
  replies: ['array', 'null'],
  run(call) {
    call.engine.transactions.exec(call);
  },
};
