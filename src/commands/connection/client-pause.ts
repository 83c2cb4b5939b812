// CLIENT PAUSE timeout [WRITE|ALL], CLIENT UNPAUSE

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyError, wrongSubcommandUse } from '../../protocol/reply-errors.ts';

const WRITE = Call.word('WRITE');
const ALL = Call.word('ALL');
const BAD_MODE = replyError('ERR CLIENT PAUSE mode must be WRITE or ALL');
const BAD_TIMEOUT = replyError('ERR timeout is not an integer or out of range');
const NEGATIVE_TIMEOUT = replyError('ERR timeout is negative');
const TIMEOUT_TOO_LONG = replyError('ERR timeout is out of range');
const MAX_TIME_MS = 2 ** 63;

export const clientPause: CommandSpec = {
  name: 'pause',
  group: 'connection',
  since: '3.0.0',
  summary: 'Holds the commands of clients back for a time.',
  complexity: 'O(1)',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  acl: ['connection'],
  args: [
    { name: 'timeout', type: 'integer' },
    {
      name: 'mode',
      type: 'oneof',
      since: '6.2.0',
      optional: true,
      args: [
        { name: 'write', type: 'pure-token', token: 'WRITE' },
        { name: 'all', type: 'pure-token', token: 'ALL' },
      ],
    },
  ],
  history: [['6.2.0', '`CLIENT PAUSE WRITE` mode added along with the `mode` option.']],
  replies: ['simple-string'],
  run(call, args) {
    if (args.count > 4) call.fail(wrongSubcommandUse(args.latin1(1), 'CLIENT'));
    const writesOnly = args.count === 4 && args.is(3, WRITE);
    if (args.count === 4 && !writesOnly && !args.is(3, ALL)) call.fail(BAD_MODE);
    const timeoutMs = call.integer(2, BAD_TIMEOUT);
    if (timeoutMs < 0) call.fail(NEGATIVE_TIMEOUT);
    if (timeoutMs + call.nowMs >= MAX_TIME_MS) call.fail(TIMEOUT_TOO_LONG);
    if (call.failed()) return;
    call.engine.pause.start(writesOnly ? 'write' : 'all', call.nowMs + timeoutMs, call.nowMs);
    call.reply.ok();
  },
};

export const clientUnpause: CommandSpec = {
  name: 'unpause',
  group: 'connection',
  since: '6.2.0',
  summary: 'Ends CLIENT PAUSE.',
  complexity: 'O(N) Where N is the number of paused clients',
  arity: 2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  acl: ['connection'],
  replies: ['simple-string'],
  run(call) {
    call.engine.pause.end();
    call.reply.ok();
  },
};
