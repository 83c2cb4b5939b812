// Who listens to which channel, pattern and shard channel, and the sending of messages to them.
// Channels are kept as strings of one character a byte. The engine's clients hold their own part
// (`client.subscriptions`); both sides are changed together, here alone.
// https://redis.io/docs/latest/develop/interact/pubsub/

import { matchGlob } from '../bytes/glob.ts';
import { type Client, MODE_SUBSCRIBER } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import { Message, type Part } from './message.ts';
import { KeyspaceNotifier } from './notifier.ts';

/** Kinds of subscription: SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE. */
export type Kind = 'channels' | 'patterns' | 'shards';

const KINDS: readonly Kind[] = ['channels', 'patterns', 'shards'];

/** A pattern with its bytes and those who listen to it. */
interface PatternListeners {
  readonly bytes: Uint8Array;
  readonly clients: Set<Client>;
}

/** Memory that a channel or pattern takes besides its name and each client's share in it. */
const CHANNEL_BYTES = 192;

export class PubSub {
  #engine: Engine | null = null;
  readonly #channels: Map<string, Set<Client>> = new Map();
  readonly #shards: Map<string, Set<Client>> = new Map();
  readonly #patterns: Map<string, PatternListeners> = new Map();
  /** Bytes of all these names. */
  #nameBytes = 0;

  /** Serves the clients of an engine from now on: messages, keyspace notifications, their end. */
  attach(engine: Engine): void {
    this.#engine = engine;
    engine.releases.push((client) => this.#release(client));
    engine.events.notifier = new KeyspaceNotifier(this, engine.settings);
    engine.memory.sources.push({
      name: 'pubsub',
      usedBytes: () => this.#usedBytes(),
      countsForEviction: true,
    });
  }

  /** True when no message could reach anybody. */
  get isSilent(): boolean {
    return this.#channels.size === 0 && this.#patterns.size === 0;
  }

  #usedBytes(): number {
    const names = this.#channels.size + this.#shards.size + this.#patterns.size;
    return names * CHANNEL_BYTES + this.#nameBytes;
  }

  /** Channels, patterns or shard channels that somebody listens to. */
  count(kind: Kind): number {
    if (kind === 'patterns') return this.#patterns.size;
    return this.#of(kind).size;
  }

  /** Names of the channels that somebody listens to. */
  names(kind: 'channels' | 'shards'): IterableIterator<string> {
    return this.#of(kind).keys();
  }

  /** How many clients listen to a channel. */
  listenerCount(kind: 'channels' | 'shards', name: string): number {
    return this.#of(kind).get(name)?.size ?? 0;
  }

  #of(kind: 'channels' | 'shards'): Map<string, Set<Client>> {
    return kind === 'channels' ? this.#channels : this.#shards;
  }

  #listeners(kind: Kind, name: string): Set<Client> | undefined {
    if (kind === 'patterns') return this.#patterns.get(name)?.clients;
    return this.#of(kind).get(name);
  }

  subscribe(client: Client, kind: Kind, name: string): void {
    client.subscriptions ??= { channels: new Set(), patterns: new Set(), shards: new Set() };
    client.subscriptions[kind].add(name);
    client.modes |= MODE_SUBSCRIBER;
    const listeners = this.#listeners(kind, name);
    if (listeners !== undefined) {
      listeners.add(client);
      return;
    }
    this.#nameBytes += name.length;
    if (kind !== 'patterns') this.#of(kind).set(name, new Set([client]));
    else {
      const bytes = Buffer.from(name, 'latin1');
      this.#patterns.set(name, { bytes, clients: new Set([client]) });
    }
  }

  unsubscribe(client: Client, kind: Kind, name: string): void {
    if (client.subscriptions?.[kind].delete(name) !== true) return;
    const listeners = this.#listeners(kind, name);
    listeners?.delete(client);
    if (listeners?.size !== 0) return;
    this.#nameBytes -= name.length;
    if (kind === 'patterns') this.#patterns.delete(name);
    else this.#of(kind).delete(name);
  }

  /** A client without subscriptions is a subscriber no more. */
  leaveWhenDone(client: Client): void {
    const { subscriptions } = client;
    if (subscriptions !== null && KINDS.some((kind) => subscriptions[kind].size > 0)) return;
    client.subscriptions = null;
    client.modes &= ~MODE_SUBSCRIBER;
  }

  /** A client has ended or sent RESET. */
  #release(client: Client): void {
    const { subscriptions } = client;
    if (subscriptions === null) return;
    for (const kind of KINDS) {
      for (const name of [...subscriptions[kind]]) this.unsubscribe(client, kind, name);
    }
    this.leaveWhenDone(client);
  }

  /** Sends a message to those who listen to a channel. @returns how often it was sent. */
  publish(channel: string, text: Part): number {
    let count = this.#send(this.#channels.get(channel), ['message', channel, text]);
    if (this.#patterns.size === 0) return count;
    const bytes = Buffer.from(channel, 'latin1');
    for (const [pattern, listeners] of this.#patterns) {
      const glob = listeners.bytes;
      if (!matchGlob(glob, 0, glob.length, bytes, 0, bytes.length, false)) continue;
      count += this.#send(listeners.clients, ['pmessage', pattern, channel, text]);
    }
    return count;
  }

  /** The same for a shard channel, which patterns do not see. */
  publishToShard(channel: string, text: Part): number {
    return this.#send(this.#shards.get(channel), ['smessage', channel, text]);
  }

  #send(clients: Set<Client> | undefined, parts: readonly Part[]): number {
    if (clients === undefined) return 0;
    const message = new Message(parts);
    for (const client of clients) this.#engine?.push(client, message.bytesFor(client));
    return clients.size;
  }
}
