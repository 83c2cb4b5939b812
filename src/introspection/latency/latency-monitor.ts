// Events that took longer than latency-monitor-threshold, by name: for each the worst of every
// second in which there was one, the last 160 such seconds, and the worst of all.

const SAMPLES = 160;

export interface LatencySample {
  /** Second of the Unix epoch. */
  readonly timeSeconds: number;
  readonly latencyMs: number;
}

/** What the samples of an event say together. */
export interface LatencyAnalysis {
  readonly count: number;
  readonly averageMs: number;
  /** Mean distance from the average. */
  readonly deviationMs: number;
  /** Seconds since the oldest sample. */
  readonly periodSeconds: number;
}

export class LatencyEvent {
  /** Oldest first. */
  readonly samples: LatencySample[] = [];
  worstMs = 0;

  add(latencyMs: number, timeSeconds: number): void {
    this.worstMs = Math.max(this.worstMs, latencyMs);
    const last = this.samples.at(-1);
    if (last !== undefined && last.timeSeconds === timeSeconds) {
      const worst = Math.max(last.latencyMs, latencyMs);
      this.samples[this.samples.length - 1] = { timeSeconds, latencyMs: worst };
      return;
    }
    this.samples.push({ timeSeconds, latencyMs });
    if (this.samples.length > SAMPLES) this.samples.shift();
  }

  analyze(nowSeconds: number): LatencyAnalysis {
    const count = this.samples.length;
    let sum = 0;
    for (const { latencyMs } of this.samples) sum += latencyMs;
    const averageMs = Math.floor(sum / count);
    let distances = 0;
    for (const { latencyMs } of this.samples) distances += Math.abs(latencyMs - averageMs);
    const oldest = this.samples[0]?.timeSeconds ?? nowSeconds;
    return {
      count,
      averageMs,
      deviationMs: Math.floor(distances / count),
      periodSeconds: Math.max(1, nowSeconds - oldest),
    };
  }
}

export class LatencyMonitor {
  /** `latency-monitor-threshold` in ms; 0 records nothing. */
  thresholdMs = 0;
  readonly events: Map<string, LatencyEvent> = new Map();

  /**
   * Records an event (`command`, `expire-cycle`, ...) when it took too long. Fractions of a
   * millisecond are cut off.
   */
  record(name: string, latencyMs: number, nowMs: number): void {
    const whole = Math.floor(latencyMs);
    if (this.thresholdMs === 0 || whole < this.thresholdMs) return;
    let event = this.events.get(name);
    if (event === undefined) {
      event = new LatencyEvent();
      this.events.set(name, event);
    }
    event.add(whole, Math.floor(nowMs / 1000));
  }

  /** Forgets the event of that name, in any case. @returns how many there were. */
  reset(name: string): number {
    let count = 0;
    for (const known of [...this.events.keys()]) {
      if (known.toLowerCase() !== name.toLowerCase()) continue;
      this.events.delete(known);
      count++;
    }
    return count;
  }

  /** Forgets all events. @returns how many there were. */
  resetAll(): number {
    const count = this.events.size;
    this.events.clear();
    return count;
  }
}
