// `npm run bench -- bullmq [--quick]`: jobs of BullMQ per second and server CPU time per job beside
// a real redis-server in one run: added in bulk, then run by one worker. Each job is three to four
// scripts of some hundred lines.
import { Queue, Worker } from 'bullmq';
import type { Flags } from '../test/support/args.ts';
import { type Contender, cpuOf, sides, startSide } from './contenders.ts';
import { median, printTable } from './table.ts';

const JOBS = 4000;
const BATCH = 500;
const CONCURRENCY = 50;
const WARMING = 2;
const ROUNDS = 3;

interface Sample {
  readonly perSecond: number;
  readonly cpuUsec: number;
}

interface Figures extends Sample {
  /** Of the first round of a server's life. */
  readonly coldPerSecond: number;
}

/** Adds jobs, and waits until a worker has run them all. */
async function runJobs(server: Contender['server'], round: number, count: number): Promise<Sample> {
  const connection = { host: '127.0.0.1', port: server.port };
  const name = `bench-${round}`;
  const queue = new Queue(name, { connection });
  await queue.waitUntilReady();
  const cpuBefore = cpuOf(server);
  const begun = performance.now();
  for (let i = 0; i < count; i += BATCH) {
    const jobs = Array.from({ length: BATCH }, (_, j) => ({ name: 'job', data: { n: i + j } }));
    await queue.addBulk(jobs);
  }
  let done = 0;
  const worker = new Worker(name, async () => 'done', { connection, concurrency: CONCURRENCY });
  await new Promise<void>((resolve) => {
    worker.on('completed', () => {
      if (++done === count) resolve();
    });
  });
  const elapsedMs = performance.now() - begun;
  const cpuUsec = (cpuOf(server) - cpuBefore) / 1000 / count;
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return { perSecond: (count / elapsedMs) * 1000, cpuUsec };
}

async function measure(command: Parameters<typeof startSide>[0], count: number): Promise<Figures> {
  const server = await startSide(command);
  const samples: Sample[] = [];
  for (let round = 0; round < WARMING + ROUNDS; round++) {
    samples.push(await runJobs(server, round, count));
  }
  await server.stop();
  const [first] = samples.splice(0, WARMING);
  return {
    coldPerSecond: first!.perSecond,
    perSecond: median(samples.map(({ perSecond }) => perSecond)),
    cpuUsec: median(samples.map(({ cpuUsec }) => cpuUsec)),
  };
}

export async function benchBullmq(flags: Flags): Promise<number> {
  const count = flags.has('quick') ? JOBS / 4 : JOBS;
  // BullMQ itself is warm before the first server is measured.
  const [side] = sides(flags);
  const practice = await startSide(side!.command);
  for (let round = 0; round < WARMING; round++) await runJobs(practice, round, count);
  await practice.stop();
  const rows: string[][] = [];
  let first: Figures | undefined;
  for (const { name, command } of sides(flags)) {
    const sample = await measure(command, count);
    first ??= sample;
    rows.push([
      name,
      sample.perSecond.toFixed(0),
      sample.cpuUsec.toFixed(0),
      (first.perSecond / sample.perSecond).toFixed(2),
      sample.coldPerSecond.toFixed(0),
      (first.coldPerSecond / sample.coldPerSecond).toFixed(2),
    ]);
  }
  const head = [
    'server',
    'jobs a second',
    'server CPU us a job',
    'ours to this',
    'first round',
    'ratio',
  ];
  printTable({ title: `BullMQ, ${count} jobs`, head, rows }, flags.has('markdown'));
  return 0;
}
