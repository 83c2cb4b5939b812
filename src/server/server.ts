// The one place that puts the parts together: configuration, keyspace, engine, commands, listeners,
// cron. A Server keeps no state outside of itself, so any number of them live in one process.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Acl, aclCommand } from '../acl/index.ts';
import { coreCommands } from '../commands/index.ts';
import type { Config } from '../config/config.ts';
import type { ConfigDisk } from '../config/disk.ts';
import { rewriteCommand } from '../config/rewrite.ts';
import { Client } from '../engine/client.ts';
import { describeClient } from '../engine/client-line.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import { Engine } from '../engine/engine.ts';
import { EngineSettings } from '../engine/settings.ts';
import { commandRecorder, introspectionCommands, protectionCheck } from '../introspection/index.ts';
import type {
  DebugSwitches,
  ListenerInfo,
  LogLevel,
  ServerContext,
  ShutdownRequest,
} from '../introspection/server-context.ts';
import { ServerStatistics } from '../introspection/server-statistics.ts';
import { Keyspace } from '../keyspace/keyspace.ts';
import { Migrations, migrateCommand } from '../migration/index.ts';
import {
  type AofWaits,
  type Persistence,
  persistenceCommands,
  type WriterStart,
} from '../persistence/index.ts';
import { PubSub, pubsubCommands } from '../pubsub/index.ts';
import { Replication, replicationCommands, replicationSection } from '../replication/index.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import type { Files } from '../runtime/files.ts';
import {
  COLLECT_FROM_BYTES,
  collectBuffers,
  LARGE_BUFFER_ALIGNMENT,
  residentBytes,
} from '../runtime/memory.ts';
import type { Random } from '../runtime/random.ts';
import { Scripting, scriptingCommands } from '../scripting/index.ts';
import { type Tracking, withTracking } from '../tracking/index.ts';
import { REDIS_VERSION } from '../version.ts';
import { addressesOf } from './addresses.ts';
import { CommandBatch } from './command-batch.ts';
import { Connection } from './connection.ts';
import type { ConnectionAddresses, ConnectionHost } from './connection-host.ts';
import {
  type ConnectionLimits,
  limitOf,
  NO_OUTPUT_LIMIT,
  TURN_OUTPUT_BYTES,
} from './connection-limits.ts';
import { Cron, type CronHost } from './cron.ts';
import { abortCrossProtocol } from './cross-protocol.ts';
import { DroppedBuffers } from './dropped-buffers.ts';
import { SharedReads } from './fast-read.ts';
import { FastWriter } from './fast-write.ts';
import { followConfig } from './follow-config.ts';
import { askEngine } from './inner-client.ts';
import { watchListenOptions } from './listen-options.ts';
import { Listeners, type ListenSettings } from './listeners.ts';
import type { Log } from './log.ts';
import { migrationHost } from './migration-host.ts';
import { type OomRole, OomScore } from './oom-score.ts';
import { OutputRound } from './output-round.ts';
import { makePersistence } from './persistence-parts.ts';
import { OWN_BUFFER_BYTES, OwnBuffers } from './query-buffer.ts';
import { MAX_CLIENTS_REFUSAL, PROTECTED_MODE_REFUSAL, turnAway } from './refusals.ts';
import { renameCommands } from './renamed-commands.ts';
import { replicationHost } from './replication-host.ts';
import { Shutdown } from './shutdown.ts';
import { UnexpectedErrors } from './unexpected-errors.ts';
import { WriterPool } from './writer-pool.ts';

const READ_BUFFER_BYTES = 64 * 1024;

export interface ServerParts {
  readonly config: Config;
  readonly disk: ConfigDisk;
  /** Files of snapshots and append-only files, and who writes snapshots. */
  readonly files: Files;
  /** A part of the names of files that are not whole yet, which no other server has. */
  readonly fileNumber: number;
  readonly startWriter: WriterStart;
  /** Whether what is on disk is loaded at the start and kept up to date: false for neither. */
  readonly loads: boolean;
  /** Ends the process at once, where the disk leaves no choice. */
  readonly onFatal?: (exitCode: number) => void;
  readonly log: Log;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Absolute path of redis.conf, '' without one. */
  readonly configFile: string;
  readonly executable: string;
  readonly renamedCommands: readonly (readonly [from: string, to: string])[];
  /** Words of the `user` lines of redis.conf behind `user`. */
  readonly users: readonly (readonly string[])[];
  /** Poison freed memory and report leaks at close, for tests. */
  readonly debugArena: boolean;
  /** Called once when the server has shut down by itself (SHUTDOWN, a signal). */
  readonly onShutdown: (exitCode: number) => void;
  /** Called before that, while the server still stands. */
  readonly onShuttingDown?: () => void;
  /** Ends the process as a crash; without it the server cannot crash on purpose. */
  readonly onCrash?: (reason: string) => void;
}

export class Server implements ServerContext, ConnectionHost, CronHost {
  readonly config: Config;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly pubsub: PubSub = new PubSub();
  readonly scripting: Scripting = new Scripting();
  readonly tracking: Tracking;
  readonly replication: Replication;
  readonly migrations: Migrations = new Migrations(migrationHost(this));
  readonly statistics: ServerStatistics = new ServerStatistics();
  readonly runId: string;
  readonly startedMs: number;
  readonly configFile: string;
  readonly executable: string;
  supervisor = 'no';
  readonly debug: DebugSwitches = {
    cronIsPaused: false,
    replyBufferPeakResetMs: 5000,
    replyBufferResizing: true,
  };
  readonly writers: WriterPool;
  readonly fastWriter: FastWriter = new FastWriter();
  readonly limits: ConnectionLimits = {
    protoMaxBulkBytes: 0,
    queryBufferBytes: 0,
    normal: NO_OUTPUT_LIMIT,
    pubsub: NO_OUTPUT_LIMIT,
    turnOutputBytes: TURN_OUTPUT_BYTES,
  };
  readonly reads: SharedReads = new SharedReads(READ_BUFFER_BYTES, OWN_BUFFER_BYTES);
  readonly batch: CommandBatch = new CommandBatch();
  readonly ownBuffers: OwnBuffers = new OwnBuffers();
  readonly droppedBuffers: DroppedBuffers = new DroppedBuffers();
  readonly round: OutputRound;
  hz = 10;
  rehashes = true;
  idleTimeoutSeconds = 0;
  keepAliveMs = 0;
  readonly logger: Log;
  readonly listening: Listeners;
  readonly acl: Acl;
  readonly persistence: Persistence;
  readonly #aofWaits: AofWaits;
  readonly #loads: boolean;
  readonly #disk: ConfigDisk;
  readonly #declaredUsers: ServerParts['users'];
  readonly #cron: Cron;
  readonly #connections: Map<Client, Connection> = new Map();
  readonly ending: Shutdown = new Shutdown(this);
  readonly unexpected: UnexpectedErrors = new UnexpectedErrors(this);
  readonly oomScore: OomScore;
  oomRole: OomRole = 'master';
  readonly #onShutdown: (exitCode: number) => void;
  readonly #onShuttingDown: () => void;
  /** DEBUG SEGFAULT and its kind; a server inside another program has none. */
  readonly crash?: (reason: string) => void;
  #closed: Promise<string[]> | null = null;

  constructor(parts: ServerParts) {
    this.config = parts.config;
    this.#disk = parts.disk;
    this.#declaredUsers = parts.users;
    this.logger = parts.log;
    this.clock = parts.clock;
    this.timers = parts.timers;
    this.random = parts.random;
    this.configFile = parts.configFile;
    this.executable = parts.executable;
    this.#onShutdown = parts.onShutdown;
    this.#onShuttingDown = parts.onShuttingDown ?? (() => {});
    if (parts.onCrash !== undefined) this.crash = parts.onCrash;
    this.oomScore = new OomScore(this);
    this.runId = parts.random.hex(40);
    this.startedMs = parts.clock.nowMs();
    const keyspace = new Keyspace({
      databases: parts.config.values.databases,
      seed: { low: parts.random.below(0x7fffffff), high: parts.random.below(0x7fffffff) },
      randomBelow: parts.random.below,
      arena: {
        debug: parts.debugArena,
        alignment: LARGE_BUFFER_ALIGNMENT,
      },
    });
    this.replication = new Replication(replicationHost(this));
    const { tracking, specs: commands } = withTracking(coreCommands);
    this.tracking = tracking;
    const specs = this.#commandSpecs(commands);
    this.engine = new Engine(keyspace, new EngineSettings(), specs, parts.clock, parts.timers);
    this.pubsub.attach(this.engine);
    tracking.attach(this.engine, parts.timers);
    this.replication.attach();
    this.scripting.attach(this.engine, parts.timers, {
      write: (level, text) => this.log(level, text),
      writes: (level) => this.logs(level),
    });
    this.engine.version = REDIS_VERSION;
    this.acl = this.#makeAcl();
    this.engine.access = this.acl;
    this.engine.protection = protectionCheck(this);
    this.engine.timer.observer = commandRecorder(this);
    this.#listenToEngine();
    renameCommands(this.engine.commands, parts.renamedCommands);
    keyspace.setNow(this.startedMs);
    this.writers = new WriterPool(this.engine);
    this.round = new OutputRound(parts.timers);
    this.listening = new Listeners(
      (socket) => this.#onSocket(socket),
      (error, socket) => this.#onTlsFailure(error, socket),
      () => this.#hasRoom(),
    );
    this.#cron = new Cron(this);
    followConfig(this);
    const { persistence, waits } = makePersistence(this, parts);
    this.persistence = persistence;
    this.#aofWaits = waits;
    this.#loads = parts.loads;
    this.statistics.startupBytes = this.engine.memory.usedBytes;
  }

  /** All commands: the core's and those of the features. */
  #commandSpecs(commands: readonly CommandSpec[]): CommandSpec[] {
    return [
      ...commands,
      ...introspectionCommands(this, {
        section: replicationSection(this.replication),
        history: this.replication.history,
        say: (parts) => this.replication.say(parts),
      }),
      ...replicationCommands(this.replication),
      migrateCommand(this.migrations),
      aclCommand(() => this.acl, this.random),
      ...pubsubCommands(this.pubsub),
      ...persistenceCommands(
        () => this.persistence,
        () => this.#aofWaits,
      ),
      ...scriptingCommands(this.scripting),
    ];
  }

  /** What the engine tells goes to the log and the statistics. */
  #listenToEngine(): void {
    this.engine.onHandlerError = (error, command) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.log('warning', `A command failed inside: ${command.fullName}: ${text}`);
    };
    this.engine.onCrossProtocol = abortCrossProtocol(this);
    this.engine.onBadPayload = (problem, offset) => {
      this.log('warning', `Internal error in RDB reading offset ${offset} -> ${problem}`);
    };
    this.engine.memory.onLatency = (event, durationMs) => {
      this.statistics.latency.record(event, durationMs, this.clock.nowMs());
    };
    this.#logClientEviction();
  }

  #logClientEviction(): void {
    const { clientMemory } = this.engine;
    clientMemory.onEvict = (client) => {
      const line = describeClient(client, this.clock.nowMs());
      this.log('notice', `Evicting client: ${line}`);
    };
    clientMemory.onNobodyLeft = () => {
      this.log('warning', 'Over client maxmemory after evicting all evictable clients');
    };
  }

  #makeAcl(): Acl {
    const { engine, config, statistics } = this;
    const log: Server['log'] = (level, text) => this.log(level, text);
    return new Acl({ engine, config, disk: this.#disk, counters: statistics, log });
  }

  get isPaused(): boolean {
    return this.debug.cronIsPaused || this.engine.suspended !== null;
  }
  get port(): number {
    return this.listening.portOf('tcp');
  }
  get listeners(): readonly ListenerInfo[] {
    return this.listening.describe();
  }

  /**
   * Opens the listeners and begins to serve.
   * @param onListening told when clients can connect, before any data is loaded.
   * @throws AclStartError, ListenError
   */
  async start(settings: ListenSettings, onListening: () => void = () => {}): Promise<void> {
    this.acl.load(this.#declaredUsers);
    this.replication.declare();
    // Whoever connects before the data is there is told so.
    this.engine.isLoading = this.#loads;
    await this.listening.open(settings);
    onListening();
    if (this.config.values.port === 0 && this.port !== 0) this.config.override('port', this.port);
    watchListenOptions(this);
    this.#cron.start();
    if (this.#loads) await this.persistence.start();
    this.replication.start(this.persistence.loadedPosition);
  }

  residentBytes(): number {
    return residentBytes();
  }

  log(level: LogLevel, text: string): void {
    this.logger.write(level, text);
  }

  /** What a command of the server's own answers, as text. */
  ask(words: readonly string[]): string {
    return askEngine(this.engine, words);
  }

  logs(level: LogLevel): boolean {
    return this.logger.isWritten(level);
  }

  rewriteConfig(forceAll = false): string | null {
    const path = this.configFile === '' ? null : this.configFile;
    const directives = { user: this.acl.configLines() };
    return rewriteCommand(this.config, this.#disk, path, { forceAll, directives });
  }

  /** Serves a stream as if it had connected. One that comes too late is closed. */
  attach(stream: Duplex): void {
    if (this.#closed !== null) {
      stream.destroy();
      return;
    }
    this.#serve(stream, {
      remote: '127.0.0.1:0',
      local: '127.0.0.1:0',
      isUnix: false,
      isLocal: true,
    });
  }

  /** Whether there may be one client more; who shakes hands is nearly one. */
  #hasRoom(): boolean {
    const { clients } = this.engine;
    const count = clients.count + this.listening.handshakeCount;
    if (count < this.config.values.maxclients) return true;
    clients.rejectedConnections++;
    return false;
  }

  #onSocket(socket: Socket): void {
    if (!this.#hasRoom()) {
      turnAway(socket, MAX_CLIENTS_REFUSAL);
      return;
    }
    const addresses = addressesOf(socket, this.config.values.unixsocket);
    const isOpen = !this.config.values['protected-mode'] || !this.acl.isPasswordless;
    if (!isOpen && !addresses.isLocal) {
      this.engine.clients.rejectedConnections++;
      turnAway(socket, PROTECTED_MODE_REFUSAL);
      return;
    }
    if (this.keepAliveMs > 0) socket.setKeepAlive(true, this.keepAliveMs);
    this.#serve(socket, addresses);
  }

  #onTlsFailure(error: Error, socket: Socket): void {
    this.engine.clients.rejectedConnections++;
    this.log('verbose', `Error accepting a client connection: ${error.message}`);
    socket.destroy();
  }

  #serve(stream: Duplex, addresses: ConnectionAddresses): void {
    const { engine } = this;
    const connection = new Connection(this, stream, addresses);
    const client = new Client({
      id: engine.clients.takeId(),
      db: engine.keyspace.databases[0]!,
      transport: connection,
      nowMs: this.clock.nowMs(),
    });
    engine.access.welcome(client);
    engine.clients.add(client);
    engine.clients.totalConnections++;
    this.#connections.set(client, connection);
    connection.start(client);
    if (this.logs('verbose')) this.log('verbose', `Accepted ${addresses.remote}`);
  }

  onClosed(client: Client): void {
    this.engine.clients.remove(client);
    this.engine.clientMemory.forget(client);
    this.engine.blocking.forget(client);
    this.engine.lateWaits.forget(client);
    this.engine.release(client);
    this.#connections.delete(client);
  }

  checkClient(client: Client, nowMs: number): void {
    const { softSeconds } = limitOf(this.limits, client.bufferClass);
    if (nowMs - client.softLimitSinceMs <= softSeconds * 1000) return;
    this.onOutputLimit();
    const line = describeClient(client, nowMs);
    this.log('warning', `Client ${line} closed for overcoming of output buffer limits.`);
    client.transport.close(client, false);
  }

  onOutputLimit(): void {
    this.statistics.outputBufferLimitDisconnects++;
  }

  onRole(role: OomRole): void {
    this.oomRole = role;
    this.logger.role = role === 'master' ? 'M' : 'S';
    this.oomScore.apply();
  }

  endIfAsked(): void {
    this.ending.tick();
  }

  fitReplyRooms(nowMs: number): void {
    const { debug, statistics } = this;
    if (!debug.replyBufferResizing) return;
    for (const connection of this.#connections.values()) {
      const change = connection.fitReplyRoom(nowMs, debug.replyBufferPeakResetMs);
      if (change > 0) statistics.replyBufferExpands++;
      else if (change < 0) statistics.replyBufferShrinks++;
    }
  }

  closeIdle(client: Client): void {
    if (this.#connections.get(client)?.isRead() === true) return;
    this.log('verbose', 'Closing idle client');
    client.transport.close(client, false);
  }

  shutdown(request: ShutdownRequest, onAborted?: () => void): string | null {
    return this.ending.begin(request, onAborted);
  }

  get shutdownInMs(): number | null {
    return this.ending.remainingMs;
  }

  abortShutdown(): boolean {
    return this.ending.abort();
  }

  finish(): void {
    this.timers.soon(() => {
      this.#onShuttingDown();
      void this.close().then(() => {
        this.log('warning', 'Redis is now ready to exit, bye bye...');
        this.#onShutdown(0);
      });
    });
  }

  /** Closes listeners and clients; the memory is given back. Whoever asks again waits, too. */
  close(): Promise<string[]> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<string[]> {
    this.#cron.stop();
    this.persistence.close();
    this.engine.pause.end();
    this.engine.blocking.stop();
    this.engine.lateWaits.stop();
    this.replication.stop();
    this.scripting.stop();
    this.migrations.close();
    this.engine.memory.stop();
    this.listening.stop();
    this.round.flush();
    for (const client of this.#connections.keys()) client.transport.close(client, false);
    await this.listening.close();
    this.engine.keyspace.listener = null;
    this.tracking.destroy();
    const { arena } = this.engine.keyspace;
    const { usedBytes } = arena;
    this.engine.keyspace.destroy();
    if (usedBytes >= COLLECT_FROM_BYTES) collectBuffers();
    return arena.leaks();
  }
}
