// A server that is killed at random moments under load and started again on what it has left: with
// `appendfsync always` nothing that was acknowledged may be missing, and no transaction may be
// there in part. Rewrites and snapshots run meanwhile. DISGO_CRASH_ROUNDS=200 makes it a long test.

import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { Random } from '../support/random.ts';
import { replyText } from '../support/resp.ts';
import type { RunningServer } from '../support/server.ts';
import { scratchFolder, startOurs } from './support.ts';

const ROUNDS = Number(process.env.DISGO_CRASH_ROUNDS ?? 4);
const WRITERS = 6;

interface Counter {
  /** INCRs that were sent, and those that were answered, over all rounds. */
  sent: number;
  acknowledged: number;
}

async function write(
  client: RespClient,
  index: number,
  counter: Counter,
  random: Random,
  onAcknowledged: () => void,
): Promise<void> {
  for (;;) {
    counter.sent++;
    const isTransaction = random.chance(0.5);
    try {
      const replies = isTransaction
        ? await client.pipeline([
            ['MULTI'],
            ['INCR', `a${index}`],
            ['LPUSH', `list${index}`, 'x'],
            ['INCR', `b${index}`],
            ['EXEC'],
          ])
        : await client.pipeline([['MSET', `m${index}`, '1', `n${index}`, '1']]);
      if (isTransaction && replies.at(-1)?.type !== 'array') return;
      if (!isTransaction) counter.sent--;
      else counter.acknowledged++;
      onAcknowledged();
    } catch {
      return;
    }
  }
}

async function number(client: RespClient, ...command: string[]): Promise<number> {
  return Number(replyText(await client.command(...command)) ?? 0);
}

async function check(server: RunningServer, counters: readonly Counter[]): Promise<void> {
  await using client = await server.client();
  for (const [i, counter] of counters.entries()) {
    const a = await number(client, 'GET', `a${i}`);
    expect(await number(client, 'GET', `b${i}`)).toBe(a);
    expect(await number(client, 'LLEN', `list${i}`)).toBe(a);
    expect(a).toBeGreaterThanOrEqual(counter.acknowledged);
    expect(a).toBeLessThanOrEqual(counter.sent);
    // What was sent and not answered either happened or did not; from here on it is known.
    counter.sent = a;
    counter.acknowledged = a;
  }
}

it('has all that was acknowledged, whenever it is killed', { timeout: 0 }, async () => {
  const seed = Number(process.env.DISGO_CRASH_SEED ?? Random.freshSeed());
  console.log(`crash test: DISGO_CRASH_SEED=${seed}`);
  const random = new Random(seed);
  const folder = scratchFolder();
  const args = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', folder, '--save', ''];
  const counters = Array.from({ length: WRITERS }, () => ({ sent: 0, acknowledged: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    const server = await startOurs({ args });
    await check(server, counters);
    const untilKill = random.between(50, 600);
    let acknowledged = 0;
    const control = await server.client();
    const rewriteAt = random.between(1, untilKill);
    const ended = once(server.child, 'exit');
    const onAcknowledged = (): void => {
      acknowledged++;
      if (acknowledged === rewriteAt) {
        control.command(random.chance(0.7) ? 'BGREWRITEAOF' : 'BGSAVE').catch(() => undefined);
      }
      if (acknowledged === untilKill) server.child.kill('SIGKILL');
    };
    const writers = counters.map(async (counter, i) => {
      const client = await server.client();
      await write(client, i, counter, random, onAcknowledged);
      await client.close().catch(() => undefined);
    });
    await Promise.all(writers);
    await ended;
    await control.close().catch(() => undefined);
    await server.stop();
  }
  const server = await startOurs({ args });
  await check(server, counters);
  await server.stop();
  // Files of writers that were killed with their server may lie about, never a half one by its
  // name.
  expect(existsSync(`${folder}/appendonlydir/appendonly.aof.manifest`)).toBe(true);
  expect(readdirSync(folder)).toContain('appendonlydir');
  expect(counters.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(50);
});
