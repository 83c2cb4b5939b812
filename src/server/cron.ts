// The work between commands, in slices of about a millisecond so that no client waits for it:
// expiry of keys that are due, moving of hash buckets, freeing of what was flushed, compaction, and
// the care for idle clients. A tick runs `hz` times a second; while there is more to do the next
// slice follows as soon as the events at hand have been served.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import { type Client, MODE_MONITOR, MODE_SUBSCRIBER } from '../engine/client.ts';
import type { Engine } from '../engine/engine.ts';
import type { ServerStatistics } from '../introspection/server-statistics.ts';
import type { Clock, Timer, Timers } from '../runtime/clock.ts';
import { COLLECT_FROM_BYTES, collectBuffers } from '../runtime/memory.ts';
import type { DroppedBuffers } from './dropped-buffers.ts';
import type { OwnBuffers } from './query-buffer.ts';

const SLICE_MS = 1;
/** Compaction begins when so much of the arena, and so large a part of it, is holes. */
const COMPACT_FROM_BYTES = 32 * 1024 * 1024;
const COMPACT_FROM_PART = 0.2;
const COMPACT_DELAY_MS = 10;
const TRIM_EVERY_MS = 1000;
const REPLICATION_EVERY_MS = 1000;

export interface CronHost {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly statistics: ServerStatistics;
  readonly ownBuffers: OwnBuffers;
  readonly droppedBuffers: DroppedBuffers;
  /** Ticks a second. */
  hz: number;
  /** `activerehashing`. */
  rehashes: boolean;
  /** `timeout` in seconds, 0: never. */
  idleTimeoutSeconds: number;
  readonly isPaused: boolean;
  /** Saves that are due, the append-only file. */
  readonly persistence: { tick(): void };
  /** Client-side caching: its table is kept within its limit. */
  readonly tracking: { step(mayContinue: () => boolean): boolean };
  /** Closes clients that are past the soft limit of their output. */
  checkClient(client: Client, nowMs: number): void;
  closeIdle(client: Client): void;
  readonly replication: { tick(): void; readonly failover: { tick(): void } };
  /** Shuts down where a signal has asked for it. */
  endIfAsked(): void;
  /** Fits the room that clients have for replies to what they ask for. */
  fitReplyRooms(nowMs: number): void;
}

export class Cron {
  readonly #host: CronHost;
  #timer: Timer | null = null;
  #compactTimer: Timer | null = null;
  #isSlicing = false;
  #stopped = false;
  #lastTrimMs: number = DOUBLE_ZERO;
  /** Of the bytes that the arena has let go of, those for which the collector was called. */
  #collectedBytes = 0;
  #lastReplicationMs: number = DOUBLE_ZERO;
  /** Where compaction goes on: database and SCAN cursor. */
  #compactDb = 0;
  #compactCursor = 0;

  constructor(host: CronHost) {
    this.#host = host;
  }

  start(): void {
    this.#timer = this.#host.timers.after(1000 / this.#host.hz, () => {
      this.#timed(() => this.#tick());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.stop();
    this.#compactTimer?.stop();
  }

  /** Takes the time of a piece of the cron's work. */
  #timed(run: () => void): void {
    const { clock, statistics } = this.#host;
    const startMs = clock.monotonicMs();
    run();
    statistics.eventLoop.cronMs += clock.monotonicMs() - startMs;
  }

  #tick(): void {
    if (this.#stopped) return;
    const { engine, clock, statistics, isPaused } = this.#host;
    const nowMs = clock.nowMs();
    // Time stands still for a script that has given way.
    if (engine.suspended === null) engine.keyspace.setNow(nowMs);
    statistics.sample(engine.totalCommands, nowMs);
    engine.memory.samplePeak();
    if (!isPaused) {
      this.#host.endIfAsked();
      this.#replicate(nowMs);
      this.#careForClients(nowMs);
      // While the data is being loaded all time is its own.
      if (!engine.isLoading) {
        this.#slice();
        this.#giveBack(nowMs);
        this.#host.persistence.tick();
      }
    }
    this.start();
  }

  /** Replication looks at the clock once a second; while a role is handed over at each tick. */
  #replicate(nowMs: number): void {
    const { replication } = this.#host;
    if (nowMs - this.#lastReplicationMs < REPLICATION_EVERY_MS) replication.failover.tick();
    else {
      this.#lastReplicationMs = nowMs;
      replication.tick();
    }
  }

  #careForClients(nowMs: number): void {
    const { engine, idleTimeoutSeconds } = this.#host;
    this.#host.fitReplyRooms(nowMs);
    for (const client of engine.clients.all()) {
      const listens = (client.modes & (MODE_SUBSCRIBER | MODE_MONITOR)) !== 0;
      const isLink = client.replica !== null || client.isMaster;
      if (idleTimeoutSeconds > 0 && client.hold === 'none' && !listens && !isLink) {
        if (nowMs - client.lastInteractionMs > idleTimeoutSeconds * 1000) {
          this.#host.closeIdle(client);
          continue;
        }
      }
      if (client.softLimitSinceMs !== 0) this.#host.checkClient(client, nowMs);
    }
  }

  /** One slice of what can wait; asks for the next one while there is more. */
  #slice(): void {
    const { engine, clock, timers } = this.#host;
    const { keyspace } = engine;
    const endMs = clock.monotonicMs() + SLICE_MS;
    const mayContinue = (): boolean => clock.monotonicMs() < endMs;
    keyspace.setNow(clock.nowMs());
    // On a replica only its master lets keys expire.
    const expires = engine.pause.kind === null && engine.role?.name !== 'replica';
    let more = expires && keyspace.expireDue(mayContinue);
    if (engine.blocking.hasReady) engine.blocking.serve();
    if (this.#host.rehashes && keyspace.rehash(mayContinue)) more = true;
    if (keyspace.lazyFree.step(mayContinue)) more = true;
    if (this.#host.tracking.step(mayContinue)) more = true;
    if (!more || this.#isSlicing) return;
    this.#isSlicing = true;
    timers.soon(() => {
      this.#isSlicing = false;
      if (!this.#stopped && !this.#host.isPaused) this.#timed(() => this.#slice());
    });
  }

  /**
   * Gives free memory back to the system, and starts compaction when much of it lies between blocks
   * in use.
   */
  #giveBack(nowMs: number): void {
    if (nowMs - this.#lastTrimMs < TRIM_EVERY_MS) return;
    this.#lastTrimMs = nowMs;
    const { engine, ownBuffers, droppedBuffers } = this.#host;
    const { keyspace } = engine;
    const { arena } = keyspace;
    keyspace.trim();
    droppedBuffers.count(ownBuffers.trim());
    const droppedBytes = arena.droppedBytes - this.#collectedBytes;
    if (droppedBuffers.areWorthCollecting() || droppedBytes >= COLLECT_FROM_BYTES) {
      this.#collectedBytes = arena.droppedBytes;
      droppedBuffers.reset();
      collectBuffers();
    }
    if (this.#compactTimer === null && this.#isWorthCompacting()) this.#compactSoon();
  }

  #isWorthCompacting(): boolean {
    const { arena } = this.#host.engine.keyspace;
    const wasted = arena.wastedBytes;
    return wasted > COMPACT_FROM_BYTES && wasted > (arena.usedBytes + wasted) * COMPACT_FROM_PART;
  }

  #compactSoon(): void {
    this.#compactTimer = this.#host.timers.after(COMPACT_DELAY_MS, () => {
      this.#compactTimer = null;
      if (this.#stopped || this.#host.isPaused) return;
      // Entries that are moved would be written twice, or not at all.
      if (this.#host.engine.keyspace.guard !== null) {
        this.#compactSoon();
        return;
      }
      const done = this.#compactSlice();
      if (!done) this.#compactSoon();
    });
  }

  /** @returns true when a walk over all databases has ended. */
  #compactSlice(): boolean {
    const { engine, clock } = this.#host;
    const { databases } = engine.keyspace;
    const endMs = clock.monotonicMs() + SLICE_MS;
    while (clock.monotonicMs() < endMs) {
      const db = databases[this.#compactDb];
      if (db === undefined) {
        this.#compactDb = 0;
        return true;
      }
      for (let step = 0; step < 16; step++) {
        this.#compactCursor = db.defragment(this.#compactCursor, () => {});
        if (this.#compactCursor === 0) break;
      }
      if (this.#compactCursor === 0) this.#compactDb++;
    }
    return false;
  }
}
