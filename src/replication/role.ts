// What a server's part in replication forbids: writes on a replica, writes with too few replicas,
// stale reads. Stands in the engine's checks only while there is something to forbid.

import type { Call } from '../engine/call.ts';
import type { Role } from '../engine/checks.ts';
import type { Client } from '../engine/client.ts';
import { type Command, FLAG_NO_ASYNC_LOADING, FLAG_STALE, FLAG_WRITE } from '../engine/command.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_LOADING, type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { Replication } from './replication.ts';

const READ_ONLY = replyError("READONLY You can't write against a read only replica.");
const TOO_FEW_REPLICAS = replyError('NOREPLICAS Not enough good replicas to write.');
const MASTER_DOWN = replyError(
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);

const UNWRITABLE = 'Replica is applying a command even though it is unable to write to disk.';
const TELL_EVERY_MS = 10_000;

export class ServerRole implements Role {
  name: 'master' | 'replica' = 'master';
  /** Replicas that were heard of lately; counted where a number of them is wanted. */
  goodCount = 0;
  #isReadOnly = false;
  isStale = false;
  #neededCount = 0;
  #unwritableToldMs = 0;
  readonly #replication: Replication;

  constructor(replication: Replication) {
    this.#replication = replication;
  }

  /** The options, the role or the state of the link have changed. */
  update(): void {
    const { server, link } = this.#replication;
    const { engine, config } = server;
    const { values } = config;
    const isReplica = link !== null;
    this.name = isReplica ? 'replica' : 'master';
    this.#isReadOnly = values['replica-read-only'];
    this.isStale =
      link !== null && link.state !== 'connected' && !values['replica-serve-stale-data'];
    const maxLag = values['min-replicas-max-lag'];
    this.#neededCount = isReplica || maxLag === 0 ? 0 : values['min-replicas-to-write'];
    this.countGood();
    engine.role = isReplica || this.#neededCount > 0 ? this : null;
    engine.memory.isIgnored = isReplica && values['replica-ignore-maxmemory'];
    // Only the master decides that a key has expired.
    engine.keyspace.deletesExpired = !isReplica && engine.pause.kind === null;
  }

  countGood(): void {
    if (this.#neededCount === 0) return;
    const { replicas, server } = this.#replication;
    this.goodCount = replicas.countGood(server.config.values['min-replicas-max-lag']);
  }

  onChanged(call: Call, command: Command, args: Args): void {
    // What an append-only file changes on a replica that only reads its master has set, too.
    if (this.name === 'replica' && !this.#isReadOnly && !call.client.isMaster) {
      this.#replication.ownExpiry.onChanged(call, command, args);
    }
  }

  onUnwritable(): void {
    const { server } = this.#replication;
    if (!server.config.values['replica-ignore-disk-write-errors']) {
      server.panic('Replica was unable to write command to disk.');
      return;
    }
    const nowMs = server.clock.nowMs();
    if (nowMs <= this.#unwritableToldMs + TELL_EVERY_MS) return;
    this.#unwritableToldMs = nowMs;
    server.log('warning', UNWRITABLE);
  }

  get writeRefusal(): ReplyError | null {
    if (this.name === 'replica') return this.#isReadOnly ? READ_ONLY : null;
    return this.goodCount < this.#neededCount ? TOO_FEW_REPLICAS : null;
  }

  refusal(_client: Client, flags: number): ReplyError | null {
    const isWrite = (flags & FLAG_WRITE) !== 0;
    const { writeRefusal } = this;
    if (isWrite && writeRefusal !== null) return writeRefusal;
    if (this.name === 'master') return null;
    // A key that is written to where it has expired must not be there twice.
    const { keyspace, pause, isLoadingAside } = this.#replication.server.engine;
    keyspace.deletesExpired = isWrite && pause.kind === null;
    if (this.isStale && (flags & FLAG_STALE) === 0) return MASTER_DOWN;
    if (isLoadingAside && (flags & FLAG_NO_ASYNC_LOADING) !== 0) return ERR_LOADING;
    return null;
  }
}
