// Runs commands in process for unit tests: an engine over a debug arena, a clock that the test
// sets, and replies as typed values. No sockets, no server.

import { Keyspace } from '../../keyspace/keyspace.ts';
import { Args } from '../../protocol/args.ts';
import { ReplyWriter } from '../../protocol/reply-writer.ts';
import { type Clock, systemTimers, type Timers } from '../../runtime/clock.ts';
import { type Random, seededRandom } from '../../runtime/random.ts';
import { Client, type Transport } from '../client.ts';
import type { CommandSpec } from '../command-spec.ts';
import { Engine } from '../engine.ts';
import { NO_TRANSPORT } from '../no-transport.ts';
import { TO_ALL } from '../propagation.ts';
import { EngineSettings } from '../settings.ts';
import { parseReplies, type Reply } from './parse-reply.ts';

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  ms = 1_700_000_000_000;
  nowMs(): number {
    return this.ms;
  }
  monotonicMs(): number {
    return this.ms;
  }
  nowUsec(): number {
    return this.ms * 1000;
  }
  /** Moves time forward. */
  advance(ms: number): void {
    this.ms += ms;
  }
}

/** What tests see of a client's connection. */
const TEST_TRANSPORT: Transport = {
  ...NO_TRANSPORT,
  remoteAddress: '127.0.0.1:1',
  localAddress: '127.0.0.1:2',
};

/** A client that may wait: what it was told so far, oldest first. */
export interface ConnectedClient {
  readonly client: Client;
  readonly replies: Reply[];
  send(...parts: (string | number | Uint8Array)[]): void;
}

function outputOf(writer: ReplyWriter): Buffer {
  return Buffer.concat([...writer.chunks, writer.bytes.subarray(0, writer.position)]);
}

export class Harness {
  readonly clock: ManualClock = new ManualClock();
  readonly random: Random = seededRandom(1);
  readonly keyspace: Keyspace;
  readonly engine: Engine;
  readonly client: Client;
  /** What the journal heard: [database, ...parts as latin1]. */
  /** `MULTI` and `EXEC` stand around a unit. */
  readonly journal: (string | number)[][] = [];
  readonly #writer: ReplyWriter;
  #lastId = 1;

  constructor(specs: readonly CommandSpec[], timers: Timers = systemTimers) {
    this.keyspace = new Keyspace({
      databases: 16,
      seed: { low: 1, high: 2 },
      randomBelow: this.random.below,
      arena: { debug: true },
    });
    this.engine = new Engine(this.keyspace, new EngineSettings(), specs, this.clock, timers);
    this.engine.onHandlerError = (error) => {
      throw error;
    };
    this.engine.propagation.addJournal({
      target: TO_ALL,
      append: (dbId, bytes, start, end) => {
        const [parts] = parseReplies(Buffer.from(bytes.subarray(start, end)));
        this.journal.push([dbId, ...(parts as string[])]);
      },
      begin: () => this.journal.push(['MULTI']),
      end: () => this.journal.push(['EXEC']),
    });
    this.client = this.newClient(1);
    this.#writer = new ReplyWriter(this.engine);
  }

  newClient(id: number): Client {
    const db = this.keyspace.databases[0]!;
    return new Client({ id, db, transport: TEST_TRANSPORT, nowMs: this.clock.ms });
  }

  /** Runs a command (text as latin1) and returns its reply; errors as {error: text}. */
  run(...parts: (string | number | Uint8Array)[]): Reply {
    return this.runAs(this.client, ...parts);
  }

  runAs(client: Client, ...parts: (string | number | Uint8Array)[]): Reply {
    return this.runAllAs(client, ...parts)[0];
  }

  /** The same with what follows the reply: messages to the client itself. */
  runAllAs(client: Client, ...parts: (string | number | Uint8Array)[]): Reply[] {
    const args = new Args();
    args.set(parts.map((part) => (typeof part === 'number' ? String(part) : part)));
    this.engine.beginTurn();
    this.#writer.reset();
    this.engine.execute(client, args, this.#writer);
    this.engine.endTurn();
    return parseReplies(outputOf(this.#writer));
  }

  /** Another client, whose replies come to `replies`: also those that come later, after a wait. */
  connect(): ConnectedClient {
    const replies: Reply[] = [];
    const writer = new ReplyWriter(this.engine);
    const transport: Transport = {
      ...TEST_TRANSPORT,
      write: (client, write) => {
        writer.reset();
        writer.resp3 = client.resp3;
        write(writer);
        replies.push(...parseReplies(outputOf(writer)));
      },
      reply: (client, write) => transport.write(client, write),
      push: (_, bytes) => {
        replies.push(...parseReplies(Buffer.from(bytes)));
      },
    };
    const db = this.keyspace.databases[0]!;
    const client = new Client({ id: ++this.#lastId, db, transport, nowMs: this.clock.ms });
    this.engine.clients.add(client);
    return {
      client,
      replies,
      send: (...parts) => {
        replies.push(...this.runAllAs(client, ...parts));
      },
    };
  }

  /**
   * Empties everything and returns the lines of what the arena still holds: expected to be none.
   */
  leaks(): string[] {
    this.keyspace.destroy();
    return this.keyspace.arena.leaks();
  }
}
