// `npm run bench -- dumps [--tests hashes,lists] [--quick]`: what data sets of each type, in their
// small and their large encodings, cost to load from a dump and to SAVE. The dump is made by the
// real server where there is one, and both load the same file. CPU is that of the server process;
// of loading, what a start without a file costs is taken off; the least of the rounds counts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Flags } from '../test/support/args.ts';
import type { Command } from '../test/support/programs.ts';
import { cpuOf, sides, startSide } from './contenders.ts';
import { printTable, show } from './table.ts';

const NS_PER_MS = 1e6;
const POLL_MS = 5;
const QUICK_SHARE = 10;
/** Keys that one script makes: a script may not take too long. */
const KEYS_A_SCRIPT = 2000;

interface DataSet {
  readonly name: string;
  readonly keys: number;
  /** Lua that fills key `k`, number `i`; `value(n)` is a text with the number in it. */
  readonly fill: string;
}

const DATA_SETS: readonly DataSet[] = [
  {
    name: 'hashes of 8 fields',
    keys: 600_000,
    fill: `local t = {} for j = 1, 8 do t[2*j-1] = 'field:' .. j t[2*j] = value(i * 8 + j) end
      redis.call('HSET', k, unpack(t))`,
  },
  {
    name: 'hashes of 600 fields',
    keys: 5000,
    fill: `local t = {} for j = 1, 600 do t[2*j-1] = 'field:' .. j t[2*j] = value(i * 600 + j) end
      redis.call('HSET', k, unpack(t))`,
  },
  {
    name: 'sorted sets of 8 members',
    keys: 600_000,
    fill: `local t = {} for j = 1, 8 do t[2*j-1] = (i * 7 + j * 31) % 1000 t[2*j] = 'member:' .. j end
      redis.call('ZADD', k, unpack(t))`,
  },
  {
    name: 'sorted sets of 500 members',
    keys: 5000,
    fill: `local t = {} for j = 1, 500 do t[2*j-1] = (i * 7 + j * 31) % 1000 t[2*j] = 'member:' .. j end
      redis.call('ZADD', k, unpack(t))`,
  },
  {
    name: 'lists of 10 elements',
    keys: 600_000,
    fill: `local t = {} for j = 1, 10 do t[j] = value(i * 10 + j) end redis.call('RPUSH', k, unpack(t))`,
  },
  {
    name: 'lists of 1000 elements',
    keys: 10_000,
    fill: `local t = {} for j = 1, 1000 do t[j] = value(i * 1000 + j) end
      redis.call('RPUSH', k, unpack(t))`,
  },
  {
    name: 'sets of 10 members',
    keys: 600_000,
    fill: `local t = {} for j = 1, 10 do t[j] = value(i * 10 + j) end redis.call('SADD', k, unpack(t))`,
  },
  {
    name: 'sets of 600 members',
    keys: 5000,
    fill: `local t = {} for j = 1, 600 do t[j] = value(i * 600 + j) end
      redis.call('SADD', k, unpack(t))`,
  },
  {
    name: 'sets of 20 integers',
    keys: 600_000,
    fill: `local t = {} for j = 1, 20 do t[j] = i * 3 + j * 1000 end redis.call('SADD', k, unpack(t))`,
  },
  {
    name: 'streams of 100 entries',
    keys: 10_000,
    fill: `for j = 1, 100 do redis.call('XADD', k, j .. '-1', 'name', value(i), 'at', j) end`,
  },
];

const SCRIPT_HEAD = `local function value(n) return 'value:' .. string.format('%012d', n) end
for i = ARGV[1], ARGV[2] do local k = ARGV[3] .. i `;

interface Cost {
  readonly loadMs: number;
  readonly saveMs: number;
}

export async function benchDumps(flags: Flags): Promise<number> {
  const found = sides(flags);
  const maker = found[found.length - 1]!.command;
  const wanted = flags.text('tests')?.split(',') ?? [''];
  const rounds = flags.count('rounds', 2);
  const rows: string[][] = [];
  let missed = 0;
  for (const set of DATA_SETS) {
    if (!wanted.some((word) => set.name.includes(word))) continue;
    const keys = flags.has('quick') ? Math.ceil(set.keys / QUICK_SHARE) : set.keys;
    const folder = mkdtempSync(join(tmpdir(), 'disgo-bench-'));
    const costs: Cost[] = [];
    try {
      await makeDump(maker, folder, set, keys);
      for (const { command } of found) costs.push(await measure(command, folder, rounds));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const [ours, real] = costs;
    const loads = (ours?.loadMs ?? Number.NaN) / (real?.loadMs ?? Number.NaN);
    const saves = (ours?.saveMs ?? Number.NaN) / (real?.saveMs ?? Number.NaN);
    if (loads > 1 || saves > 1) missed++;
    rows.push([
      `${keys} ${set.name}`,
      ...costs.map((cost) => show(cost.loadMs)),
      show(loads),
      ...costs.map((cost) => show(cost.saveMs)),
      show(saves),
    ]);
    console.log(rows[rows.length - 1]!.join('  '));
  }
  const names = found.map(({ name }) => name);
  const head = ['', ...names.map((name) => `load, ${name}`), 'ratio'];
  head.push(...names.map((name) => `SAVE, ${name}`), 'ratio');
  printTable({ title: 'Dumps: CPU ms, bound 1.0', head, rows }, flags.has('markdown'));
  return flags.has('check') && missed > 0 ? 1 : 0;
}

async function makeDump(
  command: Command,
  folder: string,
  set: DataSet,
  keys: number,
): Promise<void> {
  const server = await startSide(command, ['--dir', folder]);
  try {
    const client = await server.client();
    for (let from = 0; from < keys; from += KEYS_A_SCRIPT) {
      const to = Math.min(from + KEYS_A_SCRIPT, keys) - 1;
      const script = `${SCRIPT_HEAD} ${set.fill} end return 'OK'`;
      await client.expectText('EVAL', script, '0', String(from), String(to), 'key:');
    }
    await client.expectText('SAVE');
    await client.close();
  } finally {
    await server.stop();
  }
}

/** Starts on the dump and saves it again, some times over. */
async function measure(command: Command, folder: string, rounds: number): Promise<Cost> {
  const empty = await startSide(command);
  const baseNs = cpuOf(empty);
  await empty.stop();
  let loadNs = Number.POSITIVE_INFINITY;
  let saveNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const args = ['--dir', folder, '--enable-protected-configs', 'yes'];
    const server = await startSide(command, args);
    try {
      const client = await server.client();
      while ((await client.command('DBSIZE')).type === 'error') await delay(POLL_MS);
      const loaded = cpuOf(server);
      loadNs = Math.min(loadNs, loaded - baseNs);
      // The dump itself is loaded by the others too.
      await client.expectText('CONFIG', 'SET', 'dbfilename', 'saved.rdb');
      await client.expectText('SAVE');
      saveNs = Math.min(saveNs, cpuOf(server) - loaded);
      await client.close();
    } finally {
      await server.stop();
    }
  }
  return { loadMs: loadNs / NS_PER_MS, saveMs: saveNs / NS_PER_MS };
}
