// Applies what a master sends: commands as they come, run for a client that nobody answers. Counts
// the bytes that were applied, which is the replica's offset, and hands them on to the stream for
// replicas of this server, byte for byte.
//
//   bytes   [ handed on | applied, in a transaction | not complete ]
//           0           applied                     reader

import { type Client, MODE_MULTI } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import { Args } from '../protocol/args.ts';
import type { ReplyError } from '../protocol/reply-errors.ts';
import { ReplyWriter } from '../protocol/reply-writer.ts';
import { COMMAND, PROTOCOL_ERROR, RequestReader } from '../protocol/request-reader.ts';

const FIRST_BYTES = 64 * 1024;
const KEPT_BYTES = 1024 * 1024;

export interface MasterStreamHost {
  readonly engine: Engine;
  /** Bytes were applied: for the replicas of this server. */
  onApplied(bytes: Uint8Array, start: number, end: number): void;
  /** The master sent what cannot be read. */
  onBroken(text: string): void;
  /** A command of the master failed here: the data sets may differ. */
  onFailed(error: ReplyError, client: Client): void;
}

export class MasterStream {
  readonly #host: MasterStreamHost;
  readonly #client: Client;
  /** The master may send any size. */
  readonly #reader = new RequestReader({ protoMaxBulkBytes: Number.POSITIVE_INFINITY });
  readonly #args = new Args();
  readonly #writer: ReplyWriter;
  #bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  /** Bytes up to here were applied and handed on. */
  #applied = 0;
  #errorCount = 0;
  #isRunning = false;

  constructor(host: MasterStreamHost, client: Client) {
    this.#host = host;
    this.#client = client;
    this.#writer = new ReplyWriter(host.engine);
    this.#reader.feed(this.#bytes, 0, 0);
  }

  /** Bytes that have come and are not applied. */
  get waitingBytes(): number {
    return this.#reader.end - this.#applied;
  }

  /** Takes bytes of the connection and applies what is complete. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    this.#makeRoom(end - start);
    this.#bytes.set(bytes.subarray(start, end), this.#reader.end);
    this.#reader.end += end - start;
    this.run();
  }

  #makeRoom(count: number): void {
    const reader = this.#reader;
    if (reader.end + count <= this.#bytes.length) return;
    const used = reader.end - this.#applied;
    const needed = (used + count) * 2;
    // A buffer that one large command has made large is not kept for the small ones.
    const isKept = needed <= this.#bytes.length && this.#bytes.length <= KEPT_BYTES;
    const target = isKept ? this.#bytes : new Uint8Array(Math.max(FIRST_BYTES, needed));
    target.set(this.#bytes.subarray(this.#applied, reader.end));
    const delta = -this.#applied;
    this.#bytes = target;
    this.#applied = 0;
    reader.rebase(target, delta, used);
    this.#args.rebase(target, delta);
  }

  /**
   * Applies what is complete; goes on after CLIENT PAUSE. While a script of this server has given
   * way nothing is applied: it would see the data change.
   */
  run(): void {
    const client = this.#client;
    const { engine } = this.#host;
    if (this.#isRunning || engine.suspended !== null) return;
    this.#isRunning = true;
    engine.beginTurn();
    const before = this.#applied;
    let status = COMMAND;
    if (client.hold === 'paused') this.#goOn();
    while (client.hold === 'none' && !client.closing) {
      status = this.#reader.next(this.#args);
      if (status !== COMMAND) break;
      this.#run((writer) => void engine.execute(client, this.#args, writer));
      this.#args.clear();
    }
    engine.endTurn();
    this.#isRunning = false;
    if (this.#applied > before) this.#host.onApplied(this.#bytes, before, this.#applied);
    if (status === PROTOCOL_ERROR) this.#host.onBroken(this.#reader.errorText);
  }

  /** The pause may be over. */
  #goOn(): void {
    const { engine } = this.#host;
    this.#run((writer) => void engine.executeHeld(this.#client, writer));
  }

  /** Only the master says that a key has gone: until then its commands see it. */
  #run(execute: (writer: ReplyWriter) => void): void {
    const { keyspace } = this.#host.engine;
    keyspace.expiryNowMs = Number.NEGATIVE_INFINITY;
    execute(this.#writer);
    keyspace.expiryNowMs = keyspace.nowMs;
    if (this.#client.hold === 'none') this.#afterCommand();
  }

  #afterCommand(): void {
    const writer = this.#writer;
    if (writer.pendingBytes > 0) {
      const { lastError } = this.#host.engine;
      const hasFailed = writer.errorCount !== this.#errorCount;
      this.#errorCount = writer.errorCount;
      writer.reset();
      if (hasFailed && lastError !== null) this.#host.onFailed(lastError, this.#client);
    }
    // A transaction counts when it has run.
    if ((this.#client.modes & MODE_MULTI) === 0) this.#applied = this.#reader.position;
  }
}
