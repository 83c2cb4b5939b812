// One command from its bytes to its reply: lookup, the one sequence of checks, the handler, the
// telling of changes. The engine knows no concrete command; the server hands it the declarations.
// It owns the statistics of commands.

import type { Keyspace } from '../keyspace/keyspace.ts';
import { ArenaFullError } from '../memory/page-store.ts';
import type { Args } from '../protocol/args.ts';
import { type ReplyError, replyError, unknownSubcommand } from '../protocol/reply-errors.ts';
import type { ErrorCounter, ReplyMark, ReplyWriter } from '../protocol/reply-writer.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import { type AccessControl, openAccess } from './access.ts';
import { Blocking, type BlockingHost, type Wait } from './blocking.ts';
import { Call } from './call.ts';
import { CallTimer, isHeavy } from './call-timer.ts';
import { refusalOf } from './checks.ts';
import { APART_AFTER, type Client, isSilentMode, MODE_MULTI, type ReplyMode } from './client.ts';
import { ClientMemory } from './client-memory.ts';
import { type ClientPause, ClientRegistry } from './client-registry.ts';
import type { KeyTracker } from './client-tracking.ts';
import {
  type Command,
  CommandTable,
  changesNoKey,
  FLAG_BRIEF,
  FLAG_MAY_REPLICATE,
  FLAG_NOT_QUEUED,
  FLAG_PROTECTED,
  FLAG_REPLIES_BY_PUSH,
  FLAG_TOUCHES_ARBITRARY_KEYS,
  FLAG_WRITE,
} from './command.ts';
import type { CommandSpec } from './command-spec.ts';
import { EngineState } from './engine-state.ts';
import { Holding } from './holding.ts';
import { KeyEvents } from './key-events.ts';
import { writeLate } from './late-reply.ts';
import { type EndedWait, LateWaits } from './late-waits.ts';
import { Lookahead } from './lookahead.ts';
import { MemoryLimit } from './memory-limit.ts';
import { OwnPushes } from './own-pushes.ts';
import { Propagation } from './propagation.ts';
import type { EngineSettings } from './settings.ts';
import { Transactions } from './transactions.ts';
import { isCrossProtocol, unknownCommand } from './unknown-command.ts';

/**
 * Decides whether a protected command (DEBUG, MODULE) may run for a client. @returns the refusal or
 * null.
 */
export type ProtectionCheck = (client: Client, command: Command) => ReplyError | null;

/** Sees every command that ran: MONITOR. */
export interface CommandFeed {
  /** A command begins that is shown before those which it runs: EVAL. */
  onBegins(client: Client, args: Args): void;
  onRan(client: Client, command: Command, args: Args): void;
}

/** What became of a command. */
export const EXECUTED = 0;
/** The client waits; its transport reads no further until `resume`. */
export const HELD = 1;

export class Engine extends EngineState implements ErrorCounter, BlockingHost {
  readonly keyspace: Keyspace;
  readonly settings: EngineSettings;
  readonly commands: CommandTable;
  readonly lookahead: Lookahead;
  readonly clients: ClientRegistry = new ClientRegistry();
  readonly clientMemory: ClientMemory = new ClientMemory(this.clients);
  readonly memory: MemoryLimit;
  readonly holding: Holding;
  readonly blocking: Blocking;
  /** Clients that wait for acknowledgements. */
  readonly lateWaits: LateWaits;
  readonly timer: CallTimer;
  readonly clock: Clock;
  /** What happens to keys, told to watchers, waiting clients and keyspace notifications. */
  readonly events: KeyEvents;
  readonly propagation: Propagation;
  readonly ownPushes: OwnPushes = new OwnPushes();
  readonly transactions: Transactions;
  /** Null while nobody watches the commands. */
  feed: CommandFeed | null = null;
  /** Null while no client tracks the keys that it reads. */
  tracker: KeyTracker | null = null;
  /** What is let go of a client that ends or sends RESET, by the features that hold something. */
  readonly releases: ((client: Client) => void)[] = [];
  protection: ProtectionCheck = () => null;
  /** Users and what they may do. */
  access: AccessControl = openAccess;
  /** Version of Redis that HELLO tells. */
  version = '';
  /** FLUSHALL has emptied all databases; so many changes of it are not counted yet. */
  onFlushedAll: (uncounted: number) => void = () => {};
  /** Called with an unexpected exception of a handler; the client has got an error. */
  onHandlerError: (error: unknown, command: Command) => void = () => {};
  /** Called with what is wrong with a payload that RESTORE refuses, and where. */
  onBadPayload: (problem: string, offset: number) => void = () => {};
  /** A client speaks HTTP: it is to be cut off. */
  onCrossProtocol: (client: Client) => void = () => {};
  readonly #call: Call;
  /** For commands inside a command, by depth. */
  readonly #innerCalls: Call[] = [];
  /** Error replies up to the last command that was looked at. */
  #errorsSeen = 0;
  /** The client whose command runs or ran last, and whether it does. */
  #executing: Client | null = null;
  #isServing = false;
  /** Depth of commands that run inside commands. */
  #depth = 0;

  constructor(
    keyspace: Keyspace,
    settings: EngineSettings,
    specs: readonly CommandSpec[],
    clock: Clock,
    timers: Timers,
  ) {
    super();
    this.keyspace = keyspace;
    this.settings = settings;
    this.commands = new CommandTable(specs);
    this.lookahead = new Lookahead(this.commands);
    this.clock = clock;
    this.#call = new Call(this);
    this.timer = new CallTimer(clock);
    this.holding = new Holding(this, timers);
    this.blocking = new Blocking(this, timers);
    this.lateWaits = new LateWaits(this, timers);
    this.events = new KeyEvents(this);
    this.propagation = new Propagation(this);
    this.transactions = new Transactions(this);
    this.memory = new MemoryLimit(this, clock, timers);
    keyspace.hasRoomFor = (bytes) => this.memory.hasRoomFor(bytes);
    keyspace.listener = this.events;
  }

  /** CLIENT PAUSE, and what else holds writes back. */
  get pause(): ClientPause {
    return this.holding.pause;
  }

  /** The client whose command runs, or null. */
  get executing(): Client | null {
    return this.#isServing ? this.#executing : null;
  }

  set executing(client: Client | null) {
    this.#isServing = client !== null;
    if (client !== null && this.#executing !== client) this.#executing = client;
  }

  /** A turn of the event loop begins: its commands see this time. */
  beginTurn(): void {
    if (this.suspended === null) this.keyspace.setNow(this.clock.nowMs());
    this.timer.beginTurn(this.totalCommands);
  }

  /** The commands that were at hand have run. */
  endTurn(): void {
    this.timer.endTurn(this.totalCommands);
  }

  /**
   * Runs one command. Its reply is in `reply` when this returns EXECUTED.
   * @param known the command that has the name, where the caller has looked already
   */
  execute(client: Client, args: Args, reply: ReplyWriter, known: Command | null = null): number {
    let command = known ?? this.commands.lookup(args.bytes, args.offsets[0]!, args.lengths[0]!);
    if (client.lastCommand !== command) client.lastCommand = command;
    if (command === null) {
      if (isCrossProtocol(args)) this.onCrossProtocol(client);
      else this.#reject(client, null, args, unknownCommand(args), reply);
      return EXECUTED;
    }
    if (command.subcommands !== null && args.count > 1) {
      const sub = command.subcommands.lookup(args.bytes, args.offsets[1]!, args.lengths[1]!);
      client.lastCommand = sub;
      if (sub === null) {
        const error = unknownSubcommand(args.shown(1), args.latin1(0));
        this.#reject(client, null, args, error, reply);
        return EXECUTED;
      }
      command = sub;
    }
    const isPlain =
      (client.apart | this.conditions | (command.mask & FLAG_PROTECTED)) === 0 &&
      args.count >= command.minArguments &&
      args.count <= command.maxArguments &&
      client.user.isUnrestricted &&
      !this.keyspace.isValueOpen;
    if (!isPlain && !this.#passesChecks(client, command, args, reply)) {
      return client.hold === 'none' ? EXECUTED : HELD;
    }
    this.#run(client, command, args, reply);
    return (client.apart & APART_AFTER) === 0 || client.hold === 'none' ? EXECUTED : HELD;
  }

  /** @returns true when the command is to run now; else it was refused, is held or queued. */
  #passesChecks(client: Client, command: Command, args: Args, reply: ReplyWriter): boolean {
    const refusal = refusalOf(this, client, command, args);
    if (refusal !== null) {
      this.#reject(client, command, args, refusal, reply);
      return false;
    }
    if (this.holding.keeps(client, command, args)) return false;
    if (!this.#isQueued(client, command)) return true;
    this.#queue(client, command, args, reply);
    return false;
  }

  /** Runs the command that CLIENT PAUSE held back. @returns HELD when it is held again. */
  executeHeld(client: Client, reply: ReplyWriter): number {
    const args = client.heldCommand;
    client.hold = 'none';
    client.heldCommand = null;
    return args === null ? EXECUTED : this.execute(client, args, reply);
  }

  /**
   * Lets a command reply later: the client's next commands wait until the returned function is
   * called, which writes the reply. A client that has gone meanwhile gets none.
   */
  defer(client: Client): (write: (reply: ReplyWriter) => void) => void {
    client.hold = 'blocked';
    return (write) => {
      client.hold = 'none';
      if (client.closed) return;
      client.transport.reply(client, (reply) => writeLate(client, reply, write));
    };
  }

  #isQueued(client: Client, command: Command): boolean {
    return (client.modes & MODE_MULTI) !== 0 && (command.mask & FLAG_NOT_QUEUED) === 0;
  }

  #queue(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    this.#answer(client, reply, () => {
      this.transactions.queue(client, command, args, reply);
    });
  }

  #reject(
    client: Client,
    command: Command | null,
    args: Args,
    error: ReplyError,
    reply: ReplyWriter,
  ): void {
    if (command !== null) command.rejectedCalls++;
    const told = this.transactions.onRejected(client, command, error);
    this.tracker?.onRefused(client, command);
    this.#answer(client, reply, () => reply.error(told));
    // Who watched the transaction begin sees it end.
    if (told !== error && command !== null) this.feed?.onRan(client, command, args);
  }

  /** Writes an answer without running anything: no command's own, so silence holds for it. */
  #answer(client: Client, reply: ReplyWriter, write: () => void): void {
    const before = client.replyMode;
    const { mark } = this.#call;
    reply.mark(mark);
    write();
    if (before !== 'on') this.#finishReplyMode(client, null, reply, mark, before);
  }

  #run(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    const isOutermost = this.#depth === 0;
    const call = isOutermost ? this.#call : this.#innerCall();
    const { timer } = this;
    const { mark } = call;
    const isBrief = isOutermost && (command.mask & FLAG_BRIEF) !== 0;
    const isInner = !isOutermost && client.runsScripts;
    const isMeasured = isInner && timer.beforeInner(command);
    if (isBrief) timer.beforeBrief(command);
    else if (!isInner) timer.beforeOther();
    reply.mark(mark);
    reply.resp3 = client.resp3;
    const apartBefore = client.apart & APART_AFTER;
    const replyMode = apartBefore === 0 ? 'on' : client.replyMode;
    this.keyspace.onlyReads = changesNoKey(command.mask);
    call.begin(client, command, args, reply);
    if (isOutermost) this.executing = client;
    this.#errorsSeen = this.totalErrorReplies;
    this.#depth++;
    try {
      command.run!(call, args);
    } catch (error) {
      reply.rollback(mark);
      this.#handlerFailed(error, command, reply);
    }
    this.#depth--;
    if (this.suspended !== null && this.suspended.client === client) {
      if (isOutermost) this.leaveSuspended(this.suspended);
      return;
    }
    if (this.totalErrorReplies > this.#errorsSeen) {
      this.#errorsSeen = this.totalErrorReplies;
      command.failedCalls++;
    }
    if (call.dirty !== 0 || call.rewritten !== null) this.#propagate(call, command, args);
    const isApart = (client.apart & APART_AFTER) !== 0;
    if (isApart && client.hold === 'blocked' && client.unblock !== null) {
      // It counts when it has been served.
      timer.begin();
    } else {
      this.totalCommands++;
      if (isBrief) timer.afterBrief(client, command, args, isHeavy(args, reply, mark));
      else if (isInner) timer.afterInner(client, command, args, isMeasured);
      else timer.afterOther(client, command, args);
    }
    if (this.tracker !== null) this.tracker.onRan(command, args);
    if (this.feed !== null && this.blocking.repeating === null) {
      this.feed.onRan(client, command, args);
    }
    if (isApart && client.replyMode !== 'on') {
      this.#finishReplyMode(client, command, reply, mark, replyMode);
    }
    if (isOutermost) this.finishUnit(command, reply);
  }

  /** A client's command has ended, with all that ran inside it. */
  finishUnit(command: Command, reply: ReplyWriter): void {
    if (this.propagation.pendingCount !== 0 && this.suspended === null) {
      this.propagation.finish((command.mask & FLAG_TOUCHES_ARBITRARY_KEYS) === 0);
      if (this.executing !== null) this.executing.hasWritten(this.propagation);
    }
    this.executing = null;
    this.timer.toldUsec = null;
    this.keyspace.onlyReads = false;
    if (this.ownPushes.bytes !== 0) this.ownPushes.writeTo(reply);
    if (this.blocking.hasReady && this.suspended === null) this.blocking.serve();
  }

  /** The command that runs has given way: what its client is told waits with it. */
  leaveSuspended({ pushes }: { readonly pushes: OwnPushes }): void {
    this.executing = null;
    this.keyspace.onlyReads = false;
    this.timer.begin();
    this.ownPushes.moveTo(pushes);
  }

  /** Runs something as if so many commands were under way. */
  atDepth<T>(depth: number, run: () => T): T {
    const before = this.#depth;
    this.#depth = depth;
    const result = run();
    this.#depth = before;
    return result;
  }

  /** How many commands run inside one another. */
  get depth(): number {
    return this.#depth;
  }

  #innerCall(): Call {
    const index = this.#depth - 1;
    this.#innerCalls[index] ??= new Call(this);
    return this.#innerCalls[index];
  }

  /** Runs a command inside the one that runs: for EXEC and scripts. It has been checked. */
  runInside(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    this.#run(client, command, args, reply);
  }

  /**
   * Runs a command that was accepted elsewhere or before: from an AOF or a master. None of the
   * checks are made; between MULTI and EXEC it is queued.
   */
  replay(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    client.lastCommand = command;
    if (this.#isQueued(client, command)) this.#queue(client, command, args, reply);
    else this.#run(client, command, args, reply);
  }

  /** The arguments of the command of a client that runs, or waits to; or null. */
  argumentsOf(client: Client): Args | null {
    if (client === this.suspended?.client) return this.suspended.args;
    if (client === this.executing) return this.#call.args;
    if (client.hold === 'none') return null;
    return client.heldCommand ?? this.blocking.argsOf(client) ?? this.lateWaits.argsOf(client);
  }

  /** True while a command runs. */
  get isRunning(): boolean {
    return this.#depth > 0;
  }

  /** True while a script runs a command. */
  get isInScript(): boolean {
    return this.#depth > 1 && this.#innerCalls[this.#depth - 2]!.client.runsScripts;
  }

  /**
   * Sends a client a message that is no reply; the bytes may not change any more. To the client
   * whose command runs it goes behind the reply, and to others on their way.
   */
  push(client: Client, bytes: Uint8Array): void {
    const { suspended } = this;
    if (suspended?.client === client) suspended.pushes.add(bytes, suspended.limitBytes);
    else if (client !== this.executing) client.transport.push(client, bytes);
    else this.ownPushes.add(bytes, this.#call.reply.limitBytes);
  }

  /** A client has ended, or begins anew by RESET: it is in no mode any more. */
  release(client: Client): void {
    this.transactions.discard(client);
    for (const release of this.releases) release(client);
  }

  /** Milliseconds of the Unix epoch, now. */
  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** Runs the command of a client that waited for one of its keys. */
  repeat(wait: Wait, reply: ReplyWriter): void {
    const { client, command, args } = wait;
    reply.resp3 = client.resp3;
    const refusal = refusalOf(this, client, command, args);
    if (refusal !== null) this.#reject(client, command, args, refusal, reply);
    else this.#run(client, command, args, reply);
  }

  /** A client has waited in vain: now its command counts. */
  onWaitEnded({ client, command, sent }: EndedWait, withError: boolean): void {
    this.totalCommands++;
    this.timer.afterLong(client, command, sent, 0);
    if (withError) command.failedCalls++;
  }

  onWaitsChanged(): void {
    this.events.setHooks();
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
    if (this.role !== null) this.role.onChanged(call, command, args);
    const { propagation } = this;
    if (!propagation.isHeard) return;
    if (call.rewritten !== null) {
      for (const parts of call.rewritten) propagation.add(call.db, parts);
    } else if ((command.mask & (FLAG_WRITE | FLAG_MAY_REPLICATE)) !== 0) {
      propagation.addCommand(call.db, args);
    }
  }

  /**
   * CLIENT REPLY: what a command wrote is cut off again. A command that turned replies off has
   * written what came before.
   */
  #finishReplyMode(
    client: Client,
    command: Command | null,
    reply: ReplyWriter,
    mark: ReplyMark,
    before: ReplyMode,
  ): void {
    const { replyMode } = client;
    const isSilent = isSilentMode(replyMode) && isSilentMode(before);
    if (isSilent && (command === null || (command.mask & FLAG_REPLIES_BY_PUSH) === 0)) {
      reply.rollback(mark);
    }
    // What SKIP is for is the reply, and a command that waits has none yet.
    if (this.#depth > 0 || client.hold === 'blocked') return;
    if (replyMode === 'skip') client.replyMode = 'on';
    else if (replyMode === 'skip-next') client.replyMode = 'skip';
  }

  /** A command inside the one that runs was refused: the error is that one's, not the outer's. */
  countRefusalInside(command: Command | null, error: ReplyError): void {
    if (command !== null) command.rejectedCalls++;
    this.countError(error);
    this.#errorsSeen = this.totalErrorReplies;
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.totalCommands = 0;
    this.totalErrorReplies = 0;
    this.errorCounts.clear();
    this.timer.turns.reset();
    this.clients.resetStatistics();
    this.keyspace.resetStatistics();
    this.memory.resetStatistics();
    for (const command of this.commands.all()) command.resetStatistics();
  }
}
