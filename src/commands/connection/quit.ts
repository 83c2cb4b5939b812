// QUIT: the connection closes when what was written has left.

import type { CommandFlag, CommandSpec } from '../../engine/command-spec.ts';

const IN_ANY_MODE: readonly CommandFlag[] = ['not_queued', 'ends_multi', 'in_subscription'];

export const quit: CommandSpec = {
  name: 'quit',
  group: 'connection',
  since: '1.0.0',
  summary: 'Closes the connection.',
  complexity: 'O(1)',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy', ...IN_ANY_MODE],
  acl: ['connection'],
  deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
  docFlags: ['deprecated'],
  replies: ['simple-string'],
  run(call) {
    call.reply.ok();
    call.client.closing = true;
  },
};
