// PUBLISH channel message, SPUBLISH shardchannel message

import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import type { PubSub } from './pubsub.ts';

const FLAGS: readonly CommandFlag[] = ['pubsub', 'loading', 'stale', 'fast', 'may_replicate'];

/** The message, where it lies: it is copied when it is encoded. */
function messageOf(args: Args): Uint8Array {
  const offset = args.offsets[2]!;
  return args.bytes.subarray(offset, offset + args.lengths[2]!);
}

export function publishCommands(pubsub: PubSub): CommandSpec[] {
  return [
    {
      name: 'publish',
      group: 'pubsub',
      since: '2.0.0',
      summary: 'Sends a message to those who listen to a channel.',
      complexity:
        'O(N+M) where N is the number of clients subscribed to the receiving channel and M is the ' +
        'total number of subscribed patterns (by any client).',
      arity: 3,
      flags: FLAGS,
      args: [
        { name: 'channel', type: 'string' },
        { name: 'message', type: 'string' },
      ],
      replies: ['integer'],
      run(call, args) {
        const count = pubsub.publish(args.latin1(1), messageOf(args));
        call.propagateToReplicas();
        call.reply.integer(count);
      },
    },
    {
      name: 'spublish',
      group: 'pubsub',
      since: '7.0.0',
      summary: 'Sends a message to those who listen to a shard channel.',
      complexity:
        'O(N) where N is the number of clients subscribed to the receiving shard channel.',
      arity: 3,
      flags: FLAGS,
      keys: [{ flags: ['not_key'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
      args: [
        { name: 'shardchannel', type: 'string' },
        { name: 'message', type: 'string' },
      ],
      replies: ['integer'],
      run(call, args) {
        const count = pubsub.publishToShard(args.latin1(1), messageOf(args));
        call.propagateToReplicas();
        call.reply.integer(count);
      },
    },
  ];
}
