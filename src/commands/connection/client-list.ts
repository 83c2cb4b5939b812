// CLIENT LIST [TYPE type] [ID id ...]

import { Call } from '../../engine/call.ts';
import type { Client } from '../../engine/client.ts';
import { describeClient } from '../../engine/client-line.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { clientTypeByName, clientTypeOf } from './client-type.ts';

const TYPE = Call.word('TYPE');
const ID = Call.word('ID');
const INVALID_ID = replyError('ERR Invalid client ID');

export const clientList: CommandSpec = {
  name: 'list',
  group: 'connection',
  since: '2.4.0',
  summary: 'Lists the connections, a line each.',
  complexity: 'O(N) where N is the number of client connections',
  arity: -2,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  acl: ['connection'],
  tips: ['nondeterministic_output'],
  args: [
    {
      name: 'client-type',
      type: 'oneof',
      token: 'TYPE',
      since: '5.0.0',
      optional: true,
      args: [
        { name: 'normal', type: 'pure-token', token: 'NORMAL' },
        { name: 'master', type: 'pure-token', token: 'MASTER' },
        { name: 'replica', type: 'pure-token', token: 'REPLICA' },
        { name: 'pubsub', type: 'pure-token', token: 'PUBSUB' },
      ],
    },
    {
      name: 'client-id',
      type: 'integer',
      token: 'ID',
      since: '6.2.0',
      optional: true,
      multiple: true,
    },
  ],
  history: [
    ['2.8.12', 'Added unique client `id` field.'],
    ['5.0.0', 'Added optional `TYPE` filter.'],
    ['6.0.0', 'Added `user` field.'],
    [
      '6.2.0',
      'Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter.',
    ],
    ['7.0.0', 'Added `resp`, `multi-mem`, `rbs` and `rbp` fields.'],
    ['7.0.3', 'Added `ssub` field.'],
  ],
  replies: ['verbatim-string'],
  run(call, args) {
    const { clients } = call.engine;
    let chosen: Client[] = [...clients.all()];
    if (args.count === 4 && args.is(2, TYPE)) {
      const type = clientTypeByName(args.shown(3));
      if (type === null) call.fail(replyError(`ERR Unknown client type '${args.shown(3)}'`));
      chosen = chosen.filter((client) => clientTypeOf(client) === type);
    } else if (args.count > 3 && args.is(2, ID)) {
      chosen = [];
      for (let i = 3; i < args.count; i++) {
        const client = clients.get(call.integer(i, INVALID_ID));
        if (client !== undefined) chosen.push(client);
      }
    } else if (args.count !== 2) {
      call.fail(ERR_SYNTAX);
    }
    if (call.failed()) return;
    const lines = chosen.map((client) => `${describeClient(client, call.nowMs)}\n`);
    call.reply.verbatim('txt', lines.join(''));
  },
};
