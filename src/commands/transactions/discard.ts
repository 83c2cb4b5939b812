// DISCARD

import type { CommandSpec } from '../../engine/command-spec.ts';

export const discard: CommandSpec = {
  name: 'discard',
  group: 'transactions',
  since: '2.0.0',
  summary: 'Ends the transaction and runs nothing of it.',
  complexity: 'O(N), when N is the number of queued commands',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'not_queued', 'ends_multi'],
  acl: ['transaction'],
  replies: ['simple-string'],
  run(call) {
    call.engine.transactions.discardCommand(call);
  },
};
