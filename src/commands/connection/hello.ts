// HELLO [protover [AUTH username password] [SETNAME clientname]]

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NO_PROTO, ERR_WRONG_PASS, replyError } from '../../protocol/reply-errors.ts';
import { checkClientText } from './client-name.ts';

const AUTH = Call.word('AUTH');
const SETNAME = Call.word('SETNAME');
const BAD_VERSION = replyError('ERR Protocol version is not an integer or out of range');
const NOT_AUTHENTICATED = replyError(
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO ' +
    '<proto> AUTH <user> <pass> option can be used to authenticate the client and select the ' +
    'RESP protocol version at the same time',
);

interface Options {
  credentials: { readonly user: string; readonly password: Uint8Array } | null;
  name: string | null;
}

/** Reads the options behind the version; an error is kept in the call. */
function readOptions(call: Call, args: Args): Options {
  const options: Options = { credentials: null, name: null };
  for (let i = 2; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (more >= 2 && args.is(i, AUTH)) {
      options.credentials = { user: args.latin1(i + 1), password: args.slice(i + 2) };
      i += 2;
    } else if (more >= 1 && args.is(i, SETNAME)) {
      options.name = args.latin1(++i);
      const error = checkClientText(options.name, 'Client names');
      if (error !== null) call.fail(error);
    } else {
      call.fail(replyError(`ERR Syntax error in HELLO option '${args.shown(i)}'`));
    }
  }
  return options;
}

function writeGreeting(call: Call): void {
  const { reply, client, engine } = call;
  reply.resp3 = client.resp3;
  reply.map(7);
  reply.bulkText('server');
  reply.bulkText('redis');
  reply.bulkText('version');
  reply.bulkText(engine.version);
  reply.bulkText('proto');
  reply.integer(client.resp3 ? 3 : 2);
  reply.bulkText('id');
  reply.integer(client.id);
  reply.bulkText('mode');
  reply.bulkText('standalone');
  reply.bulkText('role');
  reply.bulkText(engine.role === null ? 'master' : engine.role.name);
  reply.bulkText('modules');
  reply.array(0);
}

export const hello: CommandSpec = {
  name: 'hello',
  group: 'connection',
  since: '6.0.0',
  summary: 'Greets the server: chooses the protocol, authenticates, names the connection.',
  complexity: 'O(1)',
  arity: -1,
  flags: ['noscript', 'loading', 'stale', 'fast', 'no_auth', 'allow_busy'],
  acl: ['connection'],
  args: [
    {
      name: 'arguments',
      type: 'block',
      optional: true,
      args: [
        { name: 'protover', type: 'integer' },
        {
          name: 'auth',
          type: 'block',
          token: 'AUTH',
          optional: true,
          args: [
            { name: 'username', type: 'string' },
            { name: 'password', type: 'string' },
          ],
        },
        { name: 'clientname', type: 'string', token: 'SETNAME', optional: true },
      ],
    },
  ],
  history: [
    [
      '6.2.0',
      "`protover` made optional; when called without arguments the command reports the current connection's context.",
    ],
  ],
  replies: ['map'],
  run(call, args) {
    const { client } = call;
    let version = 0;
    if (args.count >= 2) {
      version = call.integer(1, BAD_VERSION);
      if (version < 2 || version > 3) call.fail(ERR_NO_PROTO);
    }
    const options = readOptions(call, args);
    if (call.failed()) return;
    const { credentials } = options;
    if (credentials !== null) {
      const { user, password } = credentials;
      if (!call.engine.access.authenticate(client, user, password, args.latin1(0))) {
        call.reply.error(ERR_WRONG_PASS);
        return;
      }
    }
    if (!client.authenticated) {
      call.reply.error(NOT_AUTHENTICATED);
      return;
    }
    if (options.name !== null) client.name = options.name;
    if (version !== 0) client.resp3 = version === 3;
    writeGreeting(call);
  },
};
