// The memory of the server as one figure, and maxmemory: above the limit keys are evicted before
// the next command runs, for a time that maxmemory-eviction-tenacity gives, and then on in slices
// between commands. Only where nothing more can be freed are commands refused that need memory.

import { DOUBLE_ZERO } from '../bytes/double-zero.ts';
import type { Keyspace } from '../keyspace/keyspace.ts';
import type { Clock, Timers } from '../runtime/clock.ts';
import type { CallTimer } from './call-timer.ts';
import type { ClientMemory } from './client-memory.ts';
import type { ClientPause } from './client-registry.ts';
import { COND_MEMORY_LIMIT } from './engine-state.ts';

/** Memory beside keys and clients; each feature that has some adds its own. */
export interface MemorySource {
  /** As MEMORY STATS names it. */
  readonly name: string;
  usedBytes(): number;
  /**
   * False for buffers that grow by evicting (those of replicas and the AOF): counting them would
   * evict on and on.
   */
  readonly countsForEviction: boolean;
}

/** What the limit asks of the engine around it. */
export interface MemoryLimitHost {
  readonly keyspace: Keyspace;
  readonly clientMemory: ClientMemory;
  readonly timer: CallTimer;
  readonly pause: ClientPause;
  setCondition(bit: number, holds: boolean): void;
  /** No keys are evicted while they are loaded, or while writes are paused. */
  readonly isLoading: boolean;
}

/** `eviction-cycle`, `eviction-del` or `eviction-lazyfree` took so long. */
export type OnLatency = (event: string, durationMs: number) => void;

/** The memory is below the limit; it is not, but eviction goes on; there is nothing to evict. */
export type Relief = 'below' | 'under-way' | 'failed';

/** Keys between two looks at the clock. */
const KEYS_PER_LOOK = 16;
const USEC_PER_MS = 1000;

/** Milliseconds that one round of evictions may take, by `maxmemory-eviction-tenacity`. */
export function evictionTimeMs(tenacity: number): number {
  if (tenacity <= 10) return (50 * tenacity) / USEC_PER_MS;
  if (tenacity >= 100) return Number.POSITIVE_INFINITY;
  return (500 * 1.15 ** (tenacity - 10)) / USEC_PER_MS;
}

export class MemoryLimit {
  /** `maxmemory-eviction-tenacity`. */
  tenacity = 10;
  /** A replica leaves eviction, and its consequences, to its master. */
  isIgnored = false;
  readonly sources: MemorySource[] = [];
  /** Most bytes that were in use at a time that was looked at. */
  peakBytes: number = DOUBLE_ZERO;
  onLatency: OnLatency = () => {};
  readonly #host: MemoryLimitHost;
  readonly #clock: Clock;
  readonly #timers: Timers;
  /** Nothing more could be freed before the command that runs: scripts may not take memory. */
  isOut = false;
  #maxBytes = 0;
  #isRunning = false;
  #isStopped = false;
  /** Since when the limit is passed, ms of the monotonic clock; -1 when it is not. */
  #exceededSinceMs = -1;
  #exceededMs: number = DOUBLE_ZERO;

  constructor(host: MemoryLimitHost, clock: Clock, timers: Timers) {
    this.#host = host;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** `maxmemory` in bytes, 0: no limit. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  set maxBytes(bytes: number) {
    this.#maxBytes = bytes;
    this.#host.setCondition(COND_MEMORY_LIMIT, bytes !== 0);
  }

  /** All memory that is counted: the data set, clients, and what features add. */
  get usedBytes(): number {
    const { keyspace, clientMemory } = this.#host;
    let bytes = keyspace.usedBytes + clientMemory.totalBytes;
    for (const source of this.sources) bytes += source.usedBytes();
    return bytes;
  }

  /** The part of `usedBytes` that `maxmemory` does not look at. */
  get notCountedBytes(): number {
    let bytes = this.#host.clientMemory.replicaBytes;
    for (const source of this.sources) if (!source.countsForEviction) bytes += source.usedBytes();
    return bytes;
  }

  /** True above the limit. */
  get isExceeded(): boolean {
    return this.maxBytes !== 0 && this.usedBytes - this.notCountedBytes > this.maxBytes;
  }

  /** Whether so many bytes more would stay below the limit. */
  hasRoomFor(bytes: number): boolean {
    return this.maxBytes === 0 || this.usedBytes - this.notCountedBytes + bytes <= this.maxBytes;
  }

  /** Milliseconds that the limit has been passed since the start, and without a break until now. */
  get totalExceededMs(): number {
    return this.#exceededMs + this.currentExceededMs;
  }

  get currentExceededMs(): number {
    return this.#exceededSinceMs < 0 ? 0 : this.#clock.monotonicMs() - this.#exceededSinceMs;
  }

  /** CONFIG RESETSTAT. */
  resetStatistics(): void {
    this.#exceededMs = 0;
    this.#exceededSinceMs = -1;
    this.#host.keyspace.eviction.evictedKeys = 0;
    this.#host.clientMemory.evictedClients = 0;
  }

  /** Looks at the memory for the peak. */
  samplePeak(): number {
    const { usedBytes } = this;
    if (usedBytes > this.peakBytes) this.peakBytes = usedBytes;
    return usedBytes;
  }

  /** Evicts before a command runs. Called only with a limit. */
  relieve(): Relief {
    if (this.usedBytes <= this.maxBytes) return this.#settle('below');
    return this.#relieveNow();
  }

  #relieveNow(): Relief {
    const host = this.#host;
    if (host.isLoading || host.pause.kind !== null || this.isIgnored) return 'below';
    if (!this.isExceeded) return this.#settle('below');
    if (host.keyspace.eviction.order === 'none') return this.#settle('failed');
    // The time of evictions belongs to no command.
    host.timer.endRun();
    const startMs = this.#clock.monotonicMs();
    const outcome = this.#evictUntil(startMs + evictionTimeMs(this.tenacity));
    const endMs = this.#clock.monotonicMs();
    this.onLatency('eviction-cycle', endMs - startMs);
    host.timer.begin();
    if (outcome === 'under-way') this.start();
    return this.#settle(outcome);
  }

  #evictUntil(deadlineMs: number): Relief {
    const { keyspace } = this.#host;
    const { eviction, lazyFree } = keyspace;
    let steps = 0;
    while (this.isExceeded) {
      // What waits to be freed is memory that costs no key.
      const isFreeing = lazyFree.pendingObjects > 0;
      if (isFreeing) lazyFree.step(() => false);
      else if (!this.#evictOne()) return 'failed';
      const isLook = isFreeing || ++steps % KEYS_PER_LOOK === 0 || eviction.isLazy;
      if (isLook && this.#clock.monotonicMs() > deadlineMs) {
        return this.isExceeded ? 'under-way' : 'below';
      }
    }
    return 'below';
  }

  #evictOne(): boolean {
    const startMs = this.#clock.monotonicMs();
    const didEvict = this.#host.keyspace.eviction.evictOne();
    if (didEvict) this.onLatency('eviction-del', this.#clock.monotonicMs() - startMs);
    return didEvict;
  }

  #settle(relief: Relief): Relief {
    if (relief === 'below') {
      if (this.#exceededSinceMs < 0) return relief;
      this.#exceededMs += this.currentExceededMs;
      this.#exceededSinceMs = -1;
    } else if (this.#exceededSinceMs < 0) {
      this.#exceededSinceMs = this.#clock.monotonicMs();
    }
    return relief;
  }

  /** Evicts in slices between commands, until the memory is below the limit or nothing is left. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#timers.soon(() => {
      this.#isRunning = false;
      if (this.#isStopped || this.maxBytes === 0) return;
      this.#host.keyspace.setNow(this.#clock.nowMs());
      this.relieve();
    });
  }

  /** The server ends. */
  stop(): void {
    this.#isStopped = true;
  }
}
