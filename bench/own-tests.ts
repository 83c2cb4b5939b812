// Tests of our own beside redis-benchmark's: commands that it has no test for, with the data they
// work on. redis-benchmark sends them; `__rand_int__` becomes a random number of 12 digits below
// the key space.
import type { RespClient } from '../test/support/client.ts';

export interface OwnTest {
  /** Commands that the server must know. */
  readonly commands: readonly string[];
  /** What redis-benchmark sends. */
  readonly send: readonly string[];
  /** Requests, as a part of those of a light test. */
  readonly part: number;
  /** Puts the data in place, once before the rounds. */
  fill(client: RespClient): Promise<void>;
}

const KEY_SPACE = 100_000;
const BATCH = 1000;

const padded = (number: number): string => String(number).padStart(12, '0');

/** Sends one command with the items in groups. */
async function inBatches(
  client: RespClient,
  head: readonly string[],
  count: number,
  item: (i: number) => readonly string[],
): Promise<void> {
  for (let start = 0; start < count; start += BATCH) {
    const items: string[] = [];
    for (let i = start; i < Math.min(count, start + BATCH); i++) items.push(...item(i));
    await client.command(...head, ...items);
  }
}

const nothing = async (): Promise<void> => undefined;

async function fillLargeZset(client: RespClient): Promise<void> {
  await inBatches(client, ['ZADD', 'own:zset'], 1_000_000, (i) => [
    String((i * 7919) % KEY_SPACE),
    `member:${padded(i)}`,
  ]);
}

async function fillStream(client: RespClient): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    await client.command('XADD', 'own:read', `${i + 1}-0`, 'field', 'value');
  }
  await client.command('XGROUP', 'CREATE', 'own:read', 'group', '0');
}

export const ownTests: Readonly<Record<string, OwnTest>> = {
  xadd: {
    commands: ['xadd'],
    send: ['XADD', 'own:stream', 'MAXLEN', '~', '100000', '*', 'field', 'value:__rand_int__'],
    part: 1,
    fill: nothing,
  },
  xreadgroup: {
    commands: ['xreadgroup'],
    send: ['XREADGROUP', 'GROUP', 'group', 'one', 'COUNT', '10', 'STREAMS', 'own:read', '0'],
    part: 4,
    fill: async (client) => {
      await fillStream(client);
      const all = ['GROUP', 'group', 'one', 'COUNT', '1000', 'STREAMS', 'own:read', '>'];
      await client.command('XREADGROUP', ...all);
    },
  },
  zrange_by_score: {
    commands: ['zrange'],
    send: ['ZRANGE', 'own:zset', '__rand_int__', '+inf', 'BYSCORE', 'LIMIT', '0', '10'],
    part: 2,
    fill: fillLargeZset,
  },
  zrank: {
    commands: ['zrank'],
    send: ['ZRANK', 'own:zset', 'member:__rand_int__'],
    part: 2,
    fill: nothing,
  },
  hgetall: {
    commands: ['hgetall'],
    send: ['HGETALL', 'own:hash'],
    part: 4,
    fill: (client) =>
      inBatches(client, ['HSET', 'own:hash'], 20, (i) => [`field:${i}`, `value:${padded(i)}`]),
  },
  sinter_10k: {
    commands: ['sinter'],
    send: ['SINTERCARD', '2', 'own:set1', 'own:set2'],
    part: 2000,
    fill: async (client) => {
      await inBatches(client, ['SADD', 'own:set1'], 10_000, (i) => [`member:${i}`]);
      await inBatches(client, ['SADD', 'own:set2'], 10_000, (i) => [`member:${i * 2}`]);
    },
  },
  geosearch: {
    commands: ['geosearch'],
    send: [
      ...['GEOSEARCH', 'own:geo', 'FROMLONLAT', '15', '37'],
      ...['BYRADIUS', '50', 'km', 'COUNT', '10'],
    ],
    part: 20,
    fill: (client) =>
      inBatches(client, ['GEOADD', 'own:geo'], 10_000, (i) => [
        String(10 + ((i * 31) % 1000) / 100),
        String(33 + ((i * 57) % 800) / 100),
        `place:${i}`,
      ]),
  },
  pfadd: {
    commands: ['pfadd'],
    send: ['PFADD', 'own:hll', 'element:__rand_int__'],
    part: 1,
    fill: nothing,
  },
  sort_100: {
    commands: ['sort'],
    send: ['SORT', 'own:list'],
    part: 40,
    fill: (client) =>
      inBatches(client, ['RPUSH', 'own:list'], 100, (i) => [String((i * 7919) % 1000)]),
  },
};
