// MULTI

import type { CommandSpec } from '../../engine/command-spec.ts';

export const multi: CommandSpec = {
  name: 'multi',
  group: 'transactions',
  since: '1.2.0',
  summary: 'Begins a transaction: the commands that follow wait for EXEC.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'not_queued'],
  acl: ['transaction'],
  replies: ['simple-string'],
  run(call) {
    call.engine.transactions.begin(call);
  },
};
