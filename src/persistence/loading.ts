// Loading at the start, in slices between which clients are answered (mostly with LOADING), and at
// once for DEBUG RELOAD and DEBUG LOADAOF. INFO's loading_ fields come from here.

import type { LoadJob } from './aof-loader.ts';
import type { PersistenceHost } from './persistence-host.ts';

const SLICE_MS = 5;
const USEC_PER_MS = 1000;

export class Loading {
  startedMs = 0;
  readonly #host: PersistenceHost;
  #job: LoadJob | null = null;
  #isStopped = false;
  /** Goes on with a job that waits. */
  #parked: (() => void) | null = null;

  constructor(host: PersistenceHost) {
    this.#host = host;
  }

  /** INFO's fields while something is loaded. */
  fields(): Record<string, string | number> {
    const job = this.#job;
    if (job === null) return {};
    const { totalBytes, loadedBytes, usedMemoryBytes } = job;
    const whole = totalBytes === 0 ? usedMemoryBytes : totalBytes;
    const part = whole === 0 ? 1 : loadedBytes / whole;
    const elapsedSeconds = Math.floor((this.#host.clock.nowMs() - this.startedMs) / 1000);
    const eta =
      elapsedSeconds === 0 || whole === 0
        ? 1
        : Math.floor((elapsedSeconds * (whole - loadedBytes)) / (loadedBytes + 1));
    return {
      loading_start_time: Math.floor(this.startedMs / 1000),
      loading_total_bytes: totalBytes,
      loading_rdb_used_mem: usedMemoryBytes,
      loading_loaded_bytes: loadedBytes,
      loading_loaded_perc: (part * 100).toFixed(2),
      loading_eta_seconds: eta,
    };
  }

  /** Stops what is under way: the server ends. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Loads at once. */
  runNow(job: LoadJob): void {
    const { engine, clock } = this.#host;
    const wasLoading = engine.isLoading;
    engine.isLoading = true;
    this.#begin(job);
    while (job.step(() => true));
    this.#job = null;
    engine.isLoading = wasLoading;
    engine.keyspace.setNow(clock.nowMs());
  }

  #begin(job: LoadJob): void {
    this.startedMs = this.#host.clock.nowMs();
    this.#job = job;
  }

  /** A job that waits can go on. */
  wake(): void {
    const parked = this.#parked;
    if (parked === null || this.#job === null) return;
    this.#parked = null;
    this.#job.waits = false;
    this.#host.timers.soon(parked);
  }

  /** Gives up a job, of which nothing more is heard. */
  cancel(job: LoadJob): void {
    if (this.#job === job) this.#end();
  }

  #end(): void {
    const { engine } = this.#host;
    this.#job = null;
    this.#parked = null;
    engine.isLoading = false;
    engine.isLoadingAside = false;
  }

  /**
   * Loads in slices. The promise is fulfilled when it is done, or the server ends.
   * @param isAside clients go on with the data that they see meanwhile.
   */
  run(job: LoadJob, isAside = false): Promise<void> {
    const { engine, clock, timers, config } = this.#host;
    if (isAside) engine.isLoadingAside = true;
    else engine.isLoading = true;
    this.#begin(job);
    return new Promise((resolve) => {
      const slice = (): void => {
        if (this.#isStopped) {
          resolve();
          return;
        }
        if (this.#job !== job) return;
        const delayUsec = config.values['key-load-delay'];
        const endMs = clock.monotonicMs() + SLICE_MS;
        const elapsedUsec = (clock.nowMs() - this.startedMs) * USEC_PER_MS;
        const isSlow = delayUsec > 0;
        job.itemsPerLook = isSlow ? 1 : LOOK_EVERY;
        const mayContinue = (): boolean =>
          clock.monotonicMs() < endMs && (!isSlow || job.itemCount * delayUsec < elapsedUsec);
        const hasMore = isSlow && !mayContinue() ? true : job.step(mayContinue);
        if (hasMore) {
          if (job.waits === true) this.#parked = slice;
          else if (isSlow) timers.after(1, slice, true);
          else timers.soon(slice);
          return;
        }
        this.#end();
        resolve();
      };
      slice();
    });
  }
}

/** Keys or commands between two looks at the clock. */
const LOOK_EVERY = 64;
