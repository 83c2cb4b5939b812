// `npm run bench -- scripts [--quick]`: server CPU time per EVALSHA, beside a real redis-server in
// one run, and the bound that each script has. What is measured: a command in a script, many of
// them, computing, the libraries, and a script that was not seen before.
import type { Flags } from '../test/support/args.ts';
import type { RespClient } from '../test/support/client.ts';
import { cpuOf, sides, startSide } from './contenders.ts';
import { median, printTable } from './table.ts';

interface Load {
  readonly name: string;
  /** Draws the script of call `i`; most are the same for each. */
  readonly script: (i: number) => string;
  readonly isNew?: boolean;
  readonly calls: number;
  readonly pipeline: number;
  /** CPU time over the real server's that the project holds itself to. */
  readonly bound: number;
}

const RECORDS =
  "local t = {} for i = 1, 20 do t[i] = {id = i, name = 'user' .. i, tags = {'a', 'b'}} end ";
const FIB = 'local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end ';
const FRESH_LINES = 50;

const loads: readonly Load[] = [
  {
    name: 'one INCR',
    script: () => "return redis.call('incr', KEYS[1])",
    calls: 200_000,
    pipeline: 16,
    bound: 0.8,
  },
  {
    name: '20 commands',
    script: () => "for i = 1, 20 do redis.call('incr', KEYS[1]) end return 1",
    calls: 30_000,
    pipeline: 16,
    bound: 0.7,
  },
  { name: 'fib(25)', script: () => `${FIB}return fib(25)`, calls: 150, pipeline: 1, bound: 0.6 },
  {
    name: 'a million additions',
    script: () => 'local s = 0 for i = 1, 1000000 do s = s + i end return s',
    calls: 150,
    pipeline: 1,
    bound: 1.1,
  },
  {
    name: 'cjson, 1 KB there and back',
    script: () => `${RECORDS}return #cjson.encode(cjson.decode(cjson.encode(t)))`,
    calls: 4000,
    pipeline: 1,
    bound: 1.5,
  },
  {
    name: 'cmsgpack, there and back',
    script: () => `${RECORDS}return #cmsgpack.pack(cmsgpack.unpack(cmsgpack.pack(t)))`,
    calls: 4000,
    pipeline: 1,
    bound: 1.5,
  },
  {
    name: `new, of ${FRESH_LINES} lines`,
    script: (i) => `${"local x = redis.call('get', KEYS[1])\n".repeat(FRESH_LINES)}return ${i}`,
    isNew: true,
    calls: 1000,
    pipeline: 1,
    bound: Number.POSITIVE_INFINITY,
  },
];

/** Sends a share of a load's calls: by their SHA1, but for scripts that are new each time. */
async function send(client: RespClient, load: Load, from: number, count: number): Promise<void> {
  const sha = load.isNew ? '' : await client.expectText('SCRIPT', 'LOAD', load.script(0));
  for (let i = from; i < from + count; i += load.pipeline) {
    const commands = Array.from({ length: load.pipeline }, (_, j) =>
      load.isNew ? ['EVAL', load.script(i + j), '1', 'k'] : ['EVALSHA', sha, '1', 'k'],
    );
    await client.pipeline(commands);
  }
}

/** Microseconds of CPU time per call: the median of some rounds. */
async function measure(command: readonly string[], load: Load, calls: number): Promise<number> {
  const server = await startSide(command as Parameters<typeof startSide>[0]);
  const client = await server.client();
  const rounds = 4;
  const share = Math.max(load.pipeline, Math.floor(calls / rounds));
  const samples: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const before = cpuOf(server);
    await send(client, load, round * share, share);
    // The first round warms up.
    if (round > 0) samples.push((cpuOf(server) - before) / 1000 / share);
  }
  await client.close();
  await server.stop();
  return median(samples);
}

export async function benchScripts(flags: Flags): Promise<number> {
  const found = sides(flags);
  const rows: string[][] = [];
  let isWorse = false;
  for (const load of loads) {
    const calls = flags.has('quick') ? Math.ceil(load.calls / 4) : load.calls;
    const times: number[] = [];
    for (const { command } of found) times.push(await measure(command, load, calls));
    const [ours = Number.NaN, real = Number.NaN] = times;
    const ratio = ours / real;
    if (ratio > load.bound) isWorse = true;
    rows.push([
      load.name,
      ...times.map((time) => time.toFixed(2)),
      Number.isNaN(ratio) ? '-' : ratio.toFixed(2),
      Number.isFinite(load.bound) ? load.bound.toFixed(1) : '-',
    ]);
  }
  const head = ['script', ...found.map(({ name }) => `${name} us`), 'ratio', 'bound'];
  printTable({ title: 'CPU time per script', head, rows }, flags.has('markdown'));
  return isWorse && flags.has('check') ? 1 : 0;
}
