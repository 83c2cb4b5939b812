// `npm run bench`: server CPU time per command, throughput and latency of every redis-benchmark
// test that our server has the commands for, as ratios to the real server's, at several pipeline
// depths. The servers take turns (A B A B), a round each, so that a slow minute of the machine hits
// both; each number is the median over the rounds. CPU time is the measure that noise touches
// least.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Flags } from '../test/support/args.ts';
import { type Contender, canPin, cpuOf, startContenders, stopAll } from './contenders.ts';
import { ownTests } from './own-tests.ts';
import { benchmarkTests, type LoadResult, runBenchmark } from './redis-benchmark.ts';
import { geometricMean, median, printTable, show } from './table.ts';

interface Sample extends LoadResult {
  readonly cpuUs: number;
}

interface Line {
  readonly test: string;
  readonly pipeline: number;
  /** One entry a contender, ours first. */
  readonly results: readonly Sample[];
}

/** CPU time over the real server's that the project holds itself to (geometric mean a pipeline). */
const goals: Readonly<Record<number, number>> = { 1: 1.15, 16: 0.8, 128: 0.65 };
const GOAL_TESTS = ['ping_mbulk', 'set', 'get', 'incr', 'mset'];
const WORST_LINE = 1.3;

/** Runs the comparison. Returns 1 when `--check` was given and a goal is missed. */
export async function benchThroughput(flags: Flags): Promise<number> {
  const quick = flags.has('quick');
  const pipelines = (flags.list('pipelines') ?? ['1', '16', '128']).map(Number);
  const rounds = flags.count('rounds', quick ? 1 : 3);
  const contenders = await startContenders(flags);
  try {
    const tests = await chooseTests(flags, contenders);
    console.log(describeMachine(contenders, rounds));
    const lines: Line[] = [];
    for (const pipeline of pipelines) {
      for (const { server } of contenders) {
        const client = await server.client();
        await client.command('FLUSHALL');
        await client.close();
      }
      const ofPipeline: Line[] = [];
      for (const test of tests) {
        const requests = requestCount(test, pipeline, quick, flags);
        ofPipeline.push(await measure(contenders, test, pipeline, requests, rounds));
      }
      printPipeline(ofPipeline, contenders, flags.has('markdown'));
      lines.push(...ofPipeline);
    }
    const json = flags.text('json');
    if (json !== undefined) {
      const names = contenders.map(({ name }) => name);
      writeFileSync(json, `${JSON.stringify({ contenders: names, rounds, lines }, null, 1)}\n`);
    }
    return contenders.length > 1 ? judge(lines, pipelines, flags.has('check')) : 0;
  } finally {
    await stopAll(contenders);
  }
}

/** Each test with the commands it needs. */
const allTests: Readonly<Record<string, readonly string[]>> = {
  ...benchmarkTests,
  ...Object.fromEntries(Object.entries(ownTests).map(([name, test]) => [name, test.commands])),
};

async function chooseTests(flags: Flags, contenders: readonly Contender[]): Promise<string[]> {
  const wanted = flags.list('tests') ?? Object.keys(allTests);
  const client = await contenders[0]?.server.client();
  if (client === undefined) return wanted;
  const tests: string[] = [];
  for (const test of wanted) {
    const commands = allTests[test];
    if (commands === undefined) throw new Error(`redis-benchmark has no test ${test}`);
    const info = await client.command('COMMAND', 'INFO', ...commands);
    const known = info.type === 'array' && info.items.every((item) => item.type === 'array');
    if (known) tests.push(test);
    else console.log(`left out, its commands are not there yet: ${test}`);
  }
  await client.close();
  return tests;
}

function requestCount(test: string, pipeline: number, quick: boolean, flags: Flags): number {
  const common = pipeline === 1 ? 200_000 : pipeline <= 16 ? 1_000_000 : 2_000_000;
  const heavy = ownTests[test]?.part ?? (test.startsWith('lrange') ? 20 : test === 'mset' ? 4 : 1);
  return flags.count('requests', Math.round(common / heavy / (quick ? 5 : 1)));
}

async function measure(
  contenders: readonly Contender[],
  test: string,
  pipeline: number,
  requests: number,
  rounds: number,
): Promise<Line> {
  const samples: Sample[][] = contenders.map(() => []);
  // Round 0 warms up: compiled code for ours, keys in place for both. Code is compiled after so
  // many reads and commands, not after a share of the run: a quick run needs as many.
  const own = ownTests[test];
  const fewest = Math.min(20_000 * pipeline, 600_000) / (own?.part ?? 1);
  const warmUp = Math.max(Math.ceil(requests / 2), Math.ceil(fewest));
  for (const { server } of contenders) {
    if (own === undefined) break;
    const client = await server.client();
    await own.fill(client);
    await client.close();
  }
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { server }] of contenders.entries()) {
      const count = round === 0 ? warmUp : requests;
      const before = cpuOf(server);
      const load = { port: server.port, test, requests: count, pipeline };
      const result = await runBenchmark(own === undefined ? load : { ...load, send: own.send });
      const cpuUs = (cpuOf(server) - before) / 1000 / count;
      if (round > 0) samples[index]?.push({ ...result, cpuUs });
    }
  }
  const middle = (list: readonly Sample[], pick: (sample: Sample) => number): number =>
    median(list.map(pick));
  const results = samples.map((list) => ({
    cpuUs: middle(list, (s) => s.cpuUs),
    requestsPerSecond: middle(list, (s) => s.requestsPerSecond),
    p50Ms: middle(list, (s) => s.p50Ms),
    p99Ms: middle(list, (s) => s.p99Ms),
    p999Ms: middle(list, (s) => s.p999Ms),
  }));
  return { test, pipeline, results };
}

type Metric = keyof Sample;

function ratio(line: Line, metric: Metric): number | undefined {
  const [ours, real] = line.results;
  if (ours === undefined || real === undefined) return undefined;
  return ours[metric] / real[metric];
}

function printPipeline(
  lines: readonly Line[],
  contenders: readonly Contender[],
  asMarkdown: boolean,
): void {
  const names = contenders.map(({ name }) => name);
  const metrics: readonly [Metric, string][] = [
    ['requestsPerSecond', 'requests/s'],
    ['p50Ms', 'p50'],
    ['p99Ms', 'p99'],
    ['p999Ms', 'p99.9'],
  ];
  const compared = contenders.length > 1;
  const head = ['test', ...names.map((name) => `${name} CPU us`)];
  if (compared) head.push('CPU ratio', ...metrics.map(([, title]) => `${title} ratio`));
  else head.push(...metrics.map(([, title]) => title));
  const rows = lines.map((line) => {
    const cells = [line.test, ...line.results.map((result) => show(result.cpuUs))];
    if (compared) cells.push(show(ratio(line, 'cpuUs')));
    for (const [metric] of metrics) {
      cells.push(show(compared ? ratio(line, metric) : line.results[0]?.[metric]));
    }
    return cells;
  });
  if (compared && lines.length > 1) {
    const mean = (metric: Metric): string =>
      show(geometricMean(lines.map((line) => ratio(line, metric) ?? Number.NaN)));
    rows.push([
      'geometric mean',
      ...names.map(() => ''),
      mean('cpuUs'),
      ...metrics.map(([metric]) => mean(metric)),
    ]);
  }
  printTable({ title: `Pipeline ${lines[0]?.pipeline}`, head, rows }, asMarkdown);
}

/** Prints how the run stands against the goals. */
function judge(lines: readonly Line[], pipelines: readonly number[], strict: boolean): number {
  let missed = 0;
  console.log('');
  for (const pipeline of pipelines) {
    const goal = goals[pipeline];
    const chosen = lines.filter((l) => l.pipeline === pipeline && GOAL_TESTS.includes(l.test));
    if (goal === undefined || chosen.length === 0) continue;
    const mean = geometricMean(chosen.map((line) => ratio(line, 'cpuUs') ?? Number.NaN));
    const met = mean <= goal;
    if (!met) missed++;
    const names = chosen.map((line) => line.test).join(' ');
    const verdict = met ? 'met' : 'MISSED';
    console.log(
      `P=${pipeline}: CPU ratio ${mean.toFixed(3)} over ${names}; goal ${goal}: ${verdict}`,
    );
  }
  for (const line of lines) {
    const value = ratio(line, 'cpuUs') ?? 0;
    if (value <= WORST_LINE) continue;
    missed++;
    console.log(
      `P=${line.pipeline} ${line.test}: CPU ratio ${value.toFixed(2)}, over ${WORST_LINE}: MISSED`,
    );
  }
  return strict && missed > 0 ? 1 : 0;
}

function describeMachine(contenders: readonly Contender[], rounds: number): string {
  const names = contenders.map(({ name }) => name).join(' and ');
  const pins = canPin() ? 'server and load on a core each' : 'NOT pinned to cores';
  return (
    `${names}, Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${pins}, ` +
    `median of ${rounds} round(s), redis-benchmark -c 50 -d 16 -r 100000`
  );
}
