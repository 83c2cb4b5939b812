// WATCH key [key ...]

import type { CommandSpec } from '../../engine/command-spec.ts';

export const watch: CommandSpec = {
  name: 'watch',
  group: 'transactions',
  since: '2.2.0',
  summary: 'Makes the next EXEC fail when one of the keys has changed until then.',
  complexity: 'O(1) for every key.',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy', 'not_queued'],
  acl: ['transaction'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['simple-string'],
  run(call, args) {
    call.engine.transactions.watch(call, args);
  },
};
