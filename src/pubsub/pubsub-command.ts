// PUBSUB: which channels there are, and how many listen to them.

import { matchGlob } from '../bytes/glob.ts';
import type { Call } from '../engine/call.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import { replyHelp } from '../engine/help-reply.ts';
import type { Args } from '../protocol/args.ts';
import { wrongSubcommandUse } from '../protocol/reply-errors.ts';
import type { PubSub } from './pubsub.ts';

const FLAGS: readonly CommandFlag[] = ['pubsub', 'loading', 'stale'];
const HELP = [
  'CHANNELS [<pattern>]',
  '    Return the channels that have listeners and match <pattern> (default: all).',
  'NUMPAT',
  '    Return the number of patterns that clients listen to.',
  'NUMSUB [<channel> ...]',
  '    Return the number of listeners of each channel, those of patterns left out.',
  'SHARDCHANNELS [<pattern>]',
  '    Return the shard channels that have listeners and match <pattern> (default: all).',
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of listeners of each shard channel.',
];

type ChannelKind = 'channels' | 'shards';

function listNames(pubsub: PubSub, kind: ChannelKind, call: Call, args: Args): void {
  if (args.count > 3) {
    call.reply.error(wrongSubcommandUse(args.shown(1), 'PUBSUB'));
    return;
  }
  let names = [...pubsub.names(kind)];
  if (args.count === 3) {
    const pattern = args.slice(2);
    names = names.filter((name) => {
      const bytes = Buffer.from(name, 'latin1');
      return matchGlob(pattern, 0, pattern.length, bytes, 0, bytes.length, false);
    });
  }
  call.reply.array(names.length);
  for (const name of names) call.reply.bulkLatin1(name);
}

function countListeners(pubsub: PubSub, kind: ChannelKind, call: Call, args: Args): void {
  const { reply } = call;
  reply.array((args.count - 2) * 2);
  for (let i = 2; i < args.count; i++) {
    const name = args.latin1(i);
    reply.bulkLatin1(name);
    reply.integer(pubsub.listenerCount(kind, name));
  }
}

type Facts = Pick<CommandSpec, 'name' | 'since' | 'summary' | 'complexity' | 'arity' | 'run'> &
  Partial<CommandSpec>;

function subcommand(facts: Facts): CommandSpec {
  return { group: 'pubsub', flags: FLAGS, ...facts };
}

function namesCommand(pubsub: PubSub, kind: ChannelKind): CommandSpec {
  const isShard = kind === 'shards';
  return subcommand({
    name: isShard ? 'shardchannels' : 'channels',
    since: isShard ? '7.0.0' : '2.8.0',
    summary: isShard ? 'Lists the shard channels in use.' : 'Lists the channels in use.',
    complexity: isShard
      ? 'O(N) where N is the number of active shard channels, and assuming constant time pattern ' +
        'matching (relatively short shard channels).'
      : 'O(N) where N is the number of active channels, and assuming constant time pattern ' +
        'matching (relatively short channels and patterns)',
    arity: -2,
    args: [{ name: 'pattern', type: 'pattern', optional: true }],
    replies: ['array'],
    run: (call, args) => listNames(pubsub, kind, call, args),
  });
}

function countCommand(pubsub: PubSub, kind: ChannelKind): CommandSpec {
  const isShard = kind === 'shards';
  const name = isShard ? 'shardnumsub' : 'numsub';
  return subcommand({
    name,
    since: isShard ? '7.0.0' : '2.8.0',
    summary: isShard
      ? 'Counts the listeners of shard channels.'
      : 'Counts the listeners of channels.',
    complexity: `O(N) for the ${name.toUpperCase()} subcommand, where N is the number of requested ${
      isShard ? 'shard channels' : 'channels'
    }`,
    arity: -2,
    args: [
      {
        name: isShard ? 'shardchannel' : 'channel',
        type: 'string',
        optional: true,
        multiple: true,
      },
    ],
    replies: ['array'],
    run: (call, args) => countListeners(pubsub, kind, call, args),
  });
}

export function pubsubCommand(pubsub: PubSub): CommandSpec {
  return {
    name: 'pubsub',
    group: 'pubsub',
    since: '2.8.0',
    summary: 'Container of the commands that look at publishing.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [
      namesCommand(pubsub, 'channels'),
      countCommand(pubsub, 'channels'),
      namesCommand(pubsub, 'shards'),
      countCommand(pubsub, 'shards'),
      subcommand({
        name: 'numpat',
        since: '2.8.0',
        summary: 'Counts the patterns that clients listen to.',
        complexity: 'O(1)',
        arity: 2,
        replies: ['integer'],
        run: (call) => call.reply.integer(pubsub.count('patterns')),
      }),
      subcommand({
        name: 'help',
        since: '6.2.0',
        summary: 'Explains the subcommands.',
        complexity: 'O(1)',
        arity: 2,
        flags: ['loading', 'stale'],
        replies: ['array'],
        run: (call) => replyHelp(call, 'PUBSUB', HELP),
      }),
    ],
  };
}
