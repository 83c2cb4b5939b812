// Publish and subscribe with several connections beside the real server: random commands on random
// connections; after each, what has come on every connection must be the same on both servers.

import { expect } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { Random } from '../support/random.ts';
import { type Reply, replyText, showReply } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { itWith, startOurs } from './support.ts';

const CONNECTIONS = 3;
const STEPS = 400;
const SEEDS = [1, 2, 3];
const CHANNELS = ['a', 'ab', 'b', 'a\u0000', '__keyspace@0__:k'];
const PATTERNS = ['a*', '*', '?', '[ab]', 'nothing'];

/** A step's commands, which are sent in one write. */
function drawStep(random: Random): string[][] {
  const names = (pool: readonly string[]): string[] =>
    Array.from({ length: random.between(1, 3) }, () => random.pick(pool));
  const some = (pool: readonly string[]): string[] => (random.chance(0.3) ? [] : names(pool));
  const draws: (() => string[][])[] = [
    () => [['SUBSCRIBE', ...names(CHANNELS)]],
    () => [['PSUBSCRIBE', ...names(PATTERNS)]],
    () => [['SSUBSCRIBE', ...names(CHANNELS)]],
    () => [['UNSUBSCRIBE', random.pick(CHANNELS)]],
    () => [['PUNSUBSCRIBE', random.pick(PATTERNS)]],
    () => [['SUNSUBSCRIBE', random.pick(CHANNELS)]],
    () => [[random.pick(['UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE', 'SUBSCRIBE'])]],
    () => [['PUBLISH', random.pick(CHANNELS), random.pick(['x', '', 'line\r\n'])]],
    () => [['SPUBLISH', random.pick(CHANNELS), 'y']],
    () => [
      ['PUBLISH', 'a', '1'],
      ['SPUBLISH', 'a', '2'],
      ['PUBLISH', 'b', '3'],
    ],
    () => [['PUBSUB', 'NUMSUB', ...some(CHANNELS)]],
    () => [['PUBSUB', 'SHARDNUMSUB', ...some(CHANNELS)]],
    () => [['PUBSUB', 'NUMPAT']],
    () => [['MULTI'], ['PUBLISH', 'a', '1'], ['SUBSCRIBE', 'a'], ['SSUBSCRIBE', 'a'], ['EXEC']],
    () => [['SET', 'k', 'v']],
    () => [['GET', 'k', 'too', 'many']],
    () => [['PING']],
    () => [['RESET']],
  ];
  return random.pick(draws)();
}

/** Patterns that match, and channels that a client leaves all at once, come in no order. */
function inOrder(replies: readonly string[]): string[] {
  const out: string[] = [];
  let run: string[] = [];
  const end = (): void => {
    const counts = run.map((line) => /\(integer\) \d+\]$/.exec(line)?.[0] ?? '');
    out.push(...run.map((line, i) => line.slice(0, line.length - counts[i]!.length)).sort());
    out.push(...counts);
    run = [];
  };
  for (const line of replies) {
    if (/^array\["(pmessage|[ps]?unsubscribe)"/.test(line)) {
      run.push(line);
      continue;
    }
    end();
    out.push(line);
  }
  end();
  return out;
}

class Side {
  readonly #clients: RespClient[] = [];
  #marker = 0;

  static async connect(server: RunningServer): Promise<Side> {
    const side = new Side();
    for (let i = 0; i < CONNECTIONS; i++) side.#clients.push(await server.client());
    return side;
  }

  /** Sends a step and returns what has come on each connection. */
  async run(connection: number, step: readonly (readonly string[])[]): Promise<string[][]> {
    const client = this.#clients[connection]!;
    for (const command of step) {
      const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
      client.write(`*${command.length}\r\n${parts.join('')}`);
    }
    const marker = `marker-${++this.#marker}`;
    // The sender first: when it has its replies, all messages are on their way.
    const order = [client, ...this.#clients.filter((other) => other !== client)];
    const heard = new Map<RespClient, string[]>();
    for (const each of order) heard.set(each, await this.#readUntil(each, marker));
    return this.#clients.map((each) => inOrder(heard.get(each) ?? []));
  }

  async #readUntil(client: RespClient, marker: string): Promise<string[]> {
    client.write(`PING ${marker}\r\n`);
    const lines: string[] = [];
    for (;;) {
      const reply = await client.read();
      if (isMarker(reply, marker)) return lines;
      lines.push(showReply(reply));
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
  }
}

function isMarker(reply: Reply, marker: string): boolean {
  const last = 'items' in reply ? reply.items.at(-1) : reply;
  return last !== undefined && replyText(last) === marker;
}

itWith('redis-server', 'answers and tells as the real server does', async (path) => {
  const args = ['--save', '', '--notify-keyspace-events', 'KA'];
  await using real = await startServer({ command: [path], args });
  await using ours = await startOurs({ args });
  for (const seed of SEEDS) {
    const random = new Random(seed);
    const sides = [await Side.connect(ours), await Side.connect(real)];
    for (let i = 0; i < STEPS; i++) {
      const connection = random.below(CONNECTIONS);
      const step = drawStep(random);
      const [a, b] = [await sides[0]!.run(connection, step), await sides[1]!.run(connection, step)];
      expect(a, `seed ${seed}, step ${i}: ${JSON.stringify(step)} on ${connection}`).toEqual(b);
    }
    for (const side of sides) await side.close();
  }
});
