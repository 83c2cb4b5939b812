// Clients that wait for something other than a key: acknowledgements of replicas (WAIT) or of the
// disk (WAITAOF). They end by being served, after their timeout, by CLIENT UNBLOCK, or with their
// client. Whoever makes a client wait keeps the wait and settles it.

import { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { TIMER_MAX_MS, type Timer, type Timers } from '../runtime/clock.ts';
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import { writeLate } from './late-reply.ts';

const UNBLOCKED = replyError('UNBLOCKED client unblocked via CLIENT UNBLOCK');

/** Writes the reply to a command that has waited. */
export type WriteReply = (reply: ReplyWriter) => void;

export interface LateWait {
  readonly client: Client;
  /** The server is to be told nothing more of it. */
  readonly isOver: boolean;
  /** Ends the wait with a reply. */
  settle(write: WriteReply): void;
}

/** What the waits need of the engine. */
export interface LateWaitHost {
  readonly nowMs: number;
  /** The arguments of the command of a client that runs. */
  argumentsOf(client: Client): Args | null;
  /** A wait has ended: its command counts. */
  onWaitEnded(wait: EndedWait, withError: boolean): void;
}

export interface EndedWait {
  readonly client: Client;
  readonly command: Command;
  /** The arguments that were sent. */
  readonly sent: Args;
}

class Waiting implements LateWait {
  isOver = false;
  timer: Timer | null = null;
  readonly client: Client;
  readonly command: Command;
  readonly sent: Args;
  readonly #waits: LateWaits;

  constructor(client: Client, command: Command, sent: Args, waits: LateWaits) {
    this.client = client;
    this.command = command;
    this.sent = sent;
    this.#waits = waits;
  }

  settle(write: WriteReply): void {
    this.#waits.end(this, write, false);
  }
}

export class LateWaits {
  readonly #host: LateWaitHost;
  readonly #timers: Timers;
  readonly #waits: Map<Client, Waiting> = new Map();

  constructor(host: LateWaitHost, timers: Timers) {
    this.#host = host;
    this.#timers = timers;
  }

  /** Clients that wait. */
  get count(): number {
    return this.#waits.size;
  }

  /** What a client has sent that waits, or null. */
  argsOf(client: Client): Args | null {
    return this.#waits.get(client)?.sent ?? null;
  }

  /** Those of them that wait until a time at most. */
  get timedCount(): number {
    let count = 0;
    for (const { timer } of this.#waits.values()) if (timer !== null) count++;
    return count;
  }

  /**
   * Makes the client of a command wait; the handler returns without a reply.
   * @param timeoutMs after which `onTimeout` writes the reply; 0: never.
   */
  add(client: Client, command: Command, timeoutMs: number, onTimeout: WriteReply): LateWait {
    const sent = this.#host.argumentsOf(client)?.copy() ?? new Args();
    const wait = new Waiting(client, command, sent, this);
    client.hold = 'blocked';
    client.unblock = (withError) => {
      if (wait.isOver) return false;
      this.end(wait, withError ? (reply) => reply.error(UNBLOCKED) : onTimeout, withError);
      return true;
    };
    this.#waits.set(client, wait);
    if (timeoutMs > 0) this.#startTimer(wait, this.#host.nowMs + timeoutMs, onTimeout);
    return wait;
  }

  #startTimer(wait: Waiting, deadlineMs: number, onTimeout: WriteReply): void {
    // Until the millisecond after that, as clients that block.
    const delayMs = Math.min(Math.max(0, deadlineMs + 1 - this.#host.nowMs), TIMER_MAX_MS);
    wait.timer = this.#timers.after(delayMs, () => {
      if (wait.isOver) return;
      if (this.#host.nowMs <= deadlineMs) this.#startTimer(wait, deadlineMs, onTimeout);
      else this.end(wait, onTimeout, false);
    });
  }

  /** @internal Ends a wait with a reply. */
  end(wait: Waiting, write: WriteReply, withError: boolean): void {
    if (wait.isOver) return;
    const { client } = wait;
    this.#remove(wait);
    client.hold = 'none';
    client.transport.write(client, (reply) => writeLate(client, reply, write));
    this.#host.onWaitEnded(wait, withError);
    this.#timers.soon(() => {
      if (!client.closed) client.transport.resume(client);
    });
  }

  /** The server is no longer what they wait at: all get an error, and are closed. */
  disconnectAll(error: ReplyError): void {
    for (const wait of [...this.#waits.values()]) {
      this.end(wait, (reply) => reply.error(error), true);
      wait.client.transport.close(wait.client, true);
    }
  }

  /** A client has gone. */
  forget(client: Client): void {
    const wait = this.#waits.get(client);
    if (wait !== undefined) this.#remove(wait);
  }

  #remove(wait: Waiting): void {
    wait.isOver = true;
    wait.timer?.stop();
    wait.timer = null;
    wait.client.unblock = null;
    this.#waits.delete(wait.client);
  }

  /** The server ends: no timer may fire any more. */
  stop(): void {
    for (const { timer } of this.#waits.values()) timer?.stop();
  }
}
