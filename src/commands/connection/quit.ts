// QUIT: the connection closes when what was written has left.

import type { CommandSpec } from '../../engine/command-spec.ts';

export const quit: CommandSpec = {
  name: 'quit',
  group: 'connection',
  since: '1.0.0',
  summary: 'Closes the connection.',
  complexity: 'O(1)',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  acl: ['connection'],
  deprecated: { since: '7.2.0', replacedBy: 'just closing the connection' },
  docFlags: ['deprecated'],
  replies: ['simple-string'],
  run(call) {
    call.reply.ok();
    call.client.closing = true;
  },
};
