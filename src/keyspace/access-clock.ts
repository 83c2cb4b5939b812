// The 24 bits by which eviction knows a key's use: the LRU clock in seconds, or for the LFU
// policies the minute of the last decrement (16 bits) and a logarithmic counter (8 bits), as Redis
// keeps them.

const LRU_MASK = 0xffffff;
const LFU_INITIAL = 5;
const COUNTER_MAX = 255;

export interface LfuSettings {
  /** `lfu-log-factor`: how many hits it takes to count one more. */
  logFactor: number;
  /** `lfu-decay-time`: minutes after which the counter loses one. */
  decayMinutes: number;
}

/** The LRU clock of a moment in ms of the Unix epoch. */
export function lruClock(nowMs: number): number {
  return Math.floor(nowMs / 1000) & LRU_MASK;
}

/** Milliseconds since the clock value was set, across its wrap of 194 days. */
export function lruIdleMs(clock: number, nowMs: number): number {
  return ((lruClock(nowMs) - clock) & LRU_MASK) * 1000;
}

function minutes(nowMs: number): number {
  return Math.floor(nowMs / 60000) & 0xffff;
}

/** The LFU state of a new key. */
export function lfuInitial(nowMs: number): number {
  return (minutes(nowMs) << 8) | LFU_INITIAL;
}

/** The counter of an LFU state after its decay up to now. */
export function lfuCounter(clock: number, nowMs: number, settings: LfuSettings): number {
  const elapsed = (minutes(nowMs) - (clock >> 8)) & 0xffff;
  const periods = settings.decayMinutes > 0 ? Math.floor(elapsed / settings.decayMinutes) : 0;
  return Math.max(0, (clock & 0xff) - periods);
}

/** The LFU state after one more use. `random` is uniform in [0, 1). */
export function lfuTouched(
  clock: number,
  nowMs: number,
  settings: LfuSettings,
  random: () => number,
): number {
  let counter = lfuCounter(clock, nowMs, settings);
  if (counter < COUNTER_MAX) {
    const base = Math.max(0, counter - LFU_INITIAL);
    if (random() < 1 / (base * settings.logFactor + 1)) counter++;
  }
  return (minutes(nowMs) << 8) | counter;
}
