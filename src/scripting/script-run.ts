// One run of a script or function: the checks before it, the plain form and the form that gives way
// (which begins anew with the replies that the first one got), the way out. There is one ScriptRun
// a server, because there is one script at a time. See docs/internals/lua.md.

import { untilNul } from '../bytes/ascii.ts';
import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Call } from '../engine/call.ts';
import type { Client } from '../engine/client.ts';
import type { Command } from '../engine/command.ts';
import type { Engine } from '../engine/engine.ts';
import { NO_TRANSPORT } from '../engine/no-transport.ts';
import { TO_ALL } from '../engine/propagation.ts';
import { type Suspendable, suspend } from '../engine/suspension.ts';
import { Execution } from '../lua/coroutine.ts';
import { LuaError, NeedsCompiling, NeedsGivingWay, ScriptKilled } from '../lua/errors.ts';
import type { LuaHost, MachineState } from '../lua/machine.ts';
import type { Random48 } from '../lua/random48.ts';
import type { Runtime } from '../lua/runtime.ts';
import { LuaTable } from '../lua/table.ts';
import { firstOf, type LuaFunction, type Result, type Value } from '../lua/value.ts';
import type { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { collectHeap, heapRoom, makeHeapRoom } from '../runtime/memory.ts';
import { type CallerRights, CommandCaller } from './command-caller.ts';
import { KeptReplies } from './kept-replies.ts';
import { KnownStrings } from './known-strings.ts';
import { inheritedField, messageOf, writeError, writeValue } from './lua-to-reply.ts';
import { raise } from './redis-library.ts';
import {
  SCRIPT_ALLOW_OOM,
  SCRIPT_ALLOW_STALE,
  SCRIPT_COMPAT,
  SCRIPT_NO_CLUSTER,
  SCRIPT_NO_WRITES,
} from './script-flags.ts';

/** Where the keys begin among the arguments of EVAL. */
const FIRST_KEY = 3;
/** Milliseconds that a busy script runs before others have their turn. */
const SLICE_MS = 5;
/** What a command costs of the budget. */
const STEPS_PER_COMMAND = 50;
/** Asked about the heap once in so many looks at the clock. */
const LOOKS_PER_HEAP = 8;

const BUSY_EVAL = replyError(
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
);
const BUSY_FUNCTION = replyError(
  'BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.',
);
const NO_RO = replyError('ERR Can not execute a script with write flag using *_ro command.');
const NO_CLUSTER = replyError("ERR Can not run script on cluster, 'no-cluster' flag is set.");
const MASTER_DOWN = replyError(
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);
const SCRIPT_STALE = replyError(
  "MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' and 'allow-stale' " +
    'flag is not set on the script.',
);
const SCRIPT_ON_REPLICA = replyError(
  'READONLY Can not run script with write flag on readonly replica',
);
const SNAPSHOT_FAILED = 'MISCONF Redis is configured to save RDB snapshots';
const SCRIPT_SNAPSHOT_FAILED = replyError(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to " +
    "disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts.",
);
const SCRIPT_OOM = replyError(
  'OOM allow-oom flag is not set on the script, can not run it when used memory > ' + "'maxmemory'",
);
const KILLED = 'Script killed by user with SCRIPT KILL...';

/** What is run. */
export interface Program {
  /** The SHA1 of a script, the name of a function. */
  readonly name: string;
  readonly flags: number;
  readonly isEval: boolean;
  /** For its first run, which may throw NeedsCompiling; null from then on. */
  tree(): LuaFunction | null;
  /** Its plain form, or null where it has none. */
  plain(): LuaFunction | null;
  givingWay(): LuaFunction;
}

export interface RunHost {
  readonly engine: Engine;
  /** `busy-reply-threshold`. */
  readonly thresholdMs: number;
  readonly isCluster: boolean;
  readonly random: Random48;
  plainRuntime(): Runtime;
  plainFunctionRuntime(): Runtime;
  givingWayRuntime(isEval: boolean): Runtime;
  log(level: 'warning' | 'notice', text: string): void;
  /** A script is busy: it is to be gone on with until it has ended. */
  onBusy(): void;
}

export class ScriptRun implements Suspendable, CallerRights, LuaHost {
  readonly #host: RunHost;
  readonly #commands: CommandCaller;
  readonly #strings = new KnownStrings();
  program: Program | null = null;
  caller!: Client;
  isReadOnly = false;
  allowsOom = false;
  wasOutOfMemory = false;
  hasWritten = false;
  target: number = TO_ALL;
  isError = false;
  startMs: number = DOUBLE_ZERO;
  isBusy = false;
  /** The command that it runs as. */
  #command: Command | null = null;
  #isKilled = false;
  #mayGiveWay = false;
  #givesWay = false;
  #sliceStartMs: number = DOUBLE_ZERO;
  #looks = 0;
  /** The heap has been nearly full. */
  #wasShort = false;
  readonly #kept = new KeptReplies();
  #execution: Execution | null = null;
  #failure: unknown = null;
  #result: Value = undefined;
  /** The arguments of the command that it runs as, while that has not given way. */
  #args: Args | null = null;
  #keysEnd = FIRST_KEY;
  /** The globals of the last script, and its tables in them. */
  #globals: LuaTable | null = null;
  #keysTable: LuaTable | null = null;
  #restTable: LuaTable | null = null;
  /** Counters of the state of Lua that runs. */
  #state: MachineState | null = null;
  /** What chance began with. */
  #randomState: readonly [number, number] = [0, 0];

  constructor(host: RunHost) {
    this.#host = host;
    this.#commands = new CommandCaller(host.engine, this.#strings);
  }

  get isRunning(): boolean {
    return this.program !== null;
  }

  get refusal(): ReplyError {
    return this.program?.isEval === true ? BUSY_EVAL : BUSY_FUNCTION;
  }

  /** Runs a program as the command that runs. @param keyCount how many arguments are keys. */
  start(call: Call, args: Args, program: Program, keyCount: number, isRo: boolean): void {
    const refused = this.#prepare(call, program, isRo);
    if (refused !== null) {
      call.reply.error(refused);
      return;
    }
    this.#args = args;
    this.#keysEnd = FIRST_KEY + keyCount;
    const { timer } = call.engine;
    const timerStart = timer.startMs;
    if (!this.#runPlain(program) && !this.#runGivingWay(program)) {
      this.#args = null;
      suspend(call, this);
      this.#host.onBusy();
      return;
    }
    timer.startMs = timerStart;
    this.finish(call.reply);
  }

  #prepare(call: Call, program: Program, isRo: boolean): ReplyError | null {
    const { flags } = program;
    const { engine, client } = call;
    const isCompat = (flags & SCRIPT_COMPAT) !== 0;
    const writesNot = !isCompat && (flags & SCRIPT_NO_WRITES) !== 0;
    const wasOut = engine.memory.maxBytes !== 0 && engine.memory.isOut;
    const isStale = engine.role?.isStale === true;
    if (isCompat && isStale) return MASTER_DOWN;
    if (!isCompat) {
      if ((flags & SCRIPT_NO_CLUSTER) !== 0 && this.#host.isCluster) return NO_CLUSTER;
      if (isStale && (flags & SCRIPT_ALLOW_STALE) === 0) return SCRIPT_STALE;
      const denied = writesNot ? null : whyNoWrites(engine, client);
      if (denied !== null) return denied;
      if (!writesNot && isRo) return NO_RO;
      if (wasOut && (flags & (SCRIPT_ALLOW_OOM | SCRIPT_NO_WRITES)) === 0) return SCRIPT_OOM;
    }
    this.program = program;
    this.caller = client;
    this.#command = call.command;
    this.isReadOnly = isRo || writesNot;
    this.allowsOom = !isCompat && (flags & SCRIPT_ALLOW_OOM) !== 0;
    this.wasOutOfMemory = wasOut;
    this.hasWritten = false;
    this.isBusy = false;
    this.#isKilled = false;
    this.#mayGiveWay = client.transport !== NO_TRANSPORT;
    this.#failure = null;
    this.#result = undefined;
    // The command that it runs as has just begun.
    this.startMs = engine.timer.startMs;
    this.#randomState = this.#host.random.state;
    this.#commands.client.db = client.db;
    this.#rewind();
    return null;
  }

  /** What a run finds at its beginning, whichever form it has. */
  #rewind(): void {
    const { client } = this.#commands;
    client.resp3 = false;
    client.modes = 0;
    this.target = TO_ALL;
    this.#kept.rewind();
    this.#looks = 0;
    this.#host.random.restore(this.#randomState);
  }

  /** @returns false when the program must run in the form that gives way. */
  #runPlain(program: Program): boolean {
    this.#givesWay = false;
    const { isEval } = program;
    const runtime = isEval ? this.#host.plainRuntime() : this.#host.plainFunctionRuntime();
    this.#state = runtime.state;
    for (;;) {
      runtime.reset();
      try {
        const tree = program.tree();
        const start = tree ?? program.plain();
        if (start === null) return false;
        if (isEval) this.#setGlobals(runtime);
        let result: Result;
        if (tree !== null) result = runTree(tree);
        else result = isEval ? start() : start(this.#keys(), this.#rest());
        this.#result = firstOf(result as Value);
        return true;
      } catch (error) {
        const raised = runtime.asLuaError(error);
        if (raised instanceof NeedsGivingWay) return false;
        if (!(raised instanceof NeedsCompiling)) {
          this.#failure = raised;
          return true;
        }
        this.#rewind();
      }
    }
  }

  /** @returns false when it has given way. */
  #runGivingWay(program: Program): boolean {
    this.#givesWay = true;
    this.#rewind();
    const runtime = this.#host.givingWayRuntime(program.isEval);
    this.#state = runtime.state;
    runtime.reset();
    this.#sliceStartMs = this.#host.engine.clock.monotonicMs();
    try {
      if (program.isEval) {
        this.#setGlobals(runtime);
        this.#execution = new Execution(runtime, program.givingWay(), []);
      } else {
        this.#execution = new Execution(runtime, program.givingWay(), [this.#keys(), this.#rest()]);
      }
    } catch (error) {
      this.#failure = runtime.asLuaError(error);
      return true;
    }
    return this.step();
  }

  step(): boolean {
    const execution = this.#execution;
    if (execution === null) return true;
    this.#sliceStartMs = this.#host.engine.clock.monotonicMs();
    try {
      if (!execution.step()) return false;
      this.#result = firstOf(execution.results as Value[]);
    } catch (error) {
      this.#failure = error;
    }
    this.#execution = null;
    return true;
  }

  /** Scripts can keep nothing, so the tables of the last one are mostly used again. */
  #setGlobals({ globals }: Runtime): void {
    const args = this.#args!;
    const isSame = this.#globals === globals;
    const keys = this.#tableOf(args, FIRST_KEY, this.#keysEnd, isSame ? this.#keysTable : null);
    const rest = this.#tableOf(args, this.#keysEnd, args.count, isSame ? this.#restTable : null);
    if (isSame && keys === this.#keysTable && rest === this.#restTable) return;
    globals.isReadOnly = false;
    globals.set('KEYS', keys);
    globals.set('ARGV', rest);
    globals.isReadOnly = true;
    this.#globals = globals;
    this.#keysTable = keys;
    this.#restTable = rest;
  }

  #keys(): LuaTable {
    return this.#tableOf(this.#args!, FIRST_KEY, this.#keysEnd, null);
  }

  #rest(): LuaTable {
    return this.#tableOf(this.#args!, this.#keysEnd, this.#args!.count, null);
  }

  /** The arguments from one on up to another. @param known a table of an earlier run, or null. */
  #tableOf(args: Args, from: number, to: number, known: LuaTable | null): LuaTable {
    const count = to - from;
    const table = known?.becomes(count) ? known : LuaTable.ofCount(count);
    const { array } = table;
    const { bytes, offsets, lengths } = args;
    for (let i = from; i < to; i++) {
      array[i - from] = this.#strings.text(bytes, offsets[i]!, lengths[i]!);
    }
    return table;
  }

  finish(reply: ReplyWriter): void {
    const { program } = this;
    this.#host.engine.timer.endInner();
    const failure = this.#failure;
    const result = this.#result;
    this.program = null;
    this.#kept.forget();
    this.#commands.release();
    this.#execution = null;
    this.#failure = null;
    this.#result = undefined;
    this.#args = null;
    const counted =
      failure === null
        ? writeValue(reply, result, this.#commands.client.resp3)
        : this.#writeFailure(reply, failure, program?.name ?? '');
    if (this.#wasShort) {
      // What it leaves behind would be in the way of those that follow.
      this.#wasShort = false;
      collectHeap();
    }
    // Errors that were counted as those of the commands inside: this one has failed by each, too.
    if (this.#command !== null) this.#command.failedCalls += counted;
  }

  /** @returns 1 when the error was counted as that of a command inside, or 0. */
  #writeFailure(reply: ReplyWriter, failure: unknown, name: string): number {
    let text: string;
    let isCounted = false;
    let where: { source: string; line: number };
    if (failure instanceof ScriptKilled) {
      text = `ERR ${failure.reason}`;
      where = failure;
    } else if (failure instanceof LuaError) {
      where = failure;
      const { value } = failure;
      if (value instanceof LuaTable) {
        text = messageOf(value);
        isCounted = inheritedField(value, 'ignore_error_stats_update') === true;
      } else text = `ERR ${this.#host.givingWayRuntime(true).textOf(value)}`;
      text = untilNul(text);
    } else throw failure;
    if (where.line !== 0) text += ` script: ${name}, on ${where.source}:${where.line}.`;
    writeError(reply, text, isCounted);
    return isCounted ? 1 : 0;
  }

  // --- what programs call

  /** Begins the arguments of a command. */
  beginCommand(): void {
    this.#commands.begin();
  }

  addArgument(value: Value): void {
    this.#commands.add(value);
  }

  /** Runs the command whose arguments were added. */
  call(): Value {
    if (this.#state !== null) this.#state.budget -= STEPS_PER_COMMAND;
    const commands = this.#commands;
    const kept = this.#kept;
    if (kept.hasNext) {
      const value = kept.take(commands.reader);
      this.isError = kept.isError;
      return value;
    }
    const value = commands.call(this);
    this.isError = commands.isError;
    if (this.#givesWay) return value;
    if (typeof value !== 'object' || commands.replyLength === 0) kept.keep(value);
    else kept.keepReply(commands.replyBytes, commands.replyLength);
    return value;
  }

  /** Does something that has an effect outside, once in both runs together. */
  once(run: () => Value): Value {
    if (this.#kept.hasNext) return this.#kept.take(this.#commands.reader);
    const value = run();
    if (!this.#givesWay && this.isRunning) this.#kept.keep(value);
    return value;
  }

  setResp(version: number): void {
    this.#commands.client.resp3 = version === 3;
  }

  mayRun(values: readonly Value[]): Value {
    this.#commands.begin();
    for (const value of values) this.#commands.add(value);
    const args = this.#commands.ended();
    if (typeof args === 'string') throw raise(args.replace(/^ERR /, ''));
    const command = this.#commands.lookup(args);
    if (command === null) throw raise('Invalid command passed to redis.acl_check_cmd()');
    return this.once(() => {
      const { user } = this.caller;
      if (user.isUnrestricted) return true;
      return this.#host.engine.access.mayRun(user, command, args);
    });
  }

  // --- time

  onBudget(): boolean {
    const { engine, thresholdMs } = this.#host;
    if (this.#isKilled) {
      this.#host.log('notice', 'Lua script killed by user with SCRIPT KILL.');
      throw new ScriptKilled(KILLED);
    }
    if (++this.#looks % LOOKS_PER_HEAP === 0 && heapRoom() <= 0) {
      this.#wasShort = true;
      if (!makeHeapRoom()) throw new LuaError('not enough memory');
    }
    if (!this.isRunning) return false;
    const nowMs = engine.clock.monotonicMs();
    if (thresholdMs <= 0 || nowMs - this.startMs <= thresholdMs || !this.#mayGiveWay) return false;
    if (!this.#givesWay) throw new NeedsGivingWay('busy');
    if (!this.isBusy) this.#becomeBusy(nowMs - this.startMs);
    return nowMs - this.#sliceStartMs > SLICE_MS;
  }

  #becomeBusy(elapsedMs: number): void {
    this.isBusy = true;
    const { program } = this;
    const kill = program?.isEval === true ? 'SCRIPT KILL' : 'FUNCTION KILL';
    this.#host.log(
      'warning',
      `Slow script detected: still in execution after ${Math.floor(elapsedMs)} milliseconds. ` +
        `You can try killing the script using the ${kill} command. Script name is: ` +
        `${program?.name}.`,
    );
    // The first time it gives way at once, so that others get their answer.
    this.#sliceStartMs = 0;
  }

  /** Milliseconds since it began. */
  get elapsedMs(): number {
    return Math.floor(this.#host.engine.clock.monotonicMs() - this.startMs);
  }

  /** Ends the run at its next look at the clock. */
  kill(): void {
    this.#isKilled = true;
  }
}

/** A call of its own: where compiled scripts are called, JavaScript's compiler meets only those. */
function runTree(tree: LuaFunction): Result {
  return tree();
}

/** Why a script that declares that it writes may not run now, or null. */
function whyNoWrites({ role, diskError }: Engine, client: Client): ReplyError | null {
  if (client.mustBeObeyed) return null;
  const roleRefusal = role?.writeRefusal ?? null;
  if (roleRefusal !== null && role?.name === 'replica') return SCRIPT_ON_REPLICA;
  if (diskError === null) return roleRefusal;
  if (diskError.text.startsWith(SNAPSHOT_FAILED)) return SCRIPT_SNAPSHOT_FAILED;
  const reason = diskError.text.slice(diskError.text.lastIndexOf(': ') + 2);
  return replyError(
    "MISCONF Redis is configured to persist data to AOF, but it's currently unable to persist to " +
      "disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts. AOF error: " +
      reason,
  );
}
