// CLIENT REPLY, NO-EVICT, NO-TOUCH: switches of the connection.

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';

const ON = Call.word('ON');
const OFF = Call.word('OFF');
const SKIP = Call.word('SKIP');

/** Reads ON or OFF in argument 2 and replies. @returns null after a syntax error. */
function readSwitch(call: Call, args: Args): boolean | null {
  const isOn = args.is(2, ON);
  if (!isOn && !args.is(2, OFF)) {
    call.reply.error(ERR_SYNTAX);
    return null;
  }
  call.reply.ok();
  return isOn;
}

const ON_OFF: CommandSpec['args'] = [
  {
    name: 'enabled',
    type: 'oneof',
    args: [
      { name: 'on', type: 'pure-token', token: 'ON' },
      { name: 'off', type: 'pure-token', token: 'OFF' },
    ],
  },
];

export const clientReply: CommandSpec = {
  name: 'reply',
  group: 'connection',
  since: '3.2.0',
  summary: 'Says whether the server replies to commands.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  args: [
    {
      name: 'action',
      type: 'oneof',
      args: [
        { name: 'on', type: 'pure-token', token: 'ON' },
        { name: 'off', type: 'pure-token', token: 'OFF' },
        { name: 'skip', type: 'pure-token', token: 'SKIP' },
      ],
    },
  ],
  replies: ['simple-string', 'none'],
  run(call, args) {
    const { client, reply } = call;
    if (args.is(2, ON)) {
      client.replyMode = 'on';
      reply.ok();
    } else if (args.is(2, OFF)) {
      client.replyMode = 'off';
    } else if (args.is(2, SKIP)) {
      if (client.replyMode !== 'off') client.replyMode = 'skip-next';
    } else {
      reply.error(ERR_SYNTAX);
    }
  },
};

export const clientNoEvict: CommandSpec = {
  name: 'no-evict',
  group: 'connection',
  since: '7.0.0',
  summary: 'Says whether the connection may be closed to free memory.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  acl: ['connection'],
  args: ON_OFF,
  replies: ['simple-string'],
  run(call, args) {
    const value = readSwitch(call, args);
    if (value === null) return;
    call.client.noEvict = value;
    call.engine.clientMemory.update(call.client);
  },
};

export const clientNoTouch: CommandSpec = {
  name: 'no-touch',
  group: 'connection',
  since: '7.2.0',
  summary: 'Says whether commands of the connection count as a use of the keys.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['noscript', 'loading', 'stale'],
  acl: ['connection'],
  args: ON_OFF,
  replies: ['simple-string'],
  run(call, args) {
    const value = readSwitch(call, args);
    if (value !== null) call.client.noTouch = value;
  },
};
