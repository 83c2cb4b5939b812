// CLIENT ID, INFO, GETNAME, SETNAME, SETINFO: what the connection is and calls itself.

import { Call } from '../../engine/call.ts';
import { describeClient } from '../../engine/client-line.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { checkClientText } from './client-name.ts';

const LIB_NAME = Call.word('LIB-NAME');
const LIB_VER = Call.word('LIB-VER');

export const clientId: CommandSpec = {
  name: 'id',
  group: 'connection',
  since: '5.0.0',
  summary: 'Gives the id of the connection.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  replies: ['integer'],
  run(call) {
    call.reply.integer(call.client.id);
  },
};

export const clientInfo: CommandSpec = {
  name: 'info',
  group: 'connection',
  since: '6.2.0',
  summary: 'Gives the line of CLIENT LIST for this connection.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  tips: ['nondeterministic_output'],
  replies: ['verbatim-string'],
  run(call) {
    call.reply.verbatim('txt', `${describeClient(call.client, call.nowMs)}\n`);
  },
};

export const clientGetname: CommandSpec = {
  name: 'getname',
  group: 'connection',
  since: '2.6.9',
  summary: 'Gives the name of the connection.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  replies: ['bulk-string', 'null'],
  run(call) {
    const { name } = call.client;
    if (name === '') call.reply.null();
    else call.reply.bulkLatin1(name);
  },
};

export const clientSetname: CommandSpec = {
  name: 'setname',
  group: 'connection',
  since: '2.6.9',
  summary: 'Names the connection.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  args: [{ name: 'connection-name', type: 'string' }],
  replies: ['simple-string'],
  run(call, args) {
    const name = args.latin1(2);
    const error = checkClientText(name, 'Client names');
    if (error !== null) {
      call.reply.error(error);
      return;
    }
    call.client.name = name;
    call.reply.ok();
  },
};

export const clientSetinfo: CommandSpec = {
  name: 'setinfo',
  group: 'connection',
  since: '7.2.0',
  summary: 'Tells the name and version of the library that the client uses.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
  args: [
    {
      name: 'attr',
      type: 'oneof',
      args: [
        { name: 'libname', type: 'string', token: 'LIB-NAME' },
        { name: 'libver', type: 'string', token: 'LIB-VER' },
      ],
    },
  ],
  replies: ['simple-string'],
  run(call, args) {
    const { client, reply } = call;
    const isName = args.is(2, LIB_NAME);
    if (!isName && !args.is(2, LIB_VER)) {
      reply.error(replyError(`ERR Unrecognized option '${args.shown(2)}'`));
      return;
    }
    const value = args.latin1(3);
    const error = checkClientText(value, args.latin1(2));
    if (error !== null) {
      reply.error(error);
      return;
    }
    if (isName) client.libName = value;
    else client.libVersion = value;
    reply.ok();
  },
};
