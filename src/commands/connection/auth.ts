// AUTH [username] password

import type { CommandSpec } from '../../engine/command-spec.ts';
import { ERR_SYNTAX, ERR_WRONG_PASS, replyError } from '../../protocol/reply-errors.ts';

const NO_PASSWORD_SET = replyError(
  'ERR AUTH <password> called without any password configured for the default user. ' +
    'Are you sure your configuration is correct?',
);

export const auth: CommandSpec = {
  name: 'auth',
  group: 'connection',
  since: '1.0.0',
  summary: 'Authenticates the connection.',
  complexity: 'O(N) where N is the number of passwords defined for the user',
  arity: -2,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  acl: ['connection'],
  args: [
    { name: 'username', type: 'string', since: '6.0.0', optional: true },
    { name: 'password', type: 'string' },
  ],
  history: [['6.0.0', 'Added ACL style (username and password).']],
  replies: ['simple-string'],
  run(call, args) {
    if (args.count > 3) {
      call.reply.error(ERR_SYNTAX);
      return;
    }
    if (args.count === 2 && call.engine.access.isPasswordless) {
      call.reply.error(NO_PASSWORD_SET);
      return;
    }
    const user = args.count === 2 ? 'default' : args.latin1(1);
    const password = args.slice(args.count - 1);
    const { access } = call.engine;
    if (access.authenticate(call.client, user, password, args.latin1(0))) call.reply.ok();
    else call.reply.error(ERR_WRONG_PASS);
  },
};
