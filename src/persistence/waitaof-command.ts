// WAITAOF numlocal numreplicas timeout: waits until the changes of this connection are on the disk
// here, and on those of so many replicas. https://redis.io/docs/latest/commands/waitaof/

import type { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { LateWait } from '../engine/late-waits.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Persistence } from './persistence.ts';

/** What the command asks of replication. */
export interface AofReplicas {
  readonly isReplica: boolean;
  /** Replicas that have an offset of the stream on their disks. */
  countAofAcks(offset: number): number;
  /** Asks the replicas how far they are. */
  requestAcks(): void;
}

const NOT_ON_REPLICA = replyError(
  'ERR WAITAOF cannot be used with replica instances. Please also note that writes to replicas ' +
    'are just local and are not propagated.',
);
const NO_AOF = replyError(
  'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.',
);
const NUMLOCAL_RANGE = replyError('ERR value is out of range, value must between 0 and 1');
const NEGATIVE = replyError('ERR value is out of range, must be positive');
const MAX_LONG = 2 ** 63;

interface Request {
  /** What must be on the disk here: a count of AofLog, and an offset of the stream. */
  readonly bytes: number;
  readonly offset: number;
  readonly localCount: number;
  readonly replicaCount: number;
}

interface Waiting {
  readonly request: Request;
  readonly wait: LateWait;
}

/** Clients that wait in WAITAOF. */
export class AofWaits {
  #waiting: Waiting[] = [];
  readonly #persistence: Persistence;
  readonly #replicas: () => AofReplicas;

  constructor(persistence: Persistence, replicas: () => AofReplicas) {
    this.#persistence = persistence;
    this.#replicas = replicas;
  }

  /** Something has reached a disk, or the append-only file has been switched on or off. */
  serve(): void {
    if (this.#waiting.length === 0) return;
    const isOff = this.#persistence.aof.state === 'off';
    for (const { request, wait } of this.#waiting) {
      if (wait.isOver) continue;
      if (isOff && request.localCount > 0) wait.settle((reply) => reply.error(NO_AOF));
      else if (this.#isServed(request)) wait.settle((reply) => this.#write(reply, request));
    }
    this.#waiting = this.#waiting.filter(({ wait }) => !wait.isOver);
  }

  #localCount({ bytes }: Request): number {
    const { aof } = this.#persistence;
    return aof.state === 'on' && aof.log.syncedBytes >= bytes ? 1 : 0;
  }

  #replicaCount({ offset }: Request): number {
    return this.#replicas().countAofAcks(offset);
  }

  #isServed(request: Request): boolean {
    const isLocal = this.#localCount(request) >= request.localCount;
    return isLocal && this.#replicaCount(request) >= request.replicaCount;
  }

  #write(reply: ReplyWriter, request: Request): void {
    reply.array(2);
    reply.integer(this.#localCount(request));
    reply.integer(this.#replicaCount(request));
  }

  run(call: Call): void {
    const { client, reply, engine, command } = call;
    const localCount = call.integerIn(1, 0, 1, NUMLOCAL_RANGE);
    const replicaCount = call.integerIn(2, 0, MAX_LONG, NEGATIVE);
    const timeoutMs = call.timeoutMsInteger(3);
    if (call.failed()) return;
    const replicas = this.#replicas();
    const { aof } = this.#persistence;
    if (replicas.isReplica) {
      reply.error(NOT_ON_REPLICA);
      return;
    }
    if (localCount > 0 && aof.state === 'off') {
      reply.error(NO_AOF);
      return;
    }
    const request: Request = {
      bytes: client.aofOffset,
      offset: client.writeOffset,
      localCount,
      replicaCount,
    };
    if (this.#isServed(request) || !call.mayBlock) {
      this.#write(reply, request);
      return;
    }
    const wait = engine.lateWaits.add(client, command, timeoutMs, (late) => {
      this.#write(late, request);
    });
    this.#waiting.push({ request, wait });
    if (replicaCount > 0) replicas.requestAcks();
  }
}

export function waitaofCommand(waits: () => AofWaits): CommandSpec {
  return {
    name: 'waitaof',
    group: 'generic',
    since: '7.2.0',
    summary: 'Waits until the changes of this connection are on the disks of so many servers.',
    complexity: 'O(1)',
    arity: 4,
    flags: ['noscript'],
    acl: ['connection'],
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
    args: [
      { name: 'numlocal', type: 'integer' },
      { name: 'numreplicas', type: 'integer' },
      { name: 'timeout', type: 'integer' },
    ],
    replies: ['array'],
    run: (call) => waits().run(call),
  };
}
