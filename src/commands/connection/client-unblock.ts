// CLIENT UNBLOCK id [TIMEOUT|ERROR]

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyError, wrongSubcommandUse } from '../../protocol/reply-errors.ts';

const TIMEOUT = Call.word('TIMEOUT');
const ERROR = Call.word('ERROR');
const BAD_REASON = replyError('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');

export const clientUnblock: CommandSpec = {
  name: 'unblock',
  group: 'connection',
  since: '5.0.0',
  summary: 'Wakes a client that waits in a blocking command.',
  complexity: 'O(log N) where N is the number of client connections',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  acl: ['connection'],
  args: [
    { name: 'client-id', type: 'integer' },
    {
      name: 'unblock-type',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'timeout', type: 'pure-token', token: 'TIMEOUT' },
        { name: 'error', type: 'pure-token', token: 'ERROR' },
      ],
    },
  ],
  replies: ['integer'],
  run(call, args) {
    if (args.count > 4) call.fail(wrongSubcommandUse(args.latin1(1), 'CLIENT'));
    const withError = args.count === 4 && args.is(3, ERROR);
    if (args.count === 4 && !withError && !args.is(3, TIMEOUT)) call.fail(BAD_REASON);
    const id = call.integer(2);
    if (call.failed()) return;
    const client = call.engine.clients.get(id);
    const unblocked = client?.unblock?.(withError) ?? false;
    call.reply.integer(unblocked ? 1 : 0);
  },
};
