// What two servers with the same data make of each other's dumps: each value is dumped by one and
// restored by the other, under a name of its own, where its digest must be that of the value that
// is there already. Owned by the oracle; leaves the data as it found it.

import { RespClient } from '../support/client.ts';
import { type Reply, replyText, showReply } from '../support/resp.ts';
import type { Mismatch } from './compare.ts';

/** The restored value; no stream uses this name. */
const COPY = 'the copy from the other server';
/** Larger values would take their time for nothing new. */
const MAX_BYTES = 1_000_000;
/** A key that lives on meanwhile: the digest knows whether there is a time. */
const LATER_MS = '100000000';

/** @returns the first value that does not come out as it went in, or undefined. */
export async function compareExchange(ports: {
  readonly ours: number;
  readonly real: number;
}): Promise<Mismatch | undefined> {
  const ours = await RespClient.connect({ port: ports.ours });
  const real = await RespClient.connect({ port: ports.real });
  try {
    for (const db of await databases(real)) {
      for (const client of [ours, real]) await client.expectText('SELECT', db);
      const keys = await real.command('KEYS', '*');
      for (const key of keys.type === 'array' ? keys.items : []) {
        if (key.type !== 'bulk') continue;
        const found =
          (await restored(ours, real, key.bytes, 'our dump, restored by the real server')) ??
          (await restored(real, ours, key.bytes, "the real server's dump, restored by ours"));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  } finally {
    await ours.close();
    await real.close();
  }
}

async function databases(client: RespClient): Promise<string[]> {
  const keyspace = await client.expectText('INFO', 'keyspace');
  return [...keyspace.matchAll(/^db(\d+):/gm)].map(([, db]) => db as string);
}

async function restored(
  from: RespClient,
  to: RespClient,
  key: Buffer,
  what: string,
): Promise<Mismatch | undefined> {
  const size = await from.command('MEMORY', 'USAGE', key);
  if (size.type !== 'integer' || Number(size.text) > MAX_BYTES) return undefined;
  const dump = await from.command('DUMP', key);
  if (dump.type !== 'bulk') return undefined;
  const hasTime = Number(replyText(await to.command('PTTL', key))) > 0;
  const time = hasTime ? LATER_MS : '0';
  const answer = await to.command('RESTORE', COPY, time, dump.bytes, 'REPLACE');
  const digests = await to.command('DEBUG', 'DIGEST-VALUE', key, COPY);
  const isEqual = isTwice(digests) || (await losesMinusZero(from, to, key));
  await to.command('DEL', COPY);
  if (replyText(answer) === 'OK' && isEqual) return undefined;
  const step = `${what}: ${JSON.stringify(key.toString('latin1'))}, ${showReply(dump)}`;
  return { index: undefined, step, ours: showReply(answer), real: showReply(digests) };
}

/** Scores of -0 become 0 where a large set that has shrunk is restored as a listpack. */
async function losesMinusZero(from: RespClient, to: RespClient, key: Buffer): Promise<boolean> {
  const members = await from.command('ZRANGE', key, '0', '-1', 'WITHSCORES');
  if (members.type !== 'array') return false;
  if (!members.items.some((item) => replyText(item) === '-0')) return false;
  return replyText(await to.command('OBJECT', 'ENCODING', COPY)) === 'listpack';
}

/** True for two equal digests. A key that has gone meanwhile has none. */
function isTwice(digests: Reply): boolean {
  if (digests.type !== 'array') return false;
  const [first, second] = digests.items.map(replyText);
  return first === second || /^0+$/.test(first ?? '');
}
