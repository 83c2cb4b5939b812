// Clients that wait in a blocking command (BLPOP, XREAD, ...): who waits for which key, since when,
// and until when. When a key gets a value of the wanted type, whatever command made it, those who
// wait for it run their commands again in the order in which they came, after the command that woke
// them and until nobody can be served any more. The engine owns the one Blocking.

import type { Database } from '../keyspace/database.ts';
import { NULL_REF } from '../memory/arena.ts';
import type { Args } from '../protocol/args.ts';
import { type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { TIMER_MAX_MS, type Timer, type Timers } from '../runtime/clock.ts';
import { copyKey, TYPE_HASH, TYPE_STRING, typeOf } from '../structures/entry.ts';
import type { Client } from './client.ts';
import type { Command } from './command.ts';
import { writeLate } from './late-reply.ts';

const UNBLOCKED = replyError('UNBLOCKED client unblocked via CLIENT UNBLOCK');

/** What a client waits for. */
export interface Wait {
  readonly client: Client;
  readonly command: Command;
  readonly db: Database;
  /** The type of value that serves it. */
  readonly type: number;
  /** Also run the command again when a key is deleted or gets another type: XREADGROUP. */
  readonly wakesOnDeletion: boolean;
  readonly keys: readonly string[];
  /** The arguments to run with; they own their bytes. */
  readonly args: Args;
  /** Those that were sent, for who looks at the command afterwards. */
  readonly sent: Args;
  /** ms of the Unix epoch, 0: for ever. */
  readonly deadlineMs: number;
}

export interface WaitOptions {
  readonly wakesOnDeletion?: boolean;
  /** The arguments for the runs to come, where they are not those that were sent: XREAD's `$`. */
  readonly repeatAs?: readonly (string | Uint8Array)[];
}

/** What waiting clients need of the engine. */
export interface BlockingHost {
  readonly nowMs: number;
  /** Runs the command of a waiting client again. */
  repeat(wait: Wait, reply: ReplyWriter): void;
  /** A wait has ended without its command running again. */
  onWaitEnded(wait: Wait, withError: boolean): void;
  /** Clients began or ceased to wait: the keyspace's hooks are to be set. */
  onWaitsChanged(): void;
}

interface Ready {
  readonly db: Database;
  readonly key: string;
  /** Those who wait for the key. */
  readonly waits: Set<Wait>;
}

export class Blocking {
  /** Clients that wait. */
  count = 0;
  /** Waits that a deletion ends: of XREADGROUP. */
  deletionCount = 0;
  /** Set while a client's command runs again. */
  repeating: Wait | null = null;
  readonly #host: BlockingHost;
  readonly #timers: Timers;
  /** Who waits for a key, by database and key, in the order of arrival. */
  readonly #queues: Map<Database, Map<string, Set<Wait>>> = new Map();
  readonly #waits: Map<Client, Wait> = new Map();
  readonly #timerOf: Map<Client, Timer> = new Map();
  #ready: Ready[] = [];
  /** Whose keys are in `#ready`: a key that has news twice is looked at once. */
  readonly #woken: Set<Set<Wait>> = new Set();
  #isServing = false;

  constructor(host: BlockingHost, timers: Timers) {
    this.#host = host;
    this.#timers = timers;
  }

  /** Keys that somebody waits for: INFO's total_blocking_keys. */
  get keyCount(): number {
    let count = 0;
    for (const queues of this.#queues.values()) count += queues.size;
    return count;
  }

  /** Clients that wait until a time at most. */
  get timedCount(): number {
    return this.#timerOf.size;
  }

  /** Keys of which somebody wants to know that they are deleted. */
  get deletionKeyCount(): number {
    let count = 0;
    for (const queues of this.#queues.values()) {
      for (const waits of queues.values()) if (hasDeletionWait(waits)) count++;
    }
    return count;
  }

  /** The arguments with which a client's command runs again, or null. */
  argsOf(client: Client): Args | null {
    return this.#waits.get(client)?.args ?? null;
  }

  /** True when keys are ready that `serve` has not looked at. */
  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Makes a client wait. Its transport reads no further until it is served. */
  add(wait: Wait): void {
    const { client } = wait;
    client.hold = 'blocked';
    client.unblock = (withError) => this.#end(wait, withError ? 'error' : 'timeout');
    this.#waits.set(client, wait);
    let queues = this.#queues.get(wait.db);
    if (queues === undefined) {
      queues = new Map();
      this.#queues.set(wait.db, queues);
    }
    for (const key of wait.keys) {
      const waits = queues.get(key);
      if (waits === undefined) queues.set(key, new Set([wait]));
      else waits.add(wait);
    }
    this.count++;
    if (wait.wakesOnDeletion) this.deletionCount++;
    if (wait.deadlineMs !== 0) this.#startTimer(wait);
    this.#host.onWaitsChanged();
  }

  #startTimer(wait: Wait): void {
    // Times are whole milliseconds, and nobody waits less than was asked for: until the next one.
    const delayMs = Math.min(Math.max(0, wait.deadlineMs + 1 - this.#host.nowMs), TIMER_MAX_MS);
    const timer = this.#timers.after(delayMs, () => {
      if (this.#waits.get(wait.client) !== wait) return;
      if (this.#host.nowMs <= wait.deadlineMs) this.#startTimer(wait);
      else this.#end(wait, 'timeout');
    });
    this.#timerOf.set(wait.client, timer);
  }

  /** A client has gone. */
  forget(client: Client): void {
    const wait = this.#waits.get(client);
    if (wait !== undefined) this.#remove(wait);
  }

  /** A key has news for those who wait for it. */
  signal(db: Database, key: string): void {
    const waits = this.#queues.get(db)?.get(key);
    if (waits !== undefined) this.#setReady(db, key, waits);
  }

  #setReady(db: Database, key: string, waits: Set<Wait>): void {
    if (this.#woken.has(waits)) return;
    this.#woken.add(waits);
    this.#ready.push({ db, key, waits });
  }

  /** A key was added. Nobody waits for strings and hashes, whatever the key becomes later. */
  signalEntry(db: Database, ref: number): void {
    const queues = this.#queues.get(db);
    if (queues === undefined || queues.size === 0) return;
    const type = typeOf(db.keyspace.arena, ref);
    if (type === TYPE_STRING || type === TYPE_HASH) return;
    const key = Buffer.from(copyKey(db.keyspace.arena, ref)).toString('latin1');
    const waits = queues.get(key);
    if (waits !== undefined) this.#setReady(db, key, waits);
  }

  /** All keys of a database may have changed: it was flushed or exchanged. */
  signalAll(db: Database): void {
    for (const [key, waits] of this.#queues.get(db) ?? []) this.#setReady(db, key, waits);
  }

  /**
   * Runs the commands of those who wait for keys that are ready, and goes on while that makes
   * others ready.
   */
  serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = [];
      this.#woken.clear();
      for (const each of ready) this.#serveKey(each);
    }
    this.#isServing = false;
  }

  #serveKey({ db, key, waits }: Ready): void {
    const bytes = Buffer.from(key, 'latin1');
    for (const wait of [...waits]) {
      if (!waits.has(wait)) continue;
      const ref = db.lookup(bytes, 0, bytes.length);
      const isWanted = ref !== NULL_REF && typeOf(db.keyspace.arena, ref) === wait.type;
      if (isWanted || wait.wakesOnDeletion) this.#repeat(wait);
    }
  }

  #repeat(wait: Wait): void {
    const { client } = wait;
    client.hold = 'none';
    this.repeating = wait;
    client.transport.write(client, (reply) => this.#host.repeat(wait, reply));
    this.repeating = null;
    // The handler may have asked to wait on: the hold is set again then.
    if ((client.hold as string) === 'blocked') this.#toTheEnd(wait);
    else this.#finish(wait);
  }

  /** Who could not be served waits behind those who have not been asked, as in Redis 7.2. */
  #toTheEnd(wait: Wait): void {
    const queues = this.#queues.get(wait.db);
    for (const key of wait.keys) {
      const waits = queues?.get(key);
      if (waits?.delete(wait)) waits.add(wait);
    }
  }

  /** Ends a wait without serving it. @returns false when the client did not wait any more. */
  #end(wait: Wait, how: 'timeout' | 'error'): boolean {
    const { client } = wait;
    if (this.#waits.get(client) !== wait) return false;
    const write = (reply: ReplyWriter): void => {
      if (how === 'error') reply.error(UNBLOCKED);
      else reply.nullArray();
    };
    client.transport.write(client, (reply) => writeLate(client, reply, write));
    client.hold = 'none';
    this.#host.onWaitEnded(wait, how === 'error');
    this.#finish(wait);
    return true;
  }

  /**
   * The client has its reply; what it sent meanwhile is read when the commands at hand have run.
   */
  #finish(wait: Wait): void {
    const { client } = wait;
    // Its reply may have closed it, and then it is forgotten already.
    if (this.#waits.get(client) !== wait) return;
    this.#remove(wait);
    this.#timers.soon(() => {
      if (!client.closed) client.transport.resume(client);
    });
  }

  #remove(wait: Wait): void {
    const { client, db } = wait;
    this.#waits.delete(client);
    this.#timerOf.get(client)?.stop();
    this.#timerOf.delete(client);
    client.unblock = null;
    const queues = this.#queues.get(db);
    for (const key of wait.keys) {
      const waits = queues?.get(key);
      waits?.delete(wait);
      if (waits?.size === 0) queues?.delete(key);
    }
    this.count--;
    if (wait.wakesOnDeletion) this.deletionCount--;
    this.#host.onWaitsChanged();
  }

  /** The server is no longer what they wait at: all get an error, and are closed. */
  disconnectAll(error: ReplyError): void {
    for (const wait of [...this.#waits.values()]) {
      const { client } = wait;
      client.transport.write(client, (reply) => {
        writeLate(client, reply, (late) => late.error(error));
      });
      client.hold = 'none';
      this.#host.onWaitEnded(wait, true);
      this.#remove(wait);
      client.transport.close(client, true);
    }
  }

  /** The server ends: no timer may fire any more. */
  stop(): void {
    for (const timer of this.#timerOf.values()) timer.stop();
    this.#timerOf.clear();
  }
}

function hasDeletionWait(waits: Set<Wait>): boolean {
  for (const wait of waits) if (wait.wakesOnDeletion) return true;
  return false;
}
