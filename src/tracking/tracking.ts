// Client-side caching: the server remembers which keys a client has read, or which prefixes it
// listens to, and tells it when they change. Messages about what a client's own command changes
// follow its reply; those of BCAST go out when the events at hand have been served.
// https://redis.io/docs/latest/develop/reference/client-side-caching/

import { latin1String } from '../bytes/ascii.ts';
import { type Client, MODE_MULTI, MODE_SUBSCRIBER } from '../engine/client.ts';
import { ClientTracking, type KeyTracker } from '../engine/client-tracking.ts';
import { type Command, FLAG_READONLY } from '../engine/command.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Engine } from '../engine/engine.ts';
import type { Watchers } from '../engine/key-events.ts';
import { findKeys, KeyList } from '../engine/key-extraction.ts';
import type { Database } from '../keyspace/database.ts';
import type { Args } from '../protocol/args.ts';
import type { Timers } from '../runtime/clock.ts';
import { brokenRedirection, Invalidation } from './invalidation.ts';
import { KeyTable } from './key-table.ts';
import { Prefixes } from './prefixes.ts';

/** Keys that a command forgets while the table is too large; more each time it stays so. */
const EVICTIONS_AT_ONCE = 100;
const MAX_NUMBER = 0x7fffffff;

/** What CLIENT TRACKING ON was given. */
export interface TrackingOptions {
  readonly redirectId: number;
  readonly isBroadcast: boolean;
  readonly isOptIn: boolean;
  readonly isOptOut: boolean;
  readonly isNoLoop: boolean;
  readonly prefixes: readonly string[];
}

/** Of a script the keys count that its commands read, not those that it was given. */
function isRead({ mask, spec }: Command): boolean {
  return (mask & FLAG_READONLY) !== 0 && spec.group !== 'scripting';
}

export class Tracking implements KeyTracker, Watchers {
  /** Clients that track. */
  clientCount = 0;
  /** `tracking-table-max-keys`, 0: no limit. */
  maxKeys = 0;
  /** Subcommands of CLIENT: what CLIENT CACHING says holds beyond them. */
  readonly clientCommands: Set<CommandSpec> = new Set();
  readonly #prefixes = new Prefixes();
  readonly #clients: Map<number, Client> = new Map();
  readonly #keys = new KeyList();
  /** What clients hear behind the reply of the command that runs; null stands for all keys. */
  readonly #pending: Map<Client, (Invalidation | null)[]> = new Map();
  #lastNumber = 0;
  /** How often in a row the table stayed too large. */
  #overrunCount = 0;
  #isWatching = false;
  #willBroadcast = false;
  #engine!: Engine;
  #table!: KeyTable;
  #timers!: Timers;

  /** Serves the clients of an engine from now on. */
  attach(engine: Engine, timers: Timers): void {
    this.#engine = engine;
    this.#timers = timers;
    this.#table = new KeyTable(engine.keyspace);
    engine.releases.push((client) => this.#release(client));
  }

  get keyCount(): number {
    return this.#table.keyCount;
  }

  get itemCount(): number {
    return this.#table.itemCount;
  }

  get prefixCount(): number {
    return this.#prefixes.count;
  }

  /** CLIENT TRACKING ON; the options have been checked. */
  enable(client: Client, options: TrackingOptions): void {
    const tracking = client.tracking ?? this.#newTracking(client);
    if (!tracking.isOn) this.clientCount++;
    tracking.isOn = true;
    tracking.isBroken = false;
    tracking.isBroadcast = options.isBroadcast;
    tracking.isOptIn = options.isOptIn;
    tracking.isOptOut = options.isOptOut;
    tracking.isNoLoop = options.isNoLoop;
    tracking.redirectId = options.redirectId;
    if (options.isBroadcast) {
      const added = options.prefixes.length > 0 ? options.prefixes : [''];
      for (const prefix of added) this.#prefixes.add(client, prefix);
      const all = new Set([...tracking.prefixes, ...added]);
      tracking.setPrefixes([...all].sort((a, b) => (a < b ? -1 : 1)));
    }
    this.#engine.tracker = this;
    this.#watch(true);
  }

  #newTracking(client: Client): ClientTracking {
    do {
      this.#lastNumber = this.#lastNumber === MAX_NUMBER ? 1 : this.#lastNumber + 1;
    } while (this.#clients.has(this.#lastNumber));
    client.tracking = new ClientTracking(this.#lastNumber);
    this.#clients.set(this.#lastNumber, client);
    return client.tracking;
  }

  /** CLIENT TRACKING OFF. The keys it has read stay in the table until they change. */
  disable(client: Client): void {
    const { tracking } = client;
    if (tracking?.isOn !== true) return;
    for (const prefix of tracking.prefixes) this.#prefixes.remove(client, prefix);
    tracking.setPrefixes([]);
    tracking.isOn = false;
    tracking.isBroken = false;
    tracking.isBroadcast = false;
    tracking.isOptIn = false;
    tracking.isOptOut = false;
    tracking.isNoLoop = false;
    tracking.hasCaching = false;
    this.clientCount--;
  }

  /** A client has ended or sent RESET. */
  #release(client: Client): void {
    if (client.tracking === null) return;
    this.disable(client);
    this.#pending.delete(client);
    if (client.closed) this.#clients.delete(client.tracking.number);
  }

  /** Hears of changed keys while there is anybody to tell or anything to forget. */
  #watch(mustWatch: boolean): void {
    if (mustWatch === this.#isWatching) return;
    this.#isWatching = mustWatch;
    if (mustWatch) this.#engine.events.addWatchers(this);
    else this.#engine.events.removeWatchers(this);
  }

  onRan(command: Command, args: Args): void {
    const client = this.#engine.executing;
    const tracking = client?.tracking ?? null;
    if (client !== null && tracking !== null && isRead(command)) {
      if (tracking.isOn && !tracking.isBroadcast) this.#rememberKeys(client, command, args);
    }
    if (this.#engine.isRunning) return;
    if (client !== null) {
      if (this.#pending.size > 0) this.#sendPending(client);
      const waits = client.hold === 'blocked' && client.unblock !== null;
      if (tracking?.hasCaching === true && !waits) this.#endCaching(client, command);
    }
    this.#limitKeys();
    if (this.clientCount > 0) return;
    this.#engine.tracker = null;
    if (this.#table.keyCount === 0) this.#watch(false);
  }

  onRefused(client: Client, command: Command | null): void {
    if (client.tracking?.hasCaching === true) this.#endCaching(client, command);
  }

  /** CLIENT CACHING holds for the next command or transaction. */
  #endCaching(client: Client, command: Command | null): void {
    if ((client.modes & MODE_MULTI) !== 0 || client.tracking === null) return;
    if (command !== null && this.clientCommands.has(command.spec)) return;
    client.tracking.hasCaching = false;
  }

  #rememberKeys(client: Client, command: Command, args: Args): void {
    const { isOptIn, isOptOut, hasCaching, number } = client.tracking!;
    if ((isOptIn && !hasCaching) || (isOptOut && hasCaching)) return;
    const keys = this.#keys;
    keys.clear();
    if (!findKeys(command.spec, args, keys)) return;
    for (const i of keys.indexes) {
      const offset = args.offsets[i]!;
      const length = args.lengths[i]!;
      if (this.#table.remember(number, args.bytes, offset, length)) continue;
      // What cannot be remembered must not be cached.
      this.#send(client, Invalidation.ofKey(args.bytes, offset, length));
    }
  }

  onChanged(_db: Database, key: Uint8Array, offset: number, length: number): void {
    const { executing, events } = this.#engine;
    if (this.#prefixes.count > 0) {
      const name = latin1String(key, offset, length);
      // What a script changes is not the caller's own change to Redis.
      const isOthers = events.isByItself || this.#engine.isInScript;
      this.#prefixes.onChanged(name, isOthers ? null : executing);
      if (this.#prefixes.hasChanges) this.#broadcastSoon();
    }
    const numbers = this.#table.take(key, offset, length);
    if (numbers === null) return;
    const message = Invalidation.ofKey(key, offset, length);
    for (const number of numbers) {
      const client = this.#listener(number);
      if (client === null) continue;
      if (client !== executing) this.#send(client, message);
      else if (client.tracking?.isNoLoop !== true) this.#keep(client, message);
    }
  }

  /** The client of a number, if it is to hear of keys that it has read. */
  #listener(number: number): Client | null {
    const client = this.#clients.get(number);
    const tracking = client?.tracking;
    return client !== undefined && tracking?.isOn === true && !tracking.isBroadcast ? client : null;
  }

  onFlushed(): void {
    const { executing, clients } = this.#engine;
    this.#table.clear();
    if (this.clientCount === 0) return;
    for (const client of clients.all()) {
      if (client.tracking?.isOn !== true) continue;
      if (client === executing) this.#keep(client, null);
      else this.#send(client, Invalidation.ofAll(client.resp3));
    }
  }

  /** Redis tells nobody of SWAPDB: keys are tracked whatever database they are in. */
  onSwapping(): void {}

  /** More than one client waits when a script is busy and others run what they may. */
  #keep(client: Client, message: Invalidation | null): void {
    const pending = this.#pending.get(client);
    if (pending === undefined) this.#pending.set(client, [message]);
    else pending.push(message);
  }

  #sendPending(client: Client): void {
    const pending = this.#pending.get(client) ?? [];
    this.#pending.delete(client);
    for (const message of pending) this.#send(client, message ?? Invalidation.ofAll(client.resp3));
  }

  #send(client: Client, message: Invalidation): void {
    const engine = this.#engine;
    const { redirectId } = client.tracking!;
    if (redirectId === 0) {
      if (client.resp3) engine.push(client, message.push);
      return;
    }
    const target = engine.clients.get(redirectId);
    if (target === undefined) {
      client.tracking!.isBroken = true;
      if (client.resp3) engine.push(client, brokenRedirection(redirectId));
    } else if (target.resp3) engine.push(target, message.push);
    else if ((target.modes & MODE_SUBSCRIBER) !== 0) engine.push(target, message.message);
  }

  #broadcastSoon(): void {
    if (this.#willBroadcast) return;
    this.#willBroadcast = true;
    this.#timers.soon(() => {
      this.#willBroadcast = false;
      this.#prefixes.broadcast((client, message) => this.#send(client, message));
    });
  }

  /** Forgets keys at random while there are more than may be; who has read them is told. */
  #limitKeys(): void {
    const table = this.#table;
    if (this.maxKeys === 0 || table.keyCount <= this.maxKeys) {
      this.#overrunCount = 0;
      return;
    }
    let effort = EVICTIONS_AT_ONCE * (this.#overrunCount + 1);
    while (table.keyCount > this.maxKeys && effort-- > 0) this.#evictKey();
    this.#overrunCount = table.keyCount > this.maxKeys ? this.#overrunCount + 1 : 0;
  }

  #evictKey(): void {
    const key = this.#table.randomKey();
    if (key === null) return;
    const message = Invalidation.ofKey(key, 0, key.length);
    for (const number of this.#table.take(key, 0, key.length) ?? []) {
      const client = this.#listener(number);
      if (client !== null) this.#send(client, message);
    }
  }

  step(mayContinue: () => boolean): boolean {
    if (this.clientCount > 0) this.#limitKeys();
    else if (this.#table.keyCount === 0) this.#watch(false);
    return this.#table.step(mayContinue);
  }

  /** Gives the table's memory back. */
  destroy(): void {
    this.#watch(false);
    this.#table.destroy();
  }
}
