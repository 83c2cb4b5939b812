// MULTI, EXEC and DISCARD: what becomes of a client's commands between them. The engine asks here
// only for clients that are in a mode (`client.modes`), so that nobody else pays for it. EXEC runs
// the queued commands through the engine, one inside the other's place, as one unit.
// https://redis.io/docs/latest/develop/interact/transactions/

import { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ReplyMark, ReplyWriter } from '../protocol/reply-writer.ts';
import type { Call } from './call.ts';
import { type Client, isSilentMode, MODE_MULTI } from './client.ts';
import {
  type Command,
  FLAG_DENYOOM,
  FLAG_ENDS_MULTI,
  FLAG_EXEC,
  FLAG_MAY_REPLICATE,
  FLAG_NO_ASYNC_LOADING,
  FLAG_READONLY,
  FLAG_WRITE,
} from './command.ts';
import type { Engine } from './engine.ts';
import { Transaction } from './transaction.ts';
import { Watching } from './watching.ts';

const NESTED = replyError('ERR MULTI calls can not be nested');
const DISCARD_WITHOUT_MULTI = replyError('ERR DISCARD without MULTI');
const EXEC_WITHOUT_MULTI = replyError('ERR EXEC without MULTI');
const WATCH_INSIDE_MULTI = replyError('ERR WATCH inside MULTI is not allowed');
const ABORTED = replyError('EXECABORT Transaction discarded because of previous errors.');
const QUEUED = new Uint8Array(Buffer.from('+QUEUED\r\n'));
/** What EXEC takes over from the commands that it will run. */
const INHERITED =
  FLAG_READONLY | FLAG_WRITE | FLAG_DENYOOM | FLAG_MAY_REPLICATE | FLAG_NO_ASYNC_LOADING;

export class Transactions {
  readonly watching: Watching;
  /** True while EXEC runs what was queued. */
  isExecuting = false;
  readonly #engine: Engine;
  /** The arguments of the queued command that EXEC runs. */
  readonly #args = new Args();
  /** Where the output of a client that is to be closed ends. */
  readonly #cutAt: ReplyMark = { chunkCount: 0, position: 0 };

  constructor(engine: Engine) {
    this.#engine = engine;
    this.watching = new Watching(engine.events);
  }

  begin(call: Call): void {
    const { client, reply } = call;
    if ((client.modes & MODE_MULTI) !== 0) {
      reply.error(NESTED);
      return;
    }
    client.transaction ??= new Transaction();
    client.modes |= MODE_MULTI;
    reply.ok();
  }

  /** Keeps a command for EXEC. */
  queue(client: Client, command: Command, args: Args, reply: ReplyWriter): void {
    client.transaction?.add(command, args);
    reply.raw(QUEUED);
  }

  /**
   * The flags by which a command of a client in a mode is checked: EXEC has those of what it will
   * run, and what is queued takes memory.
   */
  flagsOf(client: Client, command: Command, args: Args): number {
    const mask = command.maskFor(args);
    if ((client.modes & MODE_MULTI) === 0 || client.transaction === null) return mask;
    if ((mask & FLAG_EXEC) !== 0) return client.transaction.flagsOfExec(mask, INHERITED);
    return (mask & FLAG_ENDS_MULTI) !== 0 ? mask : mask | FLAG_DENYOOM;
  }

  /**
   * A command of a client was refused: a transaction that is being queued will fail, and EXEC
   * itself ends it. @returns what the client is told.
   */
  onRejected(client: Client, command: Command | null, error: ReplyError): ReplyError {
    if (command === null || (command.mask & FLAG_EXEC) === 0) {
      const { transaction } = client;
      if ((client.modes & MODE_MULTI) !== 0 && transaction !== null) transaction.hasErrors = true;
      return error;
    }
    this.discard(client);
    const reason = error.code === 'ERR' ? error.text.slice('ERR '.length) : error.text;
    return replyError(`EXECABORT Transaction discarded because of: ${reason}`);
  }

  discardCommand(call: Call): void {
    if ((call.client.modes & MODE_MULTI) === 0) {
      call.reply.error(DISCARD_WITHOUT_MULTI);
      return;
    }
    this.discard(call.client);
    call.reply.ok();
  }

  /** Forgets a client's transaction and what it watches. */
  discard(client: Client): void {
    client.modes &= ~MODE_MULTI;
    if (client.transaction === null) return;
    this.watching.unwatch(client);
    client.transaction = null;
  }

  watch(call: Call, args: Args): void {
    const { client, reply } = call;
    if ((client.modes & MODE_MULTI) !== 0) {
      reply.error(WATCH_INSIDE_MULTI);
      return;
    }
    if (client.transaction === null || !client.transaction.isDirty) {
      for (let i = 1; i < args.count; i++) this.watching.watch(client, args.latin1(i));
    }
    reply.ok();
  }

  unwatch(call: Call): void {
    const { client, reply } = call;
    this.watching.unwatch(client);
    if ((client.modes & MODE_MULTI) === 0) client.transaction = null;
    else if (client.transaction !== null) client.transaction.isDirty = false;
    reply.ok();
  }

  exec(call: Call): void {
    const { client, reply } = call;
    const { transaction } = client;
    if ((client.modes & MODE_MULTI) === 0 || transaction === null) {
      reply.error(EXEC_WITHOUT_MULTI);
      return;
    }
    if (transaction.hasErrors || transaction.isDirty || this.watching.hasExpired(client)) {
      const { hasErrors } = transaction;
      this.discard(client);
      if (hasErrors) reply.error(ABORTED);
      else reply.nullArray();
      return;
    }
    // What the commands change is no reason to fail any more.
    this.watching.unwatch(client);
    transaction.mayBlockAfter = client.mayBlock;
    client.mayBlock = false;
    const { timer } = this.#engine;
    const startMs = timer.startMs;
    // Where CLIENT REPLY holds replies back, one of the commands may let those that follow through.
    if (!isSilentMode(client.replyMode)) reply.array(transaction.count);
    const hasEnded = this.#runFrom(client, transaction, 0, 0, reply);
    timer.startMs = startMs;
    if (hasEnded) this.#end(client, transaction);
    else this.#waitFor(call, transaction);
  }

  #end(client: Client, transaction: Transaction): void {
    client.mayBlock = transaction.mayBlockAfter;
    this.discard(client);
  }

  /** One of the commands gave way: what follows runs when it has ended. */
  #waitFor(call: Call, transaction: Transaction): void {
    const { suspended } = this.#engine;
    if (suspended === null) return;
    const { client, command } = call;
    const args = call.args.copy();
    const goOn = (reply: ReplyWriter): void => {
      const { next, position } = transaction;
      if (this.#runFrom(client, transaction, next, position, reply)) this.#end(client, transaction);
      else if (this.#engine.suspended !== null) this.#engine.suspended.outer = outer;
    };
    const outer = { command, args, goOn };
    suspended.outer = outer;
  }

  /** Runs the commands from one on. @returns false when one has given way. */
  #runFrom(
    client: Client,
    transaction: Transaction,
    first: number,
    firstPosition: number,
    reply: ReplyWriter,
  ): boolean {
    const { queue } = transaction;
    const engine = this.#engine;
    let position = firstPosition;
    this.isExecuting = true;
    for (let i = first; i < queue.commands.length; i++) {
      const command = queue.commands[i]!;
      position = queue.load(position, this.#args);
      const refusal = client.user.isUnrestricted
        ? null
        : engine.access.refusal(client, command, this.#args, 'exec');
      // Once it is to be closed, as by the deletion of its user, nothing more is written to it.
      const isCut = client.closing;
      if (isCut) reply.mark(this.#cutAt);
      if (refusal === null) engine.runInside(client, command, this.#args, reply);
      else reply.error(refusal);
      if (isCut) reply.rollback(this.#cutAt);
      if (engine.suspended !== null && engine.suspended.client === client) {
        transaction.next = i + 1;
        transaction.position = position;
        this.isExecuting = false;
        return false;
      }
    }
    this.isExecuting = false;
    this.#args.clear();
    this.#args.bytes = NO_BYTES;
    return true;
  }
}

const NO_BYTES = new Uint8Array(0);
