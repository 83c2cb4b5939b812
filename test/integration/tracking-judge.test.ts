// Client-side caching with several connections beside the real server: random commands on random
// connections in RESP2 and RESP3, with all modes and redirections; after each step, what has come
// on every connection, and what INFO counts, must be the same on both servers. Where a message
// stands among the replies of its own connection differs between 7.0 and 7.2, so messages and
// replies are compared apart; the unit tests of src/tracking hold the order.

import { expect } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { Random } from '../support/random.ts';
import { type Reply, replyText, showReply } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { itWith, startOurs, until } from './support.ts';

const CONNECTIONS = 4;
const STEPS = 600;
const SEEDS = [1, 2, 3, 4];
const KEYS = ['a', 'ab', 'abc', 'b', 'b\u0000', '', 'list', 'hash', 'set'];
const PREFIXES = ['', 'a', 'ab', 'b', 'l', 'none'];
const RECONNECT = 'RECONNECT';

type Step = readonly (readonly string[])[];

function drawRead(random: Random): string[] {
  const key = (): string => random.pick(KEYS);
  return random.pick([
    () => ['GET', key()],
    () => ['GET', key()],
    () => ['MGET', key(), key(), key()],
    () => ['EXISTS', key(), key()],
    () => ['TTL', key()],
    () => ['TYPE', key()],
    () => ['LRANGE', key(), '0', '-1'],
    () => ['HGETALL', key()],
    () => ['SCARD', key()],
    () => ['STRLEN', key()],
    () => ['SINTERCARD', '2', key(), key()],
    () => ['SORT_RO', key()],
    () => ['EVAL_RO', "return redis.call('PING')", '2', key(), key()],
    () => ['GET', key(), 'too', 'many'],
    () => ['DBSIZE'],
  ])();
}

function drawWrite(random: Random): string[] {
  const key = (): string => random.pick(KEYS);
  const text = random.pick(['1', '2', 'x']);
  return random.pick([
    () => ['SET', key(), text],
    () => ['SET', key(), text],
    () => ['SET', key(), text, 'XX'],
    () => ['MSET', key(), text, key(), text],
    () => ['INCR', key()],
    () => ['APPEND', key(), text],
    () => ['DEL', key(), key()],
    () => ['GETDEL', key()],
    () => ['RENAME', key(), key()],
    () => ['COPY', key(), key(), 'REPLACE'],
    () => ['EXPIRE', key(), random.pick(['-1', '1000'])],
    () => ['PERSIST', key()],
    () => ['RPUSH', 'list', text],
    () => ['LPOP', key()],
    () => ['LMOVE', 'list', key(), 'LEFT', 'RIGHT'],
    () => ['HSET', 'hash', 'field', text],
    () => ['HDEL', 'hash', 'field'],
    () => ['SADD', 'set', text],
    () => ['SREM', 'set', text],
    () => ['SUNIONSTORE', key(), 'set', 'set'],
    () => ['MOVE', key(), '1'],
    () => ['SWAPDB', '0', '1'],
    () => [random.pick(['FLUSHALL', 'FLUSHDB'])],
    () => ['SORT', 'list', 'ALPHA', 'STORE', key()],
    () => drawScript(random),
  ])();
}

function drawScript(random: Random): string[] {
  return ['EVAL', "return redis.call('SET', KEYS[1], '3')", '1', random.pick(KEYS)];
}

function drawTracking(random: Random, ids: readonly number[]): string[] {
  const words: string[] = [];
  const add = (chance: number, ...more: string[]): void => {
    if (random.chance(chance)) words.push(...more);
  };
  add(0.4, 'REDIRECT', random.chance(0.9) ? String(random.pick(ids)) : random.pick(['0', 'x']));
  const isBroadcast = random.chance(0.4);
  if (isBroadcast) words.push('BCAST');
  for (let i = random.below(3); i > 0; i--) {
    add(isBroadcast ? 0.8 : 0.05, 'PREFIX', random.pick(PREFIXES));
  }
  add(isBroadcast ? 0.05 : 0.3, random.pick(['OPTIN', 'OPTOUT', 'optin']));
  add(0.03, 'OPTOUT');
  add(0.3, 'NOLOOP');
  add(0.03, random.pick(['REDIRECT', 'PREFIX', 'unknown']));
  return ['CLIENT', 'TRACKING', random.pick(['ON', 'ON', 'on', 'OFF']), ...words];
}

/** A step's commands, which are sent in one write. */
function drawStep(random: Random, ids: readonly number[]): Step {
  const simple = (): string[] => (random.chance(0.5) ? drawRead(random) : drawWrite(random));
  const some = (): string[][] => Array.from({ length: random.between(1, 4) }, simple);
  const caching = (): string[] => ['CLIENT', 'CACHING', random.pick(['YES', 'NO', 'yes', 'x'])];
  const draws: (() => Step)[] = [
    () => [drawRead(random), drawRead(random), drawRead(random)],
    () => [drawRead(random), drawRead(random)],
    () => [drawWrite(random)],
    () => [drawWrite(random), drawWrite(random)],
    () => [drawTracking(random, ids)],
    () => [['CLIENT', 'TRACKING', 'OFF'], drawTracking(random, ids), ['MGET', ...KEYS]],
    () => [
      ['CLIENT', 'TRACKING', 'OFF'],
      ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'NOLOOP'],
      drawScript(random),
      drawWrite(random),
    ],
    () => [['MGET', ...KEYS]],
    () => [['MSET', ...KEYS.flatMap((key) => [key, '5'])]],
    some,
    () => [['MULTI'], ...some(), ['EXEC']],
    () => [caching(), drawRead(random)],
    () => [caching(), ['MULTI'], drawRead(random), ...some(), ['EXEC'], drawRead(random)],
    () => [caching(), ['CLIENT', 'GETNAME'], drawRead(random)],
    () => [caching(), ['UNKNOWN'], drawRead(random)],
    () => [caching(), ['CLIENT', 'UNKNOWN'], drawRead(random)],
    () => [['MULTI'], caching(), drawRead(random), drawTracking(random, ids), ...some(), ['EXEC']],
    () => [['CLIENT', 'GETREDIR']],
    () => [['CLIENT', 'TRACKINGINFO']],
    () => [['HELLO', random.pick(['2', '3', '3', '3', '3'])]],
    () => [['SUBSCRIBE', random.pick(['__redis__:invalidate', 'other'])]],
    () => [['UNSUBSCRIBE', '__redis__:invalidate', 'other']],
    () => [
      ['UNSUBSCRIBE', '__redis__:invalidate', 'other'],
      ['HELLO', '3'],
      ['SELECT', '0'],
    ],
    () => [['SELECT', random.pick(['0', '0', '0', '1'])]],
  ];
  const rare: (() => Step)[] = [() => [['RESET']], () => [[RECONNECT]]];
  return random.pick(random.chance(0.03) ? rare : draws)();
}

class Side {
  readonly #server: RunningServer;
  readonly #clients: RespClient[] = [];
  readonly ids: number[] = [];
  #watcher!: RespClient;
  #marker = 0;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  /** Opens connections until the next one has the id. */
  async connect(firstId: number): Promise<void> {
    for (;;) {
      this.#watcher = await this.#server.client();
      if ((await idOf(this.#watcher)) >= firstId) break;
      await this.#watcher.close();
    }
    await this.#watcher.command('FLUSHALL');
    for (let i = 0; i < CONNECTIONS; i++) await this.#open(i);
  }

  async #open(i: number): Promise<void> {
    const client = await this.#server.client();
    this.#clients[i] = client;
    this.ids[i] = await idOf(client);
  }

  /** Runs a step and returns what has come on each connection, and INFO's counts. */
  async run(connection: number, step: Step): Promise<string[][]> {
    const client = this.#clients[connection]!;
    const heard = this.#clients.map((): string[] => []);
    if (step[0]?.[0] === RECONNECT) await this.#reconnect(connection);
    else {
      const bytes = step.map((command) => {
        const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
        return `*${command.length}\r\n${parts.join('')}`;
      });
      client.write(bytes.join(''));
      heard[connection]!.push(...(await this.#readUntilMarker(client)));
    }
    // Messages of BCAST come when the step has been served.
    for (const [i, each] of this.#clients.entries()) {
      heard[i]!.push(...(await this.#readUntilMarker(each)));
    }
    const split = heard.flatMap((lines, i) => [
      lines.filter((line) => !isMessage(line)),
      [
        ...lines.filter(isMessage),
        ...this.#clients[i]!.pushes.splice(0).map((push) => showReply(push)),
      ],
    ]);
    const info = await this.#watcher.expectText('INFO', 'everything');
    return [...split, info.match(/^tracking_(clients|total_\w+):\d+/gm) ?? []];
  }

  async #reconnect(i: number): Promise<void> {
    const id = this.ids[i]!;
    await this.#clients[i]!.close();
    await until(`client ${id} has gone`, async () => {
      const list = await this.#watcher.expectText('CLIENT', 'LIST');
      return !new RegExp(`^id=${id} `, 'm').test(list);
    });
    await this.#open(i);
  }

  async #readUntilMarker(client: RespClient): Promise<string[]> {
    const marker = `marker-${++this.#marker}`;
    client.write(`PING ${marker}\r\n`);
    const lines: string[] = [];
    for (;;) {
      const reply = await client.read();
      if (isMarker(reply, marker)) return lines;
      addParts(reply, lines);
    }
  }

  async close(): Promise<void> {
    for (const client of [...this.#clients, this.#watcher]) await client.close();
  }
}

async function idOf(client: RespClient): Promise<number> {
  return Number(replyText(await client.command('CLIENT', 'ID')));
}

function isMessage(line: string): boolean {
  return /^(array|push)\["(message|invalidate|tracking-redir-broken)"/.test(line);
}

/**
 * A reply in pieces, a line each: 7.0 sends messages in the middle of EXEC's reply when another
 * client redirects them to the one that sent it.
 */
function addParts(reply: Reply, lines: string[]): void {
  const isWhole = !('items' in reply) || isMessage(showReply(reply));
  if (isWhole) {
    lines.push(showReply(reply).replace(/"7\.\d+\.\d+"/, '"7.x"'));
    return;
  }
  lines.push(reply.type);
  for (const item of reply.items) addParts(item, lines);
}

function isMarker(reply: Reply, marker: string): boolean {
  const last = 'items' in reply ? reply.items.at(-1) : reply;
  return last !== undefined && replyText(last) === marker;
}

itWith('redis-server', 'tracks, answers and tells as the real server does', async (path) => {
  const args = ['--save', ''];
  await using real = await startServer({ command: [path], args });
  await using ours = await startOurs({ args });
  let messages = 0;
  for (const [round, seed] of SEEDS.entries()) {
    const random = new Random(seed);
    const sides = [new Side(ours), new Side(real)] as const;
    for (const side of sides) await side.connect((round + 1) * 1000);
    const [one, other] = sides;
    expect(one.ids).toEqual(other.ids);
    const gone: number[] = [];
    for (let i = 0; i < STEPS; i++) {
      const connection = random.below(CONNECTIONS);
      const step = drawStep(random, [...one.ids, ...one.ids, ...gone.slice(-1)]);
      if (step[0]?.[0] === RECONNECT) gone.push(one.ids[connection]!);
      const [a, b] = [await one.run(connection, step), await other.run(connection, step)];
      const about = `seed ${seed}, step ${i}: ${JSON.stringify(step)} on ${connection}`;
      expect(a, about).toEqual(b);
      for (let j = 1; j < a.length - 1; j += 2) messages += a[j]!.length;
    }
    for (const side of sides) await side.close();
  }
  // The comparison would be worth little if nobody heard of anything.
  expect(messages).toBeGreaterThan(SEEDS.length * 100);
});
