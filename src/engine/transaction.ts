// The state of one client's transaction: what it watches, and between MULTI and EXEC the commands
// that wait. A client without either has none.

import type { Args } from '../protocol/args.ts';
import { type Command, FLAG_LOADING, FLAG_STALE } from './command.ts';
import { CommandQueue } from './command-queue.ts';
import type { Watch } from './watching.ts';

/** What a watched key costs beside its name, for the client's memory. */
const WATCH_BYTES = 96;

export class Transaction {
  queue: CommandQueue = new CommandQueue();
  readonly watches: Watch[] = [];
  /** A watched key was changed: EXEC answers null. */
  isDirty = false;
  /** A command could not be queued: EXEC answers EXECABORT. */
  hasErrors = false;
  /** Whether the client may wait outside it: that of an append-only file may not. */
  mayBlockAfter = true;
  /** Where EXEC goes on when one of the commands has given way. */
  next = 0;
  position = 0;
  /** Flags that any of the queued commands has. */
  #someFlags = 0;
  /** Flags that all of them have. */
  #commonFlags = -1;

  get count(): number {
    return this.queue.commands.length;
  }

  /** Bytes that the transaction takes. */
  get bytes(): number {
    return this.queue.bytes + this.watches.length * WATCH_BYTES;
  }

  /** Queues a command, unless EXEC would fail in any case. */
  add(command: Command, args: Args): void {
    if (this.isDirty || this.hasErrors) return;
    this.queue.add(command, args);
    const mask = command.maskFor(args);
    this.#someFlags |= mask;
    this.#commonFlags &= mask;
  }

  /**
   * EXEC's own flags together with those of what it will run: it writes when one of its commands
   * does, and may run while loading only when all may.
   */
  flagsOfExec(own: number, inherited: number): number {
    const forbidden = ~this.#commonFlags & (FLAG_LOADING | FLAG_STALE);
    return (own | (this.#someFlags & inherited)) & ~forbidden;
  }
}
