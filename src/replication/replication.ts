// Replication of one server: what it is (master or replica), where its data set stands in which
// history, the stream for its replicas and the link to its master. A journal of the engine: what
// clients change becomes the stream; on a replica the stream is what its own master sent.
// https://redis.io/docs/latest/operate/oss_and_stack/management/replication/

import type { Client } from '../engine/client.ts';
import { type Journal, TO_REPLICAS } from '../engine/propagation.ts';
import { replyError } from '../protocol/reply-errors.ts';
import { Failover } from './failover.ts';
import { FullSync } from './full-sync.ts';
import { encodeCommand } from './handshake.ts';
import { History } from './history.ts';
import type { ReplicationHost, StreamPosition } from './host.ts';
import { MasterLink } from './master-link.ts';
import { OwnExpiry } from './own-expiry.ts';
import type { Replica } from './replica.ts';
import { lagSeconds, Replicas } from './replicas.ts';
import { ServerRole } from './role.ts';
import { StreamBuffer } from './stream-buffer.ts';
import { Waits } from './waits.ts';

const MS_PER_SECOND = 1000;
const MULTI: Uint8Array = encodeCommand(['MULTI']);
const EXEC: Uint8Array = encodeCommand(['EXEC']);
const PING: Uint8Array = encodeCommand(['PING']);
const GETACK: Uint8Array = encodeCommand(['REPLCONF', 'GETACK', '*']);
const NO_DB = -1;
const ROLE_CHANGED = replyError(
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
);

export class Replication implements Journal {
  readonly target: number = TO_REPLICAS;
  readonly server: ReplicationHost;
  readonly history: History;
  readonly replicas: Replicas;
  readonly fullSync: FullSync;
  readonly waits: Waits;
  readonly failover: Failover;
  ownExpiry!: OwnExpiry;
  /** The link to the master, null for a master. */
  link: MasterLink | null = null;
  buffer: StreamBuffer | null = null;
  /** Offset up to which the own AOF is on disk, for acknowledgements; -1 without one. */
  aofOffset = -1;
  /** The stream's offset while there is no buffer that counts it. */
  #restingOffset = 0;
  /** Database that the stream has selected. */
  #selectedDb = NO_DB;
  /** The tick of the start has nobody to ping. */
  #ticks = 1;
  #ackIsPlanned = false;
  readonly #role: ServerRole;

  constructor(server: ReplicationHost) {
    this.server = server;
    this.history = new History(server.random);
    this.replicas = new Replicas(server);
    this.fullSync = new FullSync(server, this.replicas, this);
    this.waits = new Waits(this);
    this.failover = new Failover(this);
    this.replicas.onAck = () => this.waits.serve();
    this.#role = new ServerRole(this);
  }

  /** The engine is there: replication takes its part in it. */
  attach(): void {
    const { config, engine } = this.server;
    this.ownExpiry = new OwnExpiry(engine.keyspace);
    config.follow(
      [
        'replica-read-only',
        'min-replicas-to-write',
        'min-replicas-max-lag',
        'replica-serve-stale-data',
        'replica-ignore-maxmemory',
      ],
      () => this.#role.update(),
    );
    config.follow(['repl-backlog-size'], () => {
      if (this.buffer !== null) this.buffer.backlogBytes = config.values['repl-backlog-size'];
      this.#trim();
    });
    engine.releases.push((client) => this.#onGone(client));
    engine.memory.sources.push(
      {
        name: 'replication.backlog',
        usedBytes: () => this.#backlogBytes(),
        countsForEviction: true,
      },
      {
        name: 'replication.buffers',
        // Without replicas all that is kept is backlog.
        usedBytes: () =>
          this.replicas.count === 0 ? 0 : (this.buffer?.usedBytes ?? 0) - this.#backlogBytes(),
        countsForEviction: false,
      },
    );
  }

  /** Bytes of the stream up to now: Redis's master_repl_offset. */
  get offset(): number {
    return this.buffer?.end ?? this.#restingOffset;
  }

  get isReplica(): boolean {
    return this.link !== null;
  }

  /** Whether the link to the master is up; true for a master. */
  get isLinkUp(): boolean {
    return this.link === null || this.link.state === 'connected';
  }

  // --- the stream

  append(dbId: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.link !== null || this.buffer === null) return;
    if (dbId !== this.#selectedDb) {
      this.#selectedDb = dbId;
      const select = encodeCommand(['SELECT', String(dbId)]);
      this.buffer.append(select, 0, select.length);
    }
    this.#feed(bytes, start, end);
  }

  begin(): void {
    if (this.link === null && this.buffer !== null) this.#feed(MULTI, 0, MULTI.length);
  }

  end(): void {
    if (this.link === null && this.buffer !== null) this.#feed(EXEC, 0, EXEC.length);
  }

  /** Tells the replicas a command that changes nothing here. */
  say(parts: readonly Uint8Array[]): void {
    this.#say(encodeCommand(parts));
  }

  /** Adds to the stream what is in no database. */
  #say(bytes: Uint8Array): void {
    if (this.buffer !== null && this.link === null) this.#feed(bytes, 0, bytes.length);
  }

  #feed(bytes: Uint8Array, start: number, end: number): void {
    const { buffer } = this;
    if (buffer === null) return;
    buffer.append(bytes, start, end);
    this.server.engine.propagation.streamOffset = buffer.end;
    if (this.replicas.count > 0) this.replicas.plan();
    this.#trim();
  }

  #trim(): void {
    const { buffer } = this;
    if (buffer?.isOverfull) buffer.trim(this.replicas.neededFrom(buffer));
  }

  /** Bytes that are kept for replicas which come back. */
  #backlogBytes(): number {
    if (this.buffer === null) return 0;
    const { usedBytes } = this.buffer;
    if (this.replicas.count === 0) return usedBytes;
    return Math.min(usedBytes, this.buffer.backlogBytes);
  }

  #createBuffer(offset: number): void {
    this.buffer = new StreamBuffer(offset, this.server.config.values['repl-backlog-size']);
    this.server.engine.propagation.streamOffset = offset;
    this.server.engine.propagation.addJournal(this);
    this.replicas.noneSinceMs = this.server.clock.nowMs();
  }

  #freeBuffer(): void {
    if (this.buffer === null) return;
    this.#restingOffset = this.buffer.end;
    this.buffer = null;
    this.#selectedDb = NO_DB;
    this.server.engine.propagation.removeJournal(this);
  }

  // --- replicas

  /** A replica needs a snapshot. */
  needsFullSync(replica: Replica): void {
    this.server.sync.full++;
    if (this.buffer === null) {
      // Nobody can know the history that was not kept.
      this.history.renew();
      this.history.forgetSecond();
      this.#createBuffer(this.offset);
      this.server.log(
        'notice',
        `Replication backlog created, my new replication IDs are '${this.history.id}' and ` +
          `'${this.history.secondId}'`,
      );
    }
    this.fullSync.add(replica);
  }

  /** Where the stream stands at the beginning of a snapshot. */
  beginHistory(): StreamPosition {
    const { id } = this.history;
    const dbId = this.link?.position?.dbId ?? 0;
    // A new replica does not know which database the stream had selected.
    if (this.link === null) this.#selectedDb = NO_DB;
    return { id, offset: this.offset, dbId };
  }

  /** Where a saved data set stands, so that a restart can go on from there; null when unknown. */
  positionForSave(): StreamPosition | null {
    const { id } = this.history;
    if (this.link !== null) {
      const { position } = this.link;
      return position === null ? null : { id, offset: this.offset, dbId: position.dbId };
    }
    if (this.buffer === null) return null;
    return { id, offset: this.offset, dbId: Math.max(0, this.#selectedDb) };
  }

  /** A replica asks to go on. @returns false when it needs a snapshot. */
  tryPartialSync(client: Client, id: string, from: number): boolean {
    const { history, buffer, replicas } = this;
    const traits = replicas.traitsOf(client);
    const name = replicas.nameOf(client);
    if (!history.continues(id, from)) {
      if (id === '?') this.server.log('notice', `Full resync requested by replica ${name}`);
      else {
        const known = id.toLowerCase() === history.secondId;
        this.server.log(
          'notice',
          known
            ? `Partial resynchronization not accepted: Requested offset for second ID was ${from}, ` +
                `but I can reply up to ${history.secondOffset}`
            : 'Partial resynchronization not accepted: Replication ID mismatch ' +
                `(Replica asked for '${id}', my replication IDs are '${history.id}' and '${history.secondId}')`,
        );
      }
      return false;
    }
    if (buffer === null || from - 1 < buffer.start || from - 1 > buffer.end) {
      this.server.log(
        'notice',
        `Unable to partial resync with replica ${name} for lack of backlog (Replica request was: ${from}).`,
      );
      if (from > this.offset) {
        this.server.log(
          'warning',
          `Warning: replica ${name} tried to PSYNC with an offset that is greater than the master replication offset.`,
        );
      }
      return false;
    }
    const replica = replicas.attach(client, false);
    replica.state = 'online';
    replica.streams = true;
    replica.follow(buffer, from - 1);
    const line = traits.followsIds ? `+CONTINUE ${history.id}\r\n` : '+CONTINUE\r\n';
    client.transport.push(client, Buffer.from(line));
    this.server.log(
      'notice',
      `Partial resynchronization request from ${name} accepted. Sending ${buffer.end - from + 1} ` +
        `bytes of backlog starting from offset ${from}.`,
    );
    replicas.plan();
    return true;
  }

  /** A replica has said how far it is, or is online now. */
  onAck(): void {
    this.#role.countGood();
    this.replicas.onAck();
    this.failover.tick();
  }

  /** Asks all replicas how far they are, once for all who want to know in this turn. */
  requestAcks(): void {
    if (this.#ackIsPlanned) return;
    this.#ackIsPlanned = true;
    this.server.timers.soon(() => {
      this.#ackIsPlanned = false;
      if (this.server.engine.pause.kind === null) this.#say(GETACK);
    });
  }

  /** The same at once. */
  askForAcks(): void {
    this.#say(GETACK);
  }

  #onGone(client: Client): void {
    if (!client.closed) return;
    const replica = this.replicas.detach(client);
    if (replica === null) return;
    this.server.log('notice', `Connection with replica ${replica.name} lost.`);
    this.fullSync.onGone(replica);
    this.#trim();
    this.#role.countGood();
  }

  // --- the master

  /** Makes this server a replica, or the replica of another master. */
  follow(host: string, port: number): void {
    const { engine, config } = this.server;
    const before = this.link;
    let position = before?.position ?? null;
    before?.end();
    engine.blocking.disconnectAll(ROLE_CHANGED);
    engine.lateWaits.disconnectAll(ROLE_CHANGED);
    if (before === null) {
      this.server.log(
        'notice',
        'Before turning into a replica, using my own master parameters to synthesize a cached ' +
          'master: I may be able to synchronize with the new master with just a partial transfer.',
      );
      position = { id: this.history.id, offset: this.offset, dbId: 0 };
    }
    this.link = new MasterLink(this.server, this, host, port, position);
    config.override('replicaof', { host, port });
    this.#role.update();
    this.server.onRole('replica');
    this.link.connect();
  }

  /** Makes this server a master; its replicas can go on with it. */
  becomeMaster(): void {
    const { link, server } = this;
    if (link === null) return;
    link.end();
    this.link = null;
    this.ownExpiry.forget();
    server.config.override('replicaof', null);
    this.history.shift(this.offset);
    server.log(
      'notice',
      `Setting secondary replication ID to ${this.history.secondId}, valid up to offset: ` +
        `${this.history.secondOffset}. New replication ID is ${this.history.id}`,
    );
    // They hear of the new name when they come back.
    this.replicas.disconnectAll();
    this.#selectedDb = NO_DB;
    this.replicas.noneSinceMs = server.clock.nowMs();
    this.#role.update();
    server.onRole('master');
  }

  onContinued(id: string): void {
    if (id !== '') {
      this.history.shift(this.offset, id);
      this.replicas.disconnectAll();
    }
    if (this.buffer === null) this.#createBuffer(this.link?.offset ?? this.offset);
  }

  onReplacing(): void {
    this.ownExpiry.forget();
    this.replicas.disconnectAll();
    this.#freeBuffer();
  }

  onReplaced(position: StreamPosition): void {
    if (position.id !== '') this.history.id = position.id;
    this.history.forgetSecond();
    this.#freeBuffer();
    this.#createBuffer(Math.max(0, position.offset));
  }

  onApplied(bytes: Uint8Array, start: number, end: number): void {
    this.#feed(bytes, start, end);
  }

  onState(): void {
    this.#role.update();
  }

  get isFailingOver(): boolean {
    return this.failover.isInProgress;
  }

  onFailoverAnswer(isAccepted: boolean): void {
    this.failover.onAnswer(isAccepted);
  }

  /** The history of a loaded data set goes on. */
  #goOnFrom(position: StreamPosition): void {
    if (this.link !== null) {
      this.history.id = position.id;
      this.#restingOffset = position.offset;
      this.link.position = position;
      return;
    }
    // Replicas of the master that this server was may go on with it.
    this.history.secondId = position.id;
    this.history.secondOffset = position.offset + 1;
    const sinceThen = this.buffer;
    this.#freeBuffer();
    this.#createBuffer(position.offset + (sinceThen?.start ?? 0));
    if (sinceThen === null) return;
    for (let offset = sinceThen.start; offset < sinceThen.end; ) {
      const bytes = sinceThen.view(offset);
      this.#feed(bytes, 0, bytes.length);
      offset += bytes.length;
    }
  }

  /** A key of the data set that is loaded at the start had expired, and was left out. */
  onExpiredAtLoad(dbId: number, key: Uint8Array): void {
    if (this.link !== null) return;
    const command = encodeCommand(['DEL', key]);
    this.append(dbId, command, 0, command.length);
  }

  // --- time

  /** To be called once a second. */
  tick(): void {
    const { server, replicas } = this;
    const { values } = server.config;
    this.failover.tick();
    this.link?.tick();
    if (this.link !== null && !server.engine.isLoading) this.ownExpiry.tick();
    const hasReplicas = replicas.count > 0;
    if (hasReplicas && this.#ticks % values['repl-ping-replica-period'] === 0) {
      if (!this.failover.isTimed || server.engine.pause.kind === null) this.#say(PING);
    }
    this.#ticks++;
    this.fullSync.keepAlive();
    this.fullSync.closeStuck(values['repl-timeout'] * MS_PER_SECOND);
    replicas.closeSilent(values['repl-timeout'] * MS_PER_SECOND);
    // The limits of output have a time, which passes without anything being written.
    if (hasReplicas) replicas.plan();
    this.#expireBacklog(values['repl-backlog-ttl']);
    this.fullSync.tick();
    this.#role.countGood();
  }

  #expireBacklog(ttlSeconds: number): void {
    const { replicas, server } = this;
    if (ttlSeconds === 0 || replicas.count > 0 || this.buffer === null || this.link !== null)
      return;
    const idleSeconds = Math.floor((server.clock.nowMs() - replicas.noneSinceMs) / MS_PER_SECOND);
    if (idleSeconds <= ttlSeconds) return;
    // What is written from now on is not counted, so the old name must not be believed any more.
    this.history.renew();
    this.history.forgetSecond();
    this.#freeBuffer();
    server.log(
      'notice',
      `Replication backlog freed after ${ttlSeconds} seconds without connected replicas.`,
    );
  }

  /** Replicas that have not acknowledged all of the stream, as the log tells of them. */
  lagging(): string[] {
    const nowMs = this.server.clock.nowMs();
    const lines: string[] = [];
    for (const replica of this.replicas.all) {
      if (replica.ackOffset === this.offset) continue;
      const behind = this.offset - replica.ackOffset;
      const lag = replica.state === 'online' ? lagSeconds(replica, nowMs) : 0;
      lines.push(
        `Lagging replica ${replica.name} reported offset ${behind} behind master, ` +
          `lag=${lag}, state=${replica.state}.`,
      );
    }
    return lines;
  }

  /** The options name a master: what is loaded now is a replica's data set. */
  declare(): void {
    const { replicaof } = this.server.config.values;
    if (replicaof === null) {
      // Keys that have expired meanwhile are told to replicas that go on from the loaded data.
      this.#createBuffer(0);
      return;
    }
    this.link = new MasterLink(this.server, this, replicaof.host, replicaof.port, null);
    this.#role.update();
    this.server.onRole('replica');
  }

  /**
   * The data set is loaded, and the server serves.
   * @param position where the data set stands, as far as its file says.
   */
  start(position: StreamPosition | null): void {
    if (position !== null && position.id !== '') this.#goOnFrom(position);
    else if (this.link === null) {
      this.#freeBuffer();
      this.#restingOffset = 0;
    }
    this.link?.connect();
  }

  /** The server ends. */
  stop(): void {
    this.link?.end();
  }
}
