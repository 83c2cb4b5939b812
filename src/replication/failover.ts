// FAILOVER: a master hands its role to a replica without losing a write. It pauses writes, waits
// until the replica has all, becomes its replica and asks it (PSYNC ... FAILOVER) to be master.
// https://redis.io/docs/latest/commands/failover/

import type { Replica } from './replica.ts';
import type { Replication } from './replication.ts';

type FailoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress';

export interface FailoverTarget {
  readonly host: string;
  readonly port: number;
}

export class Failover {
  /** As INFO tells it. */
  state: FailoverState = 'no-failover';
  #target: FailoverTarget | null = null;
  /** ms of the Unix epoch, 0: it waits for ever. */
  #deadlineMs = 0;
  #isForced = false;
  readonly #replication: Replication;

  constructor(replication: Replication) {
    this.#replication = replication;
  }

  get isInProgress(): boolean {
    return this.state === 'failover-in-progress';
  }

  get isTimed(): boolean {
    return this.#deadlineMs !== 0;
  }

  /**
   * Begins.
   * @param target the replica, or null for the first that has all.
   * @param timeoutMs after which it is given up or forced, 0: never.
   */
  begin(target: FailoverTarget | null, timeoutMs: number, isForced: boolean): void {
    const { server } = this.#replication;
    this.#target = target;
    this.#deadlineMs = timeoutMs === 0 ? 0 : server.clock.nowMs() + timeoutMs;
    this.#isForced = isForced;
    this.state = 'waiting-for-sync';
    const name = target === null ? 'any replica' : `${target.host}:${target.port}`;
    server.log('notice', `FAILOVER requested to ${name}.`);
    server.engine.pause.hold('failover');
  }

  /** Gives it up; this server stays, or is again, the master. */
  abort(reason: string): void {
    if (this.state === 'no-failover') return;
    const target = this.#target;
    const name = target === null ? 'any replica' : `${target.host}:${target.port}`;
    this.#replication.server.log('notice', `FAILOVER to ${name} aborted: ${reason}`);
    if (this.isInProgress) this.#replication.becomeMaster();
    this.#clear();
  }

  #clear(): void {
    this.state = 'no-failover';
    this.#deadlineMs = 0;
    this.#isForced = false;
    this.#target = null;
    this.#replication.server.engine.pause.release('failover');
  }

  /** The new master has answered. */
  onAnswer(isAccepted: boolean): void {
    if (!this.isInProgress) return;
    if (isAccepted) this.#clear();
    else this.abort('Failover target rejected psync request');
  }

  /** Looks whether it is time: to be called several times a second. */
  tick(): void {
    if (this.state !== 'waiting-for-sync') return;
    const { server, offset } = this.#replication;
    if (this.#deadlineMs !== 0 && this.#deadlineMs <= server.clock.nowMs()) {
      const target = this.#target;
      if (!this.#isForced || target === null) {
        this.abort('Replica never caught up before timeout');
        return;
      }
      const text = `FAILOVER to ${target.host}:${target.port} time out exceeded, failing over.`;
      server.log('notice', text);
      this.#handOver(target);
      return;
    }
    const replica = this.#findUpToDate(offset);
    if (replica === null) return;
    const target = this.#target ?? { host: replica.host, port: replica.traits.port };
    this.#target = target;
    const text = `Failover target ${target.host}:${target.port} is synced, failing over.`;
    server.log('notice', text);
    this.#handOver(target);
  }

  #findUpToDate(offset: number): Replica | null {
    const { replicas } = this.#replication;
    if (this.#target !== null) {
      const replica = replicas.find(this.#target.host, this.#target.port);
      return replica !== null && replica.ackOffset === offset ? replica : null;
    }
    for (const replica of replicas.all) if (replica.ackOffset === offset) return replica;
    return null;
  }

  #handOver({ host, port }: FailoverTarget): void {
    this.state = 'failover-in-progress';
    this.#replication.follow(host, port);
  }
}
