// `npm run bench -- persistence [--keys N] [--quick]`: what a data set of strings of 32 bytes costs
// to save and to load, how long other clients wait while a BGSAVE runs and how much memory it
// takes, and what the append-only file adds to SET. CPU is that of the server process; Redis's
// BGSAVE runs in a child, whose CPU is not in it, so SAVE, which has none, is compared.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Flags } from '../test/support/args.ts';
import type { RespClient } from '../test/support/client.ts';
import type { Command } from '../test/support/programs.ts';
import { replyText } from '../test/support/resp.ts';
import type { RunningServer } from '../test/support/server.ts';
import { cpuOf, residentOf, sides, startSide } from './contenders.ts';
import { loadKeys } from './load-keys.ts';
import { runBenchmark } from './redis-benchmark.ts';
import { printTable, show } from './table.ts';

const VALUE_BYTES = 32;
const NS_PER_MS = 1e6;
const BYTES_PER_MB = 1024 * 1024;
const POLL_MS = 5;
const SET_PIPELINE = 16;

/** What is measured, and what it may be of Redis's. */
const MEASURES = [
  ['SAVE, CPU ms', 1],
  ['loading, CPU ms', 1],
  ['loading, ms', 1],
  ['SET p99.9 ms, nothing saved', 1],
  ['SET p99.9 ms, during BGSAVE', 1],
  ['resident MB before BGSAVE', Number.NaN],
  ['resident MB during BGSAVE', Number.NaN],
  ['SET P=16 CPU us, no file', 1],
  ['SET P=16 CPU us, everysec', 1],
  ['SET P=16 CPU us, always', 1],
] as const;

type Measured = Map<string, number>;

export async function benchPersistence(flags: Flags): Promise<number> {
  const isQuick = flags.has('quick');
  const keys = flags.count('keys', isQuick ? 500_000 : 5_000_000);
  const requests = flags.count('requests', isQuick ? 100_000 : 400_000);
  const found: Measured[] = [];
  const names: string[] = [];
  for (const { name, command } of sides(flags)) {
    const measured: Measured = new Map();
    const folder = mkdtempSync(join(tmpdir(), 'disgo-bench-'));
    try {
      await measureSaving(command, folder, keys, requests, measured);
      await measureLoading(command, folder, measured);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    for (const policy of ['no file', 'everysec', 'always']) {
      const us = await measureSet(command, policy, requests);
      measured.set(`SET P=16 CPU us, ${policy}`, us);
    }
    found.push(measured);
    names.push(name);
  }
  return report(keys, names, found, flags);
}

function report(keys: number, names: string[], found: Measured[], flags: Flags): number {
  let missed = 0;
  const rows = MEASURES.map(([name, bound]) => {
    const [ours = Number.NaN, real = Number.NaN] = found.map((each) => each.get(name));
    if (ours / real > bound) missed++;
    return [name, ...found.map((each) => show(each.get(name))), show(ours / real), show(bound)];
  });
  const growth = found.map((each) => {
    const before = each.get('resident MB before BGSAVE') ?? Number.NaN;
    return show((each.get('resident MB during BGSAVE') ?? Number.NaN) / before);
  });
  rows.push(['resident during BGSAVE / before', ...growth, '', '1.10']);
  const title = `Persistence: ${keys} strings of ${VALUE_BYTES} bytes`;
  printTable({ title, head: ['', ...names, 'ratio', 'bound'], rows }, flags.has('markdown'));
  return flags.has('check') && missed > 0 ? 1 : 0;
}

async function measureSaving(
  command: Command,
  folder: string,
  keys: number,
  requests: number,
  measured: Measured,
): Promise<void> {
  const server = await startSide(command, ['--dir', folder]);
  try {
    await loadKeys(server.port, keys, VALUE_BYTES);
    const client = await server.client();
    const before = cpuOf(server);
    await client.expectText('SAVE');
    measured.set('SAVE, CPU ms', (cpuOf(server) - before) / NS_PER_MS);
    const load = { port: server.port, test: 'set', requests, pipeline: 1, keySpace: keys };
    const idle = await runBenchmark({ ...load, dataBytes: VALUE_BYTES });
    measured.set('SET p99.9 ms, nothing saved', idle.p999Ms);
    measured.set('resident MB before BGSAVE', residentOf(server) / BYTES_PER_MB);
    const saver = new Saver(server, client);
    const saving = saver.run();
    const busy = await runBenchmark({ ...load, dataBytes: VALUE_BYTES });
    measured.set('SET p99.9 ms, during BGSAVE', busy.p999Ms);
    saver.isStopped = true;
    await saving;
    measured.set('resident MB during BGSAVE', saver.peakBytes / BYTES_PER_MB);
    await client.close();
  } finally {
    await server.stop();
  }
}

/** Saves again and again, and looks how large the server becomes. */
class Saver {
  isStopped = false;
  peakBytes = 0;
  readonly #server: RunningServer;
  readonly #client: RespClient;

  constructor(server: RunningServer, client: RespClient) {
    this.#server = server;
    this.#client = client;
  }

  async run(): Promise<void> {
    do {
      await this.#client.expectText('BGSAVE');
      do {
        this.peakBytes = Math.max(this.peakBytes, residentOf(this.#server));
        await delay(POLL_MS);
      } while (await this.#isSaving());
    } while (!this.isStopped);
  }

  async #isSaving(): Promise<boolean> {
    const info = replyText(await this.#client.command('INFO', 'persistence')) ?? '';
    return info.includes('rdb_bgsave_in_progress:1');
  }
}

/** Starts on the file, and takes away what a start without one costs. */
async function measureLoading(command: Command, folder: string, measured: Measured): Promise<void> {
  const empty = await startSide(command);
  const [baseCpu, baseMs] = [cpuOf(empty), empty.startMs];
  await empty.stop();
  const startedAt = performance.now();
  const server = await startSide(command, ['--dir', folder]);
  try {
    const client = await server.client();
    while ((await client.command('DBSIZE')).type === 'error') await delay(POLL_MS);
    measured.set('loading, ms', performance.now() - startedAt - baseMs);
    measured.set('loading, CPU ms', (cpuOf(server) - baseCpu) / NS_PER_MS);
    await client.close();
  } finally {
    await server.stop();
  }
}

/** @returns microseconds of CPU for a SET at pipeline 16 */
async function measureSet(command: Command, policy: string, requests: number): Promise<number> {
  const isLogged = policy !== 'no file';
  const args = isLogged ? ['--appendonly', 'yes', '--appendfsync', policy] : [];
  const server = await startSide(command, [...args, ...['--auto-aof-rewrite-percentage', '0']]);
  try {
    const load = { port: server.port, test: 'set', pipeline: SET_PIPELINE };
    await runBenchmark({ ...load, requests });
    const before = cpuOf(server);
    await runBenchmark({ ...load, requests: requests * 2 });
    return (cpuOf(server) - before) / (requests * 2) / 1000;
  } finally {
    await server.stop();
  }
}
