// Time comes in through here, and nowhere else: a test can put its own clock in the place of the
// machine's. What tests of a host put in the place of the globals (fake timers) does not reach the
// server: it would stand still with them.

export interface Clock {
  /** Milliseconds of the Unix epoch. */
  nowMs(): number;
  /** Milliseconds with fractions that only go forward, for measuring. */
  monotonicMs(): number;
  /** Microseconds of the Unix epoch. */
  nowUsec(): number;
}

/** A timer that can be stopped. */
export interface Timer {
  stop(): void;
}

/** The longest delay of one timer; who waits longer looks at the clock again then. */
export const TIMER_MAX_MS = 0x7fffffff;

export interface Timers {
  /** Calls `run` once after `delayMs`. An unreferenced timer does not keep the process alive. */
  after(delayMs: number, run: () => void, keepsAlive?: boolean): Timer;
  /** Calls `run` when the events at hand have been served. */
  soon(run: () => void): void;
}

// Read once: the global is a getter that costs more than reading the clock. It is there sooner than
// the module node:perf_hooks, which a start would have to load.
const { clearTimeout, performance, queueMicrotask, setImmediate, setTimeout } = globalThis;
const { now } = Date;

export const systemClock: Clock = {
  nowMs: () => now(),
  monotonicMs: () => performance.now(),
  nowUsec: () => Math.floor((performance.timeOrigin + performance.now()) * 1000),
};

export const systemTimers: Timers = {
  after(delayMs, run, keepsAlive = false) {
    const handle = setTimeout(run, delayMs);
    if (!keepsAlive) handle.unref();
    return { stop: () => clearTimeout(handle) };
  },
  soon(run) {
    setImmediate(run);
  },
};

/** Calls `run` when the code that runs now has returned, and before anything else happens. */
export function whenReturned(run: () => void): void {
  queueMicrotask(run);
}
