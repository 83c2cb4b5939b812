// The replicas that a server feeds: who they are, what they have acknowledged, and the stream on
// its way to them. Sending happens once a turn of the event loop, for all that was written in it.

import { type Client, MODE_REPLICA } from '../engine/client.ts';
import { describeClient } from '../engine/client-line.ts';
import type { ReplicationHost } from './host.ts';
import { hostOf, Replica, type ReplicaTraits, unknownTraits } from './replica.ts';
import type { StreamBuffer } from './stream-buffer.ts';

export class Replicas {
  readonly all: Set<Replica> = new Set();
  /** Since when there are none, ms of the Unix epoch. */
  noneSinceMs: number;
  /** Called when one has acknowledged something, or has gone. */
  onAck: () => void = () => {};
  readonly #host: ReplicationHost;
  readonly #traits: WeakMap<Client, ReplicaTraits> = new WeakMap();
  #isPumpPlanned = false;
  readonly #pump = (): void => {
    this.#isPumpPlanned = false;
    let more = false;
    for (const replica of [...this.all]) {
      if (this.#isPastLimit(replica)) this.#closeForOutput(replica);
      else if (replica.pump()) more = true;
    }
    if (more) this.plan();
  };

  constructor(host: ReplicationHost) {
    this.#host = host;
    this.noneSinceMs = host.clock.nowMs();
  }

  get count(): number {
    return this.all.size;
  }

  /** What a client has said of itself as a replica to be. */
  traitsOf(client: Client): ReplicaTraits {
    let traits = this.#traits.get(client);
    if (traits === undefined) {
      traits = unknownTraits();
      this.#traits.set(client, traits);
    }
    return traits;
  }

  /** `ip:port` of a client that is or will be a replica, as the log names it. */
  nameOf(client: Client): string {
    const { port, address } = this.traitsOf(client);
    const host = address === '' ? hostOf(client) : address;
    return `${host}:${port === 0 ? '<unknown-replica-port>' : port}`;
  }

  of(client: Client): Replica | null {
    return client.replica instanceof Replica ? client.replica : null;
  }

  /** Makes a client a replica. */
  attach(client: Client, isOld: boolean): Replica {
    const onRoom = (): void => this.plan();
    const now = (): number => this.#host.clock.nowMs();
    const onReplied = (_: Replica, isError: boolean): void => this.#closeForReply(client, isError);
    const replica = new Replica(client, this.traitsOf(client), isOld, now, onRoom, onReplied);
    client.replica = replica;
    client.modes |= MODE_REPLICA;
    this.all.add(replica);
    return replica;
  }

  /** What a replica would take for the stream is not sent to it. */
  #closeForReply(client: Client, isError: boolean): void {
    const { engine, onUnexpectedError } = this.#host;
    if (isError && engine.lastError !== null) {
      onUnexpectedError('replica', client, engine.lastError);
    }
    const name = client.lastCommand?.fullName ?? '<unknown>';
    const line = describeClient(client, this.#host.clock.nowMs());
    this.#host.log(
      'warning',
      `Replica generated a reply to command '${name}', disconnecting it: ${line}`,
    );
    client.transport.close(client, false);
  }

  /** A client has gone. @returns the replica that it was, or null. */
  detach(client: Client): Replica | null {
    const replica = this.of(client);
    if (replica === null || !this.all.delete(replica)) return null;
    if (this.all.size === 0) this.noneSinceMs = this.#host.clock.nowMs();
    this.onAck();
    return replica;
  }

  /** Closes the connections of all: they come back and ask where they stand. */
  disconnectAll(): void {
    for (const { client } of [...this.all]) client.transport.close(client, false);
  }

  /** Sends what there is at the end of this turn. */
  plan(): void {
    if (this.#isPumpPlanned) return;
    this.#isPumpPlanned = true;
    this.#host.timers.soon(this.#pump);
  }

  /** The first offset that any of them still needs. */
  neededFrom(buffer: StreamBuffer): number {
    let offset = buffer.end;
    for (const replica of this.all) {
      if (replica.needsStream && replica.sentOffset < offset) offset = replica.sentOffset;
    }
    return offset;
  }

  /** How many have acknowledged the stream up to `offset`. */
  countAcks(offset: number): number {
    let count = 0;
    for (const { state, ackOffset } of this.all) {
      if (state === 'online' && ackOffset >= offset) count++;
    }
    return count;
  }

  /** How many have it on disk up to `offset`. */
  countAofAcks(offset: number): number {
    let count = 0;
    for (const { state, aofOffset } of this.all) {
      if (state === 'online' && aofOffset >= offset) count++;
    }
    return count;
  }

  /** How many have been heard of within so many seconds. */
  countGood(maxLagSeconds: number): number {
    const nowMs = this.#host.clock.nowMs();
    let count = 0;
    for (const replica of this.all) {
      if (replica.state === 'online' && lagSeconds(replica, nowMs) <= maxLagSeconds) count++;
    }
    return count;
  }

  /** The replica at an address, or null. */
  find(host: string, port: number): Replica | null {
    for (const replica of this.all) {
      if (replica.traits.port === port && replica.host.toLowerCase() === host.toLowerCase()) {
        return replica;
      }
    }
    return null;
  }

  #isPastLimit(replica: Replica): boolean {
    const { client, waitingBytes } = replica;
    if (client.closing) return false;
    const { values } = this.#host.config;
    const { hardBytes, softBytes, softSeconds } = values['client-output-buffer-limit'].replica;
    // What the backlog keeps anyway is no reason to lose a replica.
    const backlogBytes = values['repl-backlog-size'];
    if (hardBytes > 0 && waitingBytes >= Math.max(hardBytes, backlogBytes)) return true;
    if (softBytes === 0 || waitingBytes < Math.max(softBytes, backlogBytes)) {
      replica.softLimitSinceMs = 0;
      return false;
    }
    const nowMs = this.#host.clock.nowMs();
    if (replica.softLimitSinceMs === 0) replica.softLimitSinceMs = nowMs;
    return nowMs - replica.softLimitSinceMs > softSeconds * 1000;
  }

  #closeForOutput({ client }: Replica): void {
    const line = describeClient(client, this.#host.clock.nowMs());
    this.#host.log(
      'warning',
      `Client ${line} scheduled to be closed ASAP for overcoming of output buffer limits.`,
    );
    client.transport.close(client, false);
  }

  /** Closes those of which nothing was heard for `repl-timeout`. */
  closeSilent(timeoutMs: number): void {
    const nowMs = this.#host.clock.nowMs();
    for (const replica of [...this.all]) {
      if (replica.state !== 'online' || replica.isOld) continue;
      if (nowMs - replica.heardMs <= timeoutMs) continue;
      const { client } = replica;
      this.#host.log('warning', `Disconnecting timedout replica (streaming sync): ${replica.name}`);
      client.transport.close(client, false);
    }
  }
}

/** Seconds since a replica was heard of. */
export function lagSeconds(replica: Replica, nowMs: number): number {
  return Math.floor(nowMs / 1000) - Math.floor(replica.heardMs / 1000);
}
