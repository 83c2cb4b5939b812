// CLIENT CACHING YES|NO: whether the keys of the next command are tracked.

import { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import { ERR_SYNTAX, replyError } from '../protocol/reply-errors.ts';

const YES = Call.word('YES');
const NO = Call.word('NO');
const NOT_TRACKING = replyError(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or ' +
    'OPTOUT mode enabled',
);
const YES_WITHOUT_OPTIN = replyError(
  'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
);
const NO_WITHOUT_OPTOUT = replyError(
  'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
);

export function cachingCommand(): CommandSpec {
  return {
    name: 'caching',
    group: 'connection',
    since: '6.0.0',
    summary: 'Says whether the keys of the next command are tracked.',
    complexity: 'O(1)',
    arity: 3,
    flags: ['noscript', 'loading', 'stale'],
    acl: ['connection'],
    args: [
      {
        name: 'mode',
        type: 'oneof',
        args: [
          { name: 'yes', type: 'pure-token', token: 'YES' },
          { name: 'no', type: 'pure-token', token: 'NO' },
        ],
      },
    ],
    replies: ['simple-string'],
    run(call, args) {
      const { reply } = call;
      const { tracking } = call.client;
      if (tracking?.isOn !== true) {
        reply.error(NOT_TRACKING);
        return;
      }
      const isYes = args.is(2, YES);
      if (!isYes && !args.is(2, NO)) reply.error(ERR_SYNTAX);
      else if (isYes && !tracking.isOptIn) reply.error(YES_WITHOUT_OPTIN);
      else if (!isYes && !tracking.isOptOut) reply.error(NO_WITHOUT_OPTOUT);
      else {
        tracking.hasCaching = true;
        reply.ok();
      }
    },
  };
}
