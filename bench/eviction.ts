// `npm run bench -- eviction [--keys 12000] [--requests 400000]`: how good the choice of the keys
// that go is. A cache of so many keys serves requests that follow Zipf's law over five times as
// many, the same requests to each server; a miss is set again. maxmemory is steered so that each
// server holds the same number of keys, because only then hit ratios compare the choice and not the
// size of a key. Time enters by the access clocks, which count seconds, so the requests are paced
// alike.
import type { Flags } from '../test/support/args.ts';
import type { RespClient } from '../test/support/client.ts';
import { Random } from '../test/support/random.ts';
import { replyText } from '../test/support/resp.ts';
import { sides, startSide } from './contenders.ts';
import { printTable } from './table.ts';

const POLICIES = ['allkeys-lru', 'allkeys-lfu', 'volatile-lru', 'volatile-lfu', 'allkeys-random'];
const UNIVERSE = 5;
const SKEW = 0.99;
const BATCH = 500;
/** Requests a second: the slowest server on a small machine keeps up with it. */
const PACE = 40_000;
const VALUE = 'x'.repeat(100);

/** Draws ranks from 0 on by Zipf's law, through the table of its sums. */
function zipf(count: number, random: () => number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) sums[i] = sum += 1 / (i + 1) ** SKEW;
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

async function usedMemory(client: RespClient): Promise<number> {
  const text = await client.expectText('INFO', 'memory');
  return Number(/^used_memory:(\d+)/m.exec(text)?.[1]);
}

interface Outcome {
  readonly hitPercent: number;
  readonly meanKeys: number;
}

/** Holds the number of keys near `wanted` by moving the limit. */
class Steering {
  #limit = 0;
  readonly #client: RespClient;
  readonly #wanted: number;
  readonly #keyBytes: number;
  sum = 0;
  count = 0;

  constructor(client: RespClient, wanted: number, keyBytes: number) {
    this.#client = client;
    this.#wanted = wanted;
    this.#keyBytes = keyBytes;
  }

  async begin(): Promise<void> {
    this.#limit = await usedMemory(this.#client);
    await this.#client.expectText('CONFIG', 'SET', 'maxmemory', String(this.#limit));
  }

  async adjust(): Promise<void> {
    const keys = Number(replyText(await this.#client.command('DBSIZE')));
    this.sum += keys;
    this.count++;
    this.#limit += Math.round((this.#wanted - keys) * this.#keyBytes * 0.5);
    await this.#client.expectText('CONFIG', 'SET', 'maxmemory', String(this.#limit));
  }
}

async function fill(client: RespClient, set: (key: string) => string[], keys: number) {
  const before = await usedMemory(client);
  for (let i = 0; i < keys; i += BATCH) {
    const commands = Array.from({ length: BATCH }, (_, j) => set(`key:${i + j}`));
    await client.pipeline(commands);
  }
  return ((await usedMemory(client)) - before) / keys;
}

/** The same trace for every server; the second half is counted. */
async function replay(
  client: RespClient,
  policy: string,
  keys: number,
  requests: number,
): Promise<Outcome> {
  const isVolatile = policy.startsWith('volatile');
  const set = (key: string): string[] =>
    isVolatile ? ['SET', key, VALUE, 'EX', '100000'] : ['SET', key, VALUE];
  await client.expectText('CONFIG', 'SET', 'maxmemory-policy', policy);
  const steering = new Steering(client, keys, await fill(client, set, keys));
  await steering.begin();
  const random = new Random(11);
  const draw = zipf(keys * UNIVERSE, () => random.next());
  let hits = 0;
  let counted = 0;
  const startMs = performance.now();
  for (let done = 0; done < requests; done += BATCH) {
    const wanted = Array.from({ length: BATCH }, () => `key:${draw()}`);
    const replies = await client.pipeline(wanted.map((key) => ['GET', key]));
    const missed = wanted.filter((_, i) => replyText(replies[i]!) === undefined);
    if (done >= requests / 2) {
      counted += BATCH;
      hits += BATCH - missed.length;
    }
    await client.pipeline([...new Set(missed)].map(set));
    if ((done / BATCH) % 4 === 0) await steering.adjust();
    const dueMs = startMs + (done * 1000) / PACE;
    while (performance.now() < dueMs) await new Promise((resolve) => setImmediate(resolve));
  }
  return { hitPercent: (100 * hits) / counted, meanKeys: steering.sum / steering.count };
}

export async function benchEviction(flags: Flags): Promise<number> {
  const keys = flags.count('keys', 12_000);
  const requests = flags.count('requests', flags.has('quick') ? 200_000 : 800_000);
  const found = sides(flags);
  const rows: string[][] = [];
  let isWorse = false;
  for (const policy of POLICIES) {
    const outcomes: Outcome[] = [];
    for (const { command } of found) {
      const server = await startSide(command);
      const client = await server.client();
      outcomes.push(await replay(client, policy, keys, requests));
      await client.close();
      await server.stop();
    }
    const [ours, real] = outcomes;
    if (ours !== undefined && real !== undefined && ours.hitPercent < real.hitPercent - 0.5) {
      isWorse = true;
    }
    rows.push([
      policy,
      ...outcomes.flatMap((one) => [one.hitPercent.toFixed(2), one.meanKeys.toFixed(0)]),
    ]);
  }
  const head = ['policy', ...found.flatMap(({ name }) => [`${name} hits %`, 'keys held'])];
  printTable({ title: 'Hit ratio at the same number of keys', head, rows }, flags.has('markdown'));
  return isWorse && flags.has('check') ? 1 : 0;
}
