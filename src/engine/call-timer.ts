// The time of commands. Reading the clock costs as much as a tenth of a small command, so commands
// that take constant time and move few bytes are timed together: a run of the same command in one
// turn is one measurement, shared equally. Everything else is measured by itself. A run that proves
// slow is told of as its last call.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Args } from '../protocol/args.ts';
import type { ReplyMark, ReplyWriter } from '../protocol/reply-writer.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Client } from './client.ts';
import { type Command, FLAG_BRIEF } from './command.ts';
import { TurnFigures } from './turn-figures.ts';

const USEC_PER_MS = 1000;
const RUN_LIMIT = 64;
/** Of the brief commands of scripts one in 32 is measured, once so many have been. */
const ALL_MEASURED = 32;
const UNMEASURED_MASK = 31;

/** Sees commands with their time after they ran: SLOWLOG, LATENCY. */
export interface CommandObserver {
  /** Calls that took less need not be told of; below 1000 every call is measured by itself. */
  readonly fromUsec: number;
  onExecuted(client: Client, command: Command, args: Args, usec: number): void;
}

export class CallTimer {
  observer: CommandObserver | null = null;
  /** `latency-tracking`. */
  tracksLatency = true;
  /**
   * When what is being timed began, ms of the monotonic clock. Whoever runs commands inside a
   * command puts it back afterwards.
   */
  startMs: number = DOUBLE_ZERO;
  /** Microseconds of the Unix epoch that TIME has told inside the command that runs, or null. */
  toldUsec: number | null = null;
  readonly turns: TurnFigures = new TurnFigures();
  readonly #clock: Clock;
  #runCommand: Command | null = null;
  #runCount = 0;
  #unmeasured = 0;
  /** Commands with calls inside scripts that are not recorded yet. */
  readonly #unrecorded: Command[] = [];
  #unrecordedCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Nothing that happened before now belongs to the next command. */
  begin(): void {
    this.startMs = this.#clock.monotonicMs();
  }

  /** A turn of the event loop begins, after so many commands. */
  beginTurn(commands: number): void {
    this.begin();
    this.turns.begin(this.startMs, commands);
  }

  endTurn(commands: number): void {
    this.endRun();
    this.turns.end(this.startMs, commands);
  }

  /**
   * What TIME tells inside MULTI and scripts, where time stands still: the same each time, of the
   * millisecond that the other commands see. @returns microseconds of the Unix epoch.
   */
  usecInside(nowMs: number): number {
    this.toldUsec ??= Math.min(this.#clock.nowUsec(), nowMs * USEC_PER_MS + USEC_PER_MS - 1);
    return this.toldUsec;
  }

  /** A brief command is about to run: what was timed before it, if something else, ends here. */
  beforeBrief(command: Command): void {
    if (this.#runCommand === command) return;
    if (this.#runCommand !== null) this.endRun();
    this.#runCommand = command;
  }

  /** A brief command has run. @param isHeavy it moved many bytes, so its time is taken now. */
  afterBrief(client: Client, command: Command, args: Args, isHeavy: boolean): void {
    if (++this.#runCount < RUN_LIMIT && !isHeavy && !this.#measuresEach()) return;
    const usec = this.endRun();
    const { observer } = this;
    if (observer !== null && usec >= observer.fromUsec) {
      observer.onExecuted(client, command, args, usec);
    }
  }

  #measuresEach(): boolean {
    return this.observer !== null && this.observer.fromUsec < USEC_PER_MS;
  }

  /** A command that is measured by itself is about to run. */
  beforeOther(): void {
    if (this.#runCommand !== null) this.endRun();
  }

  afterOther(client: Client, command: Command, args: Args): void {
    const usec = this.#lap();
    command.record(usec, 1, this.tracksLatency);
    const { observer } = this;
    if (observer !== null && usec >= observer.fromUsec) {
      observer.onExecuted(client, command, args, usec);
    }
  }

  /**
   * A command of a script is about to run. What the script does between its commands is not theirs,
   * so each would take two looks at the clock; of brief ones some are measured, and the others
   * count with the mean of those at the next that is measured, or in the end.
   * @returns whether it is measured.
   */
  beforeInner(command: Command): boolean {
    if (this.#runCommand !== null) this.endRun();
    const isBrief = (command.mask & FLAG_BRIEF) !== 0;
    if (isBrief && command.calls >= ALL_MEASURED && !this.#measuresEach()) {
      if ((++this.#unmeasured & UNMEASURED_MASK) !== 0) return false;
    }
    this.endInner();
    this.startMs = this.#clock.monotonicMs();
    return true;
  }

  afterInner(client: Client, command: Command, args: Args, isMeasured: boolean): void {
    if (isMeasured) this.afterOther(client, command, args);
    else if (++command.unrecordedCalls === 1) {
      this.#unrecorded[this.#unrecordedCount++] = command;
    }
  }

  /** A script ends, or asks for something: what was not measured counts now. */
  endInner(): void {
    const count = this.#unrecordedCount;
    for (let i = 0; i < count; i++) {
      const command = this.#unrecorded[i]!;
      command.record(command.usec / command.calls, command.unrecordedCalls, this.tracksLatency);
      command.unrecordedCalls = 0;
    }
    this.#unrecordedCount = 0;
  }

  /** A command has run that gave way meanwhile: its time was taken by whoever went on with it. */
  afterLong(client: Client, command: Command, args: Args, usec: number): void {
    command.record(usec, 1, this.tracksLatency);
    const { observer } = this;
    if (observer !== null && usec >= observer.fromUsec) {
      observer.onExecuted(client, command, args, usec);
    }
  }

  /**
   * Ends the run under way and shares its time out. @returns the time of the whole run in
   * microseconds.
   */
  endRun(): number {
    const command = this.#runCommand;
    const count = this.#runCount;
    this.#runCommand = null;
    this.#runCount = 0;
    if (command === null || count === 0) return 0;
    const usec = this.#lap();
    command.record(usec / count, count, this.tracksLatency);
    return usec;
  }

  #lap(): number {
    const endMs = this.#clock.monotonicMs();
    const usec = (endMs - this.startMs) * USEC_PER_MS;
    this.startMs = endMs;
    return usec;
  }
}

/**
 * Arguments or replies beyond this many bytes make a constant-time command worth a measurement of
 * its own.
 */
const HEAVY_BYTES = 65536;
/** A command with more arguments is worth one too. */
const BRIEF_MAX_ARGUMENTS = 16;

/** True when a command moved so much that being quick says little of it. */
export function isHeavy(args: Args, reply: ReplyWriter, before: ReplyMark): boolean {
  if (args.count > BRIEF_MAX_ARGUMENTS) return true;
  const last = args.count - 1;
  const argumentBytes = args.offsets[last]! + args.lengths[last]! - args.offsets[0]!;
  return argumentBytes > HEAVY_BYTES || reply.chunks.length !== before.chunkCount;
}
