// SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE and their counterparts: one reply, a push, for each name.

import type { Call } from '../engine/call.ts';
import { type Client, MODE_MULTI } from '../engine/client.ts';
import type { CommandFlag, CommandSpec, KeySpec } from '../engine/command-spec.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { Kind, PubSub } from './pubsub.ts';

const FLAGS: readonly CommandFlag[] = [
  'pubsub',
  'noscript',
  'loading',
  'stale',
  'in_subscription',
  'replies_by_push',
];
/** Shard channels have slots as keys do. */
const SHARD_KEYS: readonly KeySpec[] = [
  { flags: ['not_key'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
];

/** Subscriptions that a reply counts: channels and patterns together, shard channels apart. */
function countedFor({ subscriptions }: Client, kind: Kind): number {
  if (subscriptions === null) return 0;
  const { channels, patterns, shards } = subscriptions;
  return kind === 'shards' ? shards.size : channels.size + patterns.size;
}

/** @param name null when there was nothing to end. */
function writeChange(call: Call, word: string, kind: Kind, name: string | null): void {
  const { reply, client } = call;
  reply.push(3);
  reply.bulkLatin1(word);
  if (name === null) reply.null();
  else reply.bulkLatin1(name);
  reply.integer(countedFor(client, kind));
}

type Facts = Pick<CommandSpec, 'since' | 'summary' | 'complexity'> & {
  readonly name: string;
  readonly kind: Kind;
};

const ARGUMENT = { channels: 'channel', patterns: 'pattern', shards: 'shardchannel' } as const;

function argumentOf(kind: Kind): { name: string; type: 'pattern' | 'string'; multiple: true } {
  const type = kind === 'patterns' ? 'pattern' : 'string';
  return { name: ARGUMENT[kind], type, multiple: true };
}

function subscribing(pubsub: PubSub, { kind, ...facts }: Facts): CommandSpec {
  const refusal = replyError(
    `ERR ${facts.name.toUpperCase()} isn't allowed for a DENY BLOCKING client`,
  );
  return {
    ...facts,
    group: 'pubsub',
    arity: -2,
    flags: FLAGS,
    args: [argumentOf(kind)],
    ...(kind === 'shards' ? { keys: SHARD_KEYS } : {}),
    run(call, args) {
      const { client } = call;
      // For where each command must have one reply; in transactions it was always allowed.
      const isInMulti = kind !== 'shards' && (client.modes & MODE_MULTI) !== 0;
      if (!call.mayBlock && !isInMulti) {
        call.reply.error(refusal);
        return;
      }
      for (let i = 1; i < args.count; i++) {
        const name = args.latin1(i);
        pubsub.subscribe(client, kind, name);
        writeChange(call, facts.name, kind, name);
      }
    },
  };
}

function unsubscribing(pubsub: PubSub, { kind, ...facts }: Facts): CommandSpec {
  return {
    ...facts,
    group: 'pubsub',
    arity: -1,
    flags: FLAGS,
    args: [{ ...argumentOf(kind), optional: true }],
    ...(kind === 'shards' ? { keys: SHARD_KEYS } : {}),
    run(call, args) {
      const { client } = call;
      const names: (string | null)[] = [];
      for (let i = 1; i < args.count; i++) names.push(args.latin1(i));
      if (args.count === 1) names.push(...(client.subscriptions?.[kind] ?? []));
      if (names.length === 0) names.push(null);
      for (const name of names) {
        if (name !== null) pubsub.unsubscribe(client, kind, name);
        writeChange(call, facts.name, kind, name);
      }
      pubsub.leaveWhenDone(client);
    },
  };
}

/** The six commands over one PubSub. */
export function subscriptionCommands(pubsub: PubSub): CommandSpec[] {
  return [
    subscribing(pubsub, {
      name: 'subscribe',
      kind: 'channels',
      since: '2.0.0',
      summary: 'Listens to channels.',
      complexity: 'O(N) where N is the number of channels to subscribe to.',
    }),
    subscribing(pubsub, {
      name: 'psubscribe',
      kind: 'patterns',
      since: '2.0.0',
      summary: 'Listens to all channels that match patterns.',
      complexity: 'O(N) where N is the number of patterns to subscribe to.',
    }),
    subscribing(pubsub, {
      name: 'ssubscribe',
      kind: 'shards',
      since: '7.0.0',
      summary: 'Listens to shard channels.',
      complexity: 'O(N) where N is the number of shard channels to subscribe to.',
    }),
    unsubscribing(pubsub, {
      name: 'unsubscribe',
      kind: 'channels',
      since: '2.0.0',
      summary: 'Listens to channels no more.',
      complexity: 'O(N) where N is the number of channels to unsubscribe.',
    }),
    unsubscribing(pubsub, {
      name: 'punsubscribe',
      kind: 'patterns',
      since: '2.0.0',
      summary: 'Listens to what matches patterns no more.',
      complexity: 'O(N) where N is the number of patterns to unsubscribe.',
    }),
    unsubscribing(pubsub, {
      name: 'sunsubscribe',
      kind: 'shards',
      since: '7.0.0',
      summary: 'Listens to shard channels no more.',
      complexity: 'O(N) where N is the number of shard channels to unsubscribe.',
    }),
  ];
}
