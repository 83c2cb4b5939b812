// `npm run bench -- memory [--keys N]`: resident bytes per key for strings of 32 bytes under keys
// of 16, the growth of the process from empty to full over the number of keys; and what is left
// after FLUSHALL. `npm run bench -- tail`: latency percentiles of 50 clients on that many keys.
import { setTimeout as delay } from 'node:timers/promises';
import type { Flags } from '../test/support/args.ts';
import type { RunningServer } from '../test/support/server.ts';
import { residentOf, sides, startContenders, startSide, stopAll } from './contenders.ts';
import { loadKeys } from './load-keys.ts';
import { type LoadResult, runBenchmark } from './redis-benchmark.ts';
import { median, printTable, show } from './table.ts';

const VALUE_BYTES = 32;
const SETTLE_SECONDS = 5;
const MEGABYTE = 1024 * 1024;

export async function benchMemory(flags: Flags): Promise<number> {
  const keys = flags.count('keys', 5_000_000);
  const perKey: number[] = [];
  const rows: string[][] = [];
  // One after the other: two full servers at a time would need twice the machine.
  for (const { name, command } of sides(flags)) {
    const server = await startSide(command);
    try {
      const empty = residentOf(server);
      const startedAt = performance.now();
      await loadKeys(server.port, keys, VALUE_BYTES);
      const seconds = (performance.now() - startedAt) / 1000;
      const full = residentOf(server);
      await expectSize(server, keys);
      const client = await server.client();
      await client.command('FLUSHALL', 'SYNC');
      await client.close();
      const bytes = (full - empty) / keys;
      perKey.push(bytes);
      const megabytes = [empty, full, await settledBytes(server)].map((n) => show(n / MEGABYTE));
      rows.push([name, show(bytes), ...megabytes, show(seconds)]);
    } finally {
      await server.stop();
    }
  }
  const title = `Resident bytes per key: ${keys} strings of ${VALUE_BYTES} bytes`;
  const head = ['server', 'bytes/key', 'empty MB', 'full MB', 'after FLUSHALL MB', 'load s'];
  printTable({ title, head, rows }, flags.has('markdown'));
  const [ours, real] = perKey;
  if (ours === undefined || real === undefined) return 0;
  const met = ours / real <= 0.8;
  console.log(`\nratio ${show(ours / real)}; goal 0.80: ${met ? 'met' : 'MISSED'}`);
  return flags.has('check') && !met ? 1 : 0;
}

/** The least that is resident within a few seconds: memory is given back a little later. */
async function settledBytes(server: RunningServer): Promise<number> {
  let least = residentOf(server);
  for (let i = 0; i < SETTLE_SECONDS * 10; i++) {
    await delay(100);
    least = Math.min(least, residentOf(server));
  }
  return least;
}

async function expectSize(server: RunningServer, keys: number): Promise<void> {
  const client = await server.client();
  const size = await client.expectText('DBSIZE');
  await client.close();
  if (Number(size) !== keys) throw new Error(`${size} keys after loading ${keys}`);
}

export async function benchTail(flags: Flags): Promise<number> {
  const keys = flags.count('keys', 5_000_000);
  const rounds = flags.count('rounds', flags.has('quick') ? 1 : 3);
  const requests = flags.count('requests', flags.has('quick') ? 100_000 : 400_000);
  const contenders = await startContenders(flags);
  try {
    for (const { server } of contenders) await loadKeys(server.port, keys, VALUE_BYTES);
    const rows: string[][] = [];
    let missed = 0;
    for (const test of ['get', 'set']) {
      const samples: LoadResult[][] = contenders.map(() => []);
      for (let round = 0; round <= rounds; round++) {
        for (const [index, { server }] of contenders.entries()) {
          const load = { port: server.port, test, requests, pipeline: 1, keySpace: keys };
          const result = await runBenchmark({ ...load, dataBytes: VALUE_BYTES });
          if (round > 0) samples[index]?.push(result);
        }
      }
      const tails = samples.map((list) => median(list.map((s) => s.p999Ms)));
      for (const [index, { name }] of contenders.entries()) {
        const list = samples[index] ?? [];
        const p50 = median(list.map((s) => s.p50Ms));
        const p99 = median(list.map((s) => s.p99Ms));
        rows.push([`${test}, ${name}`, ...[p50, p99, tails[index]].map(show)]);
      }
      const [ours, real] = tails;
      if (ours !== undefined && real !== undefined) {
        if (ours > real) missed++;
        rows.push([`${test}, p99.9 ratio`, '', '', show(ours / real)]);
      }
    }
    const title = `Latency in ms: 50 clients, ${keys} keys, no pipeline`;
    printTable({ title, head: ['test', 'p50', 'p99', 'p99.9'], rows }, flags.has('markdown'));
    return flags.has('check') && missed > 0 ? 1 : 0;
  } finally {
    await stopAll(contenders);
  }
}
