// Time of a command's calls in buckets that grow with the value: 16 to a doubling, as an HDR
// histogram with two digits keeps them, for INFO latencystats and LATENCY HISTOGRAM. Values are
// microseconds; up to one second and above in one.

const SUB_BITS = 7;
const SUB_COUNT = 1 << SUB_BITS;
const MAX_NANOSECONDS = 1_000_000_000;
const BUCKETS = (SUB_COUNT / 2) * 25;

export class LatencyHistogram {
  /** Values recorded. */
  count = 0;
  readonly #counts = new Uint32Array(BUCKETS);

  /** Adds the time of `count` calls that took `usec` each. */
  record(usec: number, count = 1): void {
    const nanoseconds = Math.min(MAX_NANOSECONDS, Math.max(1, Math.round(usec * 1000)));
    const index = bucketOf(nanoseconds);
    this.#counts[index] = this.#counts[index]! + count;
    this.count += count;
  }

  /** The time in microseconds below which `percentile` per cent of the calls lie. */
  percentileUsec(percentile: number): number {
    const wanted = Math.max(1, Math.floor((percentile / 100) * this.count + 0.5));
    let seen = 0;
    for (let index = 0; index < BUCKETS; index++) {
      seen += this.#counts[index]!;
      if (seen >= wanted) return highestOf(index) / 1000;
    }
    return 0;
  }

  /**
   * Cumulative counts at powers of two of a microsecond, as LATENCY HISTOGRAM lists them: [usec,
   * calls].
   */
  cumulative(): [number, number][] {
    const rows: [number, number][] = [];
    let limit = 1024;
    let seen = 0;
    let index = 0;
    while (seen < this.count) {
      const before = seen;
      while (index < BUCKETS && highestOf(index) <= limit) seen += this.#counts[index++]!;
      if (seen > before) rows.push([Math.floor(limit / 1000), seen]);
      limit *= 2;
    }
    return rows;
  }
}

function bucketOf(value: number): number {
  const magnitude = Math.max(0, 31 - Math.clz32(value) - (SUB_BITS - 1));
  return magnitude * (SUB_COUNT / 2) + (value >>> magnitude);
}

/** Largest value that falls in the bucket. */
function highestOf(index: number): number {
  if (index < SUB_COUNT) return index;
  const magnitude = Math.floor(index / (SUB_COUNT / 2)) - 1;
  const sub = index - magnitude * (SUB_COUNT / 2);
  return (sub + 1) * 2 ** magnitude - 1;
}
