// XINFO STREAM, GROUPS, CONSUMERS, HELP. https://redis.io/docs/latest/commands/xinfo-stream/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyHelp } from '../../engine/help-reply.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NO_KEY } from '../../protocol/reply-errors.ts';
import { findGroup } from './consumers.ts';
import { noGroup } from './errors.ts';
import { replyConsumerName, replyGroupName, replyProgress } from './group-replies.ts';
import { replyId } from './ids.ts';
import { streamOf } from './replies.ts';
import { replyStreamInfo } from './stream-info.ts';

const KEY_INDEX = 2;
const GROUP_INDEX = 3;

/** The stream at the key; 0 when the error has been written. */
function findStream(call: Call): number {
  const ref = call.lookupRead(KEY_INDEX);
  if (ref !== NULL_REF) return streamOf(call, ref);
  call.reply.error(ERR_NO_KEY);
  return NULL_REF;
}

function runGroups(call: Call): void {
  const { reply } = call;
  const { groups, ids, work } = call.keyspace.values.streams;
  const stream = findStream(call);
  if (stream === NULL_REF) return;
  const count = groups.groupCount(stream);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const group = groups.groupAt(stream, i);
    reply.map(6);
    reply.bulkLatin1('name');
    replyGroupName(call, group);
    reply.bulkLatin1('consumers');
    reply.integer(groups.consumerCount(group));
    reply.bulkLatin1('pending');
    reply.integer(ids.count(groups.pendingOfGroup(group)));
    reply.bulkLatin1('last-delivered-id');
    groups.loadLastId(group, work.last);
    replyId(call, work.last);
    replyProgress(call, stream, group);
  }
}

function runConsumers(call: Call): void {
  const { args, reply, nowMs } = call;
  const { groups, ids } = call.keyspace.values.streams;
  const stream = findStream(call);
  if (stream === NULL_REF) return;
  const group = findGroup(call, stream, GROUP_INDEX);
  if (group === NULL_REF) {
    reply.error(noGroup(args.shown(GROUP_INDEX), args.shown(KEY_INDEX)));
    return;
  }
  const count = groups.consumerCount(group);
  reply.array(count);
  for (let i = 0; i < count; i++) {
    const consumer = groups.consumerAt(group, i);
    const activeMs = groups.activeTimeOf(consumer);
    reply.map(4);
    reply.bulkLatin1('name');
    replyConsumerName(call, consumer);
    reply.bulkLatin1('pending');
    reply.integer(ids.count(groups.pendingOfConsumer(consumer)));
    reply.bulkLatin1('idle');
    reply.integer(Math.max(nowMs - groups.seenTimeOf(consumer), 0));
    reply.bulkLatin1('inactive');
    reply.integer(activeMs < 0 ? activeMs : nowMs - activeMs);
  }
}

function runStream(call: Call): void {
  const stream = findStream(call);
  if (stream !== NULL_REF) replyStreamInfo(call, stream);
}

function runHelp(call: Call): void {
  replyHelp(call, 'XINFO', [
    'CONSUMERS <key> <groupname>',
    '    Show consumers of <groupname>.',
    'GROUPS <key>',
    '    Show the stream consumer groups.',
    'STREAM <key> [FULL [COUNT <count>]',
    '    Show information about the stream.',
  ]);
}

export const xinfoConsumers: CommandSpec = {
  name: 'consumers',
  group: 'stream',
  since: '5.0.0',
  summary: 'Lists the consumers of a group.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['readonly'],
  acl: ['stream'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'group', type: 'string' },
  ],
  history: [['7.2.0', 'Added the `inactive` field.']],
  replies: ['array'],
  run: runConsumers,
};

export const xinfoGroups: CommandSpec = {
  name: 'groups',
  group: 'stream',
  since: '5.0.0',
  summary: 'Lists the consumer groups of a stream.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly'],
  acl: ['stream'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  history: [['7.0.0', 'Added the `entries-read` and `lag` fields']],
  replies: ['array'],
  run: runGroups,
};

export const xinfoHelp: CommandSpec = {
  name: 'help',
  group: 'stream',
  since: '5.0.0',
  summary: 'Lists the subcommands of XINFO.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  acl: ['stream'],
  replies: ['array'],
  run: runHelp,
};

export const xinfoStream: CommandSpec = {
  name: 'stream',
  group: 'stream',
  since: '5.0.0',
  summary: 'Tells about a stream, with FULL about its groups and consumers too.',
  complexity: 'O(1)',
  arity: -3,
  flags: ['readonly'],
  acl: ['stream'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'full-block',
      type: 'block',
      optional: true,
      args: [
        { name: 'full', type: 'pure-token', token: 'FULL' },
        { name: 'count', type: 'integer', token: 'COUNT', optional: true },
      ],
    },
  ],
  history: [
    ['6.0.0', 'Added the `FULL` modifier.'],
    [
      '7.0.0',
      'Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields',
    ],
    ['7.2.0', 'Added the `active-time` field, and changed the meaning of `seen-time`.'],
  ],
  replies: ['map', 'array'],
  run: runStream,
};

export const xinfo: CommandSpec = {
  name: 'xinfo',
  group: 'stream',
  since: '5.0.0',
  summary: 'Container of the commands that tell about streams.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [xinfoConsumers, xinfoGroups, xinfoHelp, xinfoStream],
};
