// One command from its bytes to its reply: lookup, the one sequence of checks, the handler, the
// telling of changes. The engine knows no concrete command; the server hands it the declarations.
// It owns the statistics of commands.

import type { Database } from '../keyspace/database.ts';
import type { Keyspace, KeyspaceListener } from '../keyspace/keyspace.ts';
import { SLOT_SHIFT } from '../memory/arena.ts';
import { ArenaFullError } from '../memory/page-store.ts';
import type { Args } from '../protocol/args.ts';
import {
  ERR_LOADING,
  ERR_NO_AUTH,
  ERR_OUT_OF_MEMORY,
  type ReplyError,
  replyError,
  unknownSubcommand,
  wrongArity,
} from '../protocol/reply-errors.ts';
import type { ErrorCounter, ReplyMark, ReplyWriter } from '../protocol/reply-writer.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import type { Dict } from '../structures/dict.ts';
import { keyLengthOf, keyOffsetOf } from '../structures/entry.ts';
import { Blocking, type BlockingHost, type Wait } from './blocking.ts';
import {
  Call,
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_NEW,
} from './call.ts';
import { CallTimer } from './call-timer.ts';
import type { Client } from './client.ts';
import { ClientMemory } from './client-memory.ts';
import { ClientPause, ClientRegistry } from './client-registry.ts';
import {
  type Command,
  CommandTable,
  FLAG_DENYOOM,
  FLAG_LOADING,
  FLAG_MAY_REPLICATE,
  FLAG_NO_AUTH,
  FLAG_PROTECTED,
  FLAG_WRITE,
} from './command.ts';
import type { CommandSpec } from './command-spec.ts';
import { MemoryLimit } from './memory-limit.ts';
import type { EngineSettings } from './settings.ts';

/** Hears the stream of changes: the AOF and replication. */
export interface Journal {
  /** A command that changed database `db`, as it is to be repeated. */
  append(db: Database, parts: readonly (string | Uint8Array)[]): void;
}

/** Hears of changed keys: WATCH and client-side caching. */
export interface Watchers {
  onChanged(db: Database, key: Uint8Array, offset: number, length: number): void;
  onFlushed(db: Database | null): void;
}

/** Sends keyspace notifications. */
export interface Notifier {
  publish(
    notifyClass: number,
    event: string,
    db: Database,
    key: Uint8Array,
    offset: number,
    length: number,
  ): void;
}

/**
 * Decides whether a protected command (DEBUG, MODULE) may run for a client. @returns the refusal or
 * null.
 */
export type ProtectionCheck = (client: Client, command: Command) => ReplyError | null;

/** What became of a command. */
export const EXECUTED = 0;
/** The client waits; its transport reads no further until `resume`. */
export const HELD = 1;

/**
 * Arguments or replies beyond this many bytes make a constant-time command worth a measurement of
 * its own.
 */
const HEAVY_BYTES = 65536;
/** A command with more arguments is worth one too. */
const BRIEF_MAX_ARGUMENTS = 16;

export class Engine implements KeyspaceListener, ErrorCounter, BlockingHost {
  readonly keyspace: Keyspace;
  readonly settings: EngineSettings;
  readonly commands: CommandTable;
  readonly clients: ClientRegistry = new ClientRegistry();
  readonly clientMemory: ClientMemory = new ClientMemory(this.clients);
  readonly memory: MemoryLimit;
  readonly pause: ClientPause;
  readonly blocking: Blocking;
  readonly timer: CallTimer;
  readonly clock: Clock;
  journal: Journal | null = null;
  watchers: Watchers | null = null;
  notifier: Notifier | null = null;
  protection: ProtectionCheck = () => null;
  /** Checks a password and makes the client that user's; the server and ACL set it. */
  authenticate: (client: Client, user: string, password: Uint8Array) => boolean = () => true;
  hasUser: (name: string) => boolean = (name) => name === 'default';
  /** Version of Redis that HELLO tells. */
  version = '';
  isLoading = false;
  /** Changes since the last save, as INFO's rdb_changes_since_last_save. */
  dirty = 0;
  /** Commands that ran. */
  totalCommands = 0;
  totalErrorReplies = 0;
  /** Errors by their code. */
  readonly errorCounts: Map<string, number> = new Map();
  /** Called with an unexpected exception of a handler; the client has got an error. */
  onHandlerError: (error: unknown, command: Command) => void = () => {};
  readonly #call: Call;
  readonly #mark: ReplyMark = { chunkCount: 0, position: 0 };
  #prefetched: Dict | null = null;
  /** Depth of commands that run inside commands. */
  #depth = 0;

  constructor(
    keyspace: Keyspace,
    settings: EngineSettings,
    specs: readonly CommandSpec[],
    clock: Clock,
    timers: Timers,
  ) {
    this.keyspace = keyspace;
    this.settings = settings;
    this.commands = new CommandTable(specs);
    this.clock = clock;
    this.#call = new Call(this);
    this.timer = new CallTimer(clock);
    this.pause = new ClientPause(timers, () => this.#endPause());
    this.blocking = new Blocking(this, timers);
    this.memory = new MemoryLimit(this, clock, timers);
    keyspace.hasRoomFor = (bytes) => this.memory.hasRoomFor(bytes);
    keyspace.listener = this;
  }

  /** A turn of the event loop begins: its commands see this time. */
  beginTurn(): void {
    this.keyspace.setNow(this.clock.nowMs());
    this.timer.begin();
  }

  /** The commands that were at hand have run. */
  endTurn(): void {
    this.timer.endRun();
  }

  /**
   * Runs one command. Its reply is in `reply` when this returns EXECUTED.
   */
  execute(client: Client, args: Args, reply: ReplyWriter): number {
    const table = this.commands;
    let command = table.lookup(args.bytes, args.offsets[0]!, args.lengths[0]!);
    if (command === null) {
      this.#reject(client, null, unknownCommand(args), reply);
      return EXECUTED;
    }
    if (command.subcommands !== null && args.count > 1) {
      const sub = command.subcommands.lookup(args.bytes, args.offsets[1]!, args.lengths[1]!);
      if (sub === null) {
        const error = unknownSubcommand(args.shown(1), args.latin1(0));
        this.#reject(client, null, error, reply);
        return EXECUTED;
      }
      command = sub;
    }
    const refusal = this.#check(client, command, args);
    if (refusal !== null) {
      this.#reject(client, command, refusal, reply);
      return EXECUTED;
    }
    if (this.pause.kind !== null && this.pause.holds(command)) {
      client.heldCommand = args.copy();
      client.hold = 'paused';
      return HELD;
    }
    this.#run(client, command, args, reply);
    return client.hold === 'none' ? EXECUTED : HELD;
  }

  /** Asks for the memory of the keys that the first `count` commands of a pipeline will look up. */
  prefetch(client: Client, batch: readonly Args[], count: number): void {
    const { dict } = client.db;
    this.#prefetched = dict;
    const { bytes } = batch[0]!;
    dict.expectBegin(bytes);
    for (let i = 0; i < count; i++) {
      const args = batch[i]!;
      if (args.bytes !== bytes) break;
      const command = this.commands.lookup(bytes, args.offsets[0]!, args.lengths[0]!);
      if (command === null) break;
      const key = command.firstKey;
      if (key === 0 || key >= args.count) continue;
      dict.expect(args.offsets[key]!, args.lengths[key]!);
    }
    dict.expectEnd();
  }

  /** The commands that were prefetched for have run, or will be read again. */
  endPrefetch(): void {
    this.#prefetched?.expectNothing();
    this.#prefetched = null;
  }

  /** Runs the command that CLIENT PAUSE held back. @returns HELD when it is held again. */
  executeHeld(client: Client, reply: ReplyWriter): number {
    const args = client.heldCommand;
    client.hold = 'none';
    client.heldCommand = null;
    return args === null ? EXECUTED : this.execute(client, args, reply);
  }

  #endPause(): void {
    for (const client of this.clients.all()) {
      if (client.hold === 'paused') client.transport.resume(client);
    }
  }

  /**
   * Lets a command reply later: the client's next commands wait until the returned function is
   * called, which writes the reply. A client that has gone meanwhile gets none.
   */
  defer(client: Client): (write: (reply: ReplyWriter) => void) => void {
    client.hold = 'blocked';
    return (write) => {
      client.hold = 'none';
      if (!client.closed) client.transport.reply(client, write);
    };
  }

  /**
   * The one sequence of checks before a command runs, in Redis's order. What nobody uses costs one
   * branch.
   * @returns why the command may not run, or null.
   */
  #check(client: Client, command: Command, args: Args): ReplyError | null {
    if (args.count < command.minArguments || args.count > command.maxArguments) {
      return wrongArity(command.fullName);
    }
    const { mask } = command;
    if ((mask & FLAG_PROTECTED) !== 0) {
      const refusal = this.protection(client, command);
      if (refusal !== null) return refusal;
    }
    if (!client.authenticated && (mask & FLAG_NO_AUTH) === 0) return ERR_NO_AUTH;
    if (this.memory.maxBytes !== 0 && this.#depth === 0) {
      if (this.memory.relieve() === 'failed' && (mask & FLAG_DENYOOM) !== 0) {
        return ERR_OUT_OF_MEMORY;
      }
    }
    if (this.isLoading && (mask & FLAG_LOADING) === 0) return ERR_LOADING;
    return null;
  }

  #reject(client: Client, command: Command | null, error: ReplyError, reply: ReplyWriter): void {
    if (command !== null) command.rejectedCalls++;
    if (client.replyMode === 'on') reply.error(error);
    else this.#discardReply(client, reply, () => reply.error(error));
  }

  #run(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    const call = this.#depth === 0 ? this.#call : new Call(this);
    const { timer } = this;
    const isBrief = command.isBrief && this.#depth === 0;
    if (isBrief) timer.beforeBrief(command);
    else timer.beforeOther();
    const mark = this.#mark;
    reply.mark(mark);
    reply.resp3 = client.resp3;
    client.lastCommand = command;
    call.begin(client, command, args, reply);
    const errorsBefore = reply.errorCount;
    this.#depth++;
    try {
      command.run!(call, args);
    } catch (error) {
      reply.rollback(mark);
      this.#handlerFailed(error, command, reply);
    }
    this.#depth--;
    if (reply.errorCount !== errorsBefore) command.failedCalls++;
    if (call.dirty !== 0 || call.rewritten !== null) this.#propagate(call, command, args);
    if (client.hold === 'blocked' && client.unblock !== null) {
      // It counts when it has been served.
      timer.begin();
    } else {
      this.totalCommands++;
      if (isBrief) timer.afterBrief(client, command, args, isHeavy(args, reply, mark));
      else timer.afterOther(client, command, args);
    }
    if (client.replyMode !== 'on') this.#finishReplyMode(client, reply);
    if (this.blocking.hasReady && this.#depth === 0) this.blocking.serve();
  }

  /** Milliseconds of the Unix epoch, now. */
  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** Runs the command of a client that waited for one of its keys. */
  repeat(wait: Wait, reply: ReplyWriter): void {
    const { client, command, args } = wait;
    reply.resp3 = client.resp3;
    const refusal = this.#check(client, command, args);
    if (refusal !== null) this.#reject(client, command, refusal, reply);
    else this.#run(client, command, args, reply);
  }

  /** Sets what the keyspace tells: of new keys and deletions only while somebody wants to hear. */
  onWaitsChanged(): void {
    const { keyspace, blocking } = this;
    keyspace.tellsNewKeys = blocking.count > 0 || (this.settings.notifyMask & NOTIFY_NEW) !== 0;
    keyspace.tellsDeletions = blocking.deletionCount > 0;
  }

  #handlerFailed(error: unknown, command: Command, reply: ReplyWriter): void {
    if (error instanceof ArenaFullError) {
      reply.error(replyError(`OOM ${error.message}`));
      return;
    }
    this.onHandlerError(error, command);
    reply.error(replyError('ERR internal error, see the log of the server'));
  }

  #propagate(call: Call, command: Command, args: Args): void {
    this.dirty += call.dirty;
    const { journal } = this;
    if (journal === null) return;
    if (call.rewritten !== null) {
      for (const parts of call.rewritten) journal.append(call.db, parts);
    } else if ((command.mask & (FLAG_WRITE | FLAG_MAY_REPLICATE)) !== 0) {
      const parts: Uint8Array[] = [];
      for (let i = 0; i < args.count; i++) parts.push(args.slice(i));
      journal.append(call.db, parts);
    }
  }

  /** CLIENT REPLY: what a command wrote is cut off again. */
  #finishReplyMode(client: Client, reply: ReplyWriter): void {
    if (client.replyMode === 'off') {
      reply.rollback(this.#mark);
    } else if (client.replyMode === 'skip') {
      reply.rollback(this.#mark);
      client.replyMode = 'on';
    } else if (client.replyMode === 'skip-next') {
      reply.rollback(this.#mark);
      client.replyMode = 'skip';
    }
  }

  #discardReply(client: Client, reply: ReplyWriter, write: () => void): void {
    reply.mark(this.#mark);
    write();
    this.#finishReplyMode(client, reply);
  }

  /** Counts an error reply that is sent. */
  countError(code: string): void {
    this.totalErrorReplies++;
    this.errorCounts.set(code, (this.errorCounts.get(code) ?? 0) + 1);
  }

  /** Sends a keyspace notification. */
  notify(
    notifyClass: number,
    event: string,
    db: Database,
    key: Uint8Array,
    offset: number,
    length: number,
  ): void {
    if ((this.settings.notifyMask & notifyClass) === 0 || this.notifier === null) return;
    this.notifier.publish(notifyClass, event, db, key, offset, length);
  }

  onExpired(db: Database, key: Uint8Array, offset: number, length: number): void {
    if (this.journal !== null) {
      this.journal.append(db, ['DEL', key.slice(offset, offset + length)]);
    }
    if (this.watchers !== null) this.watchers.onChanged(db, key, offset, length);
    this.notify(NOTIFY_EXPIRED, 'expired', db, key, offset, length);
  }

  onEvicted(db: Database, key: Uint8Array, offset: number, length: number, lazy: boolean): void {
    this.journal?.append(db, [lazy ? 'UNLINK' : 'DEL', key.slice(offset, offset + length)]);
    if (this.watchers !== null) this.watchers.onChanged(db, key, offset, length);
    this.notify(NOTIFY_EVICTED, 'evicted', db, key, offset, length);
  }

  onFieldsExpired(
    db: Database,
    key: Uint8Array,
    fields: readonly Uint8Array[],
    isEmpty: boolean,
  ): void {
    this.journal?.append(db, ['HDEL', key, ...fields]);
    if (this.watchers !== null) this.watchers.onChanged(db, key, 0, key.length);
    this.notify(NOTIFY_HASH, 'hexpired', db, key, 0, key.length);
    if (isEmpty) this.notify(NOTIFY_GENERIC, 'del', db, key, 0, key.length);
  }

  onNewKey(db: Database, ref: number): void {
    if (this.blocking.count > 0) this.blocking.signalEntry(db, ref);
    if ((this.settings.notifyMask & NOTIFY_NEW) === 0) return;
    const { arena } = this.keyspace;
    const offset = keyOffsetOf(arena, ref);
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
    this.notify(NOTIFY_NEW, 'new', db, bytes, offset, keyLengthOf(arena, ref));
  }

  onDeleted(db: Database, key: Uint8Array, offset: number, length: number): void {
    const name = Buffer.from(key.buffer, key.byteOffset + offset, length).toString('latin1');
    this.blocking.signal(db, name);
  }

  onSwapped(a: Database, b: Database): void {
    if (this.blocking.count === 0) return;
    this.blocking.signalAll(a);
    this.blocking.signalAll(b);
  }

  onFlushed(db: Database | null): void {
    if (this.blocking.deletionCount > 0) {
      for (const each of db === null ? this.keyspace.databases : [db]) {
        this.blocking.signalAll(each);
      }
    }
    if (this.watchers !== null) this.watchers.onFlushed(db);
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.totalCommands = 0;
    this.totalErrorReplies = 0;
    this.errorCounts.clear();
    this.keyspace.hits = 0;
    this.keyspace.misses = 0;
    this.keyspace.expiredKeys = 0;
    this.keyspace.expiredTimeCapReached = 0;
    this.keyspace.lazyFree.freedObjects = 0;
    this.memory.resetStatistics();
    for (const command of this.commands.all()) command.resetStatistics();
  }
}

/**
 * The reply to a name that no command has, with the beginning of the arguments as Redis shows them.
 */
function unknownCommand(args: Args): ReplyError {
  let shown = '';
  for (let i = 1; i < args.count && shown.length < 128; i++) {
    shown += `'${args.shown(i).slice(0, 128 - shown.length)}' `;
  }
  const name = args.shown(0).slice(0, 128);
  return replyError(`ERR unknown command '${name}', with args beginning with: ${shown}`);
}

/** True when a command moved so much that being quick says little of it. */
function isHeavy(args: Args, reply: ReplyWriter, before: ReplyMark): boolean {
  if (args.count > BRIEF_MAX_ARGUMENTS) return true;
  const last = args.count - 1;
  const argumentBytes = args.offsets[last]! + args.lengths[last]! - args.offsets[0]!;
  return argumentBytes > HEAVY_BYTES || reply.chunks.length !== before.chunkCount;
}
