// Runs redis-benchmark for one test and reads its report: throughput and latency percentiles.
// The long report is read, not --csv, because only it holds the 99.9th percentile.
import { findProgram } from '../test/support/programs.ts';
import { runLoad } from './contenders.ts';

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export interface Load {
  readonly port: number;
  /** The name for redis-benchmark's `-t`. */
  readonly test: string;
  readonly requests: number;
  readonly pipeline: number;
  readonly clients?: number;
  readonly dataBytes?: number;
  /** A command of one's own, in the place of a test of redis-benchmark. */
  readonly send?: readonly string[];
  /** Keys are drawn from `key:000000000000` up to this many. */
  readonly keySpace?: number;
}

/** redis-benchmark's tests, in its own order, with the commands that each needs. */
export const benchmarkTests: Readonly<Record<string, readonly string[]>> = {
  ping_inline: ['ping'],
  ping_mbulk: ['ping'],
  set: ['set'],
  get: ['get'],
  incr: ['incr'],
  lpush: ['lpush'],
  rpush: ['rpush'],
  lpop: ['lpop'],
  rpop: ['rpop'],
  sadd: ['sadd'],
  hset: ['hset'],
  spop: ['spop'],
  zadd: ['zadd'],
  zpopmin: ['zpopmin'],
  lrange_100: ['lpush', 'lrange'],
  lrange_300: ['lpush', 'lrange'],
  lrange_500: ['lpush', 'lrange'],
  lrange_600: ['lpush', 'lrange'],
  mset: ['mset'],
};

/**
 * Runs one test to its end. Throws when redis-benchmark is missing or its report has no numbers.
 */
export async function runBenchmark(load: Load): Promise<LoadResult> {
  const program = findProgram('redis-benchmark');
  if (program === undefined) {
    throw new Error('redis-benchmark is not installed (Debian: redis-tools)');
  }
  const flags = { p: load.port, c: load.clients ?? 50, n: load.requests, P: load.pipeline };
  const more = { d: load.dataBytes ?? 16, r: load.keySpace ?? 100_000 };
  const args = Object.entries({ ...flags, ...more }).flatMap(([k, v]) => [`-${k}`, String(v)]);
  args.push(...(load.send ?? ['-t', load.test]));
  const text = await runLoad(program, ['-h', '127.0.0.1', ...args]);
  // LRANGE fills its list first; the report of the test itself is the last one.
  const report = text.slice(text.lastIndexOf('======\n') + 1);
  const throughput = /throughput summary: ([\d.]+) requests per second/.exec(report)?.[1];
  if (throughput === undefined) throw new Error(`redis-benchmark -t ${load.test}:\n${text}`);
  const summary = /avg\s+min\s+p50\s+p95\s+p99\s+max\s+([\d. ]+)/.exec(report)?.[1] ?? '';
  const [, , p50 = Number.NaN, , p99 = Number.NaN] = summary.trim().split(/\s+/).map(Number);
  return {
    requestsPerSecond: Number(throughput),
    p50Ms: p50,
    p99Ms: p99,
    p999Ms: percentile(report, 99.9),
  };
}

/** The first line of the distribution at or above a percentile. */
function percentile(report: string, wanted: number): number {
  for (const match of report.matchAll(/^([\d.]+)% <= ([\d.]+) milliseconds \(cumulative/gm)) {
    if (Number(match[1]) >= wanted) return Number(match[2]);
  }
  return Number.NaN;
}
