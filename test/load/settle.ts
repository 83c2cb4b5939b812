// The end of a round: who still waits is woken, all leave, and then nothing may be left at the
// server: no client, no channel, no tracked key, no key that was to expire, and after FLUSHALL
// no memory. All is asked until it holds, within limits that only a fault reaches.
import { setTimeout as delay } from 'node:timers/promises';
import type { RespClient } from '../support/client.ts';
import { residentBytes } from '../support/process-stats.ts';
import { replyText } from '../support/resp.ts';
import type { RunningServer } from '../support/server.ts';
import { EXPIRING_DATABASE } from './manners.ts';
import type { World } from './world.ts';

const MEGABYTE = 1024 * 1024;
/** Without any reply for so long, what is open is lost. */
const SILENCE_MS = 20_000;
const SETTLE_MS = 20_000;

export interface Memory {
  readonly usedBytes: number;
  readonly residentBytes: number | undefined;
}

/** The fields of INFO. */
export async function readInfo(control: RespClient): Promise<Map<string, string>> {
  const text = replyText(await control.command('INFO')) ?? '';
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

/** Ends the round and waits until every client has left. */
export async function leaveAll(
  world: World,
  control: RespClient,
  lives: Promise<unknown>,
  silenceMs: number = SILENCE_MS,
): Promise<void> {
  let hasEnded = false;
  const ended = lives.finally(() => {
    hasEnded = true;
  });
  ended.catch(() => undefined);
  world.finish();
  let replies = world.replyCount;
  let heardAt = performance.now();
  while (!hasEnded) {
    for (const [id, sleeper] of world.blocked) {
      sleeper.wasUnblocked = true;
      await control.command('CLIENT', 'UNBLOCK', id);
    }
    await Promise.race([ended, delay(20)]);
    if (world.replyCount !== replies) {
      replies = world.replyCount;
      heardAt = performance.now();
    } else if (performance.now() - heardAt > silenceMs) {
      for (const session of world.sessions) {
        world.ledger.check('order', 'a reply is lost', () => session.describe());
        session.mayEnd = true;
        session.socket.destroy();
      }
      heardAt = performance.now();
    }
  }
  await ended;
}

/** Asks until the question has no complaint, or the limit is reached. @returns the complaint. */
async function settle(
  ask: () => Promise<string | undefined>,
  limitMs: number = SETTLE_MS,
): Promise<string | undefined> {
  const end = performance.now() + limitMs;
  for (;;) {
    const complaint = await ask();
    if (complaint === undefined || performance.now() > end) return complaint;
    await delay(20);
  }
}

/** What a server without clients says of itself. */
const emptyState: Readonly<Record<string, string>> = {
  connected_clients: '1',
  blocked_clients: '0',
  tracking_clients: '0',
  pubsub_channels: '0',
  pubsub_patterns: '0',
  pubsubshard_channels: '0',
  tracking_total_prefixes: '0',
};

/** Nothing but data is left when all clients have gone. */
export async function checkState(
  world: World,
  control: RespClient,
  limitMs: number = SETTLE_MS,
): Promise<void> {
  const complaint = await settle(async () => {
    const info = await readInfo(control);
    const wrong = Object.entries(emptyState).filter(([name, value]) => info.get(name) !== value);
    if (wrong.length === 0) return undefined;
    return wrong.map(([name]) => `${name} is ${info.get(name)}`).join(', ');
  }, limitMs);
  world.ledger.check('state', complaint, () => `round ${world.round}`);
  await control.expectText('SELECT', EXPIRING_DATABASE);
  const expiring = await settle(async () => {
    const size = await control.expectText('DBSIZE');
    return size === '0' ? undefined : `${size} keys that were to expire are still there`;
  }, limitMs);
  world.ledger.check('expiry', expiring, () => `round ${world.round}`);
  await control.expectText('SELECT', 0);
}

/**
 * Lets go of all data, and compares what is used with what was used after the first round, which
 * has compiled the code and grown what stays. The server's own count has to be the same but for
 * what belongs to the asking client; the process may differ by what the collector has not asked
 * back yet.
 */
export async function checkMemory(
  world: World,
  server: RunningServer,
  control: RespClient,
  first: Memory | undefined,
  bounds: { usedMegabytes: number; residentMegabytes: number },
): Promise<Memory> {
  await control.expectText('FLUSHALL');
  let memory: Memory = { usedBytes: 0, residentBytes: undefined };
  const complaint = await settle(async () => {
    const info = await readInfo(control);
    memory = {
      usedBytes: Number(info.get('used_memory')),
      residentBytes: residentBytes(server.pid),
    };
    if (info.get('tracking_total_keys') !== '0') return 'keys are tracked of which there are none';
    if (first === undefined) return undefined;
    const used = (memory.usedBytes - first.usedBytes) / MEGABYTE;
    const resident = ((memory.residentBytes ?? 0) - (first.residentBytes ?? 0)) / MEGABYTE;
    if (used > bounds.usedMegabytes) return `used_memory grew by ${used.toFixed(2)} MB`;
    if (resident > bounds.residentMegabytes) return `the process grew by ${resident.toFixed(1)} MB`;
    return undefined;
  });
  world.ledger.check('memory', complaint, () => `round ${world.round}`);
  return memory;
}
