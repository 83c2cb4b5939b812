// UNWATCH

import type { CommandSpec } from '../../engine/command-spec.ts';

export const unwatch: CommandSpec = {
  name: 'unwatch',
  group: 'transactions',
  since: '2.2.0',
  summary: 'Forgets the watched keys.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  acl: ['transaction'],
  replies: ['simple-string'],
  run(call) {
    call.engine.transactions.unwatch(call);
  },
};
