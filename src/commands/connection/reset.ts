// RESET: the connection is as it was when it came.

import type { CommandFlag, CommandSpec } from '../../engine/command-spec.ts';

const IN_ANY_MODE: readonly CommandFlag[] = ['not_queued', 'ends_multi', 'in_subscription'];

export const reset: CommandSpec = {
  name: 'reset',
  group: 'connection',
  since: '6.2.0',
  summary: 'Puts the connection back into the state in which it began.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy', ...IN_ANY_MODE],
  acl: ['connection'],
  replies: ['simple-string'],
  run(call) {
    const { client, engine, reply } = call;
    engine.release(client);
    client.db = call.keyspace.databases[0]!;
    client.resp3 = false;
    client.name = '';
    // CLIENT REPLY SKIP in front of it holds back this reply too.
    if (client.replyMode !== 'skip') client.replyMode = 'on';
    client.noEvict = false;
    client.noTouch = false;
    engine.access.welcome(client);
    reply.resp3 = false;
    reply.simple('RESET');
  },
};
