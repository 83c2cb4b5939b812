// A command that has given way before its end: a script that runs longer than
// busy-reply-threshold, or a MIGRATE inside a transaction. While there is one, other clients may do
// little, time stands still, and what it has changed waits for its end to be told to the journals.
// When it stands in a transaction, EXEC goes on behind it.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Args } from '../protocol/args.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import type { Engine } from './engine.ts';
import { writeLate } from './late-reply.ts';
import { OwnPushes } from './own-pushes.ts';

/** What the command that gives way can do. */
export interface Suspendable {
  /** What others are told; null where they are held back instead (ClientPause). */
  readonly refusal: ReplyError | null;
  /** Goes on for a while. @returns true when it has ended. */
  step(): boolean;
  /** Writes its reply, when it has ended. */
  finish(reply: ReplyWriter): void;
}

export class Suspension {
  readonly client: Client;
  readonly command: Command;
  /** They own their bytes. */
  readonly args: Args;
  readonly work: Suspendable;
  /** Depth of commands inside commands that it runs at. */
  readonly depth: number;
  /** The transaction that it stands in: goes on with its next command, true when it has ended. */
  outer: Outer | null = null;
  /** Microseconds that it has run for. */
  usec: number = DOUBLE_ZERO;
  /** Messages to its client: they follow the reply. */
  readonly pushes: OwnPushes = new OwnPushes();
  /** What its client's output may come to. */
  limitBytes: number = Number.POSITIVE_INFINITY;

  constructor(client: Client, command: Command, args: Args, work: Suspendable, depth: number) {
    this.client = client;
    this.command = command;
    this.args = args;
    this.work = work;
    this.depth = depth;
  }
}

/** A command around the one that gave way. */
export interface Outer {
  readonly command: Command;
  readonly args: Args;
  /** Goes on with what follows. It may give way again. */
  goOn(reply: ReplyWriter): void;
}

/**
 * The command that runs gives way before its end: `resumeSuspended` is to be called until it has
 * ended. Its handler returns without a reply.
 */
export function suspend(call: Call, work: Suspendable): void {
  const { engine, client, command } = call;
  client.hold = 'blocked';
  engine.suspended = new Suspension(client, command, call.args.copy(), work, engine.depth);
  engine.suspended.limitBytes = call.reply.limitBytes;
}

/** Goes on with the command that has given way. */
export function resumeSuspended(engine: Engine): void {
  const { suspended } = engine;
  if (suspended === null) return;
  const startMs = engine.clock.monotonicMs();
  // What waits for TIME to pass must see it do so; keys expire by when the command began.
  engine.timer.toldUsec = engine.clock.nowUsec();
  engine.executing = suspended.client;
  const hasEnded = engine.atDepth(suspended.depth, () => suspended.work.step());
  suspended.usec += (engine.clock.monotonicMs() - startMs) * 1000;
  engine.leaveSuspended(suspended);
  if (!hasEnded) return;
  const { client } = suspended;
  engine.suspended = null;
  client.hold = 'none';
  const write = (reply: ReplyWriter): void => finishSuspended(engine, suspended, reply);
  if (client.closed) write(new ReplyWriter(engine));
  else client.transport.reply(client, (reply) => writeLate(client, reply, write));
  // What came from the master meanwhile has waited.
  for (const each of engine.clients.all()) if (each.isMaster) each.transport.resume(each);
}

function finishSuspended(engine: Engine, suspended: Suspension, reply: ReplyWriter): void {
  const { client, command, args, outer } = suspended;
  const errors = engine.totalErrorReplies;
  reply.resp3 = client.resp3;
  engine.executing = client;
  suspended.pushes.moveTo(engine.ownPushes);
  suspended.work.finish(reply);
  engine.totalCommands++;
  if (engine.totalErrorReplies > errors) command.failedCalls++;
  engine.timer.afterLong(client, command, args, suspended.usec);
  engine.feed?.onRan(client, command, args);
  if (outer !== null) {
    engine.atDepth(suspended.depth - 1, () => outer.goOn(reply));
    if (engine.suspended !== null) {
      engine.leaveSuspended(engine.suspended);
      return;
    }
    engine.totalCommands++;
    engine.timer.afterOther(client, outer.command, outer.args);
    engine.feed?.onRan(client, outer.command, outer.args);
  }
  engine.tracker?.onRan(outer?.command ?? command, outer?.args ?? args);
  engine.finishUnit(command, reply);
}
