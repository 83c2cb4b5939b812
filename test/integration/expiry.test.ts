// Expiry and memory of a running server: keys go when their time has come though nobody asks, a
// million at once does not keep others waiting, and memory goes back to the system.

import { describe, expect, it } from 'vitest';
import type { RespClient } from '../support/client.ts';
import { encodeCommand, showReply } from '../support/resp.ts';
import { infoNumber, startOurs, until } from './support.ts';

const BATCH = 10_000;

/** Sends many commands, and reads as many replies, in batches. */
async function sendMany(
  client: RespClient,
  count: number,
  command: (i: number) => string[],
): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    const size = Math.min(BATCH, count - first);
    client.write(
      Buffer.concat(Array.from({ length: size }, (_, i) => encodeCommand(command(first + i)))),
    );
    for (const reply of await client.readMany(size)) {
      if (reply.type === 'error') throw new Error(reply.text);
    }
  }
}

describe('active expiry', () => {
  it('deletes all keys that are due, and no other', async () => {
    await using server = await startOurs();
    await using client = await server.client();
    await sendMany(client, 20_000, (i) => ['SET', `gone:${i}`, 'x', 'PX', String(1 + (i % 50))]);
    await sendMany(client, 1000, (i) => ['SET', `later:${i}`, 'x', 'EX', '100000']);
    await sendMany(client, 1000, (i) => ['SET', `never:${i}`, 'x']);
    await until('the keys to go', async () => {
      return showReply(await client.command('DBSIZE')) === '(integer) 2000';
    });
    expect(await infoNumber(client, 'expired_keys')).toBe(20_000);
    expect(showReply(await client.command('EXISTS', 'later:0', 'never:0', 'gone:0'))).toBe(
      '(integer) 2',
    );
  });

  it('a million keys at once: others are served between slices', async () => {
    const count = 1_000_000;
    await using server = await startOurs({ args: ['--enable-debug-command', 'yes'] });
    await using client = await server.client();
    await client.expectText('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    const at = String(Date.now() + 1);
    await sendMany(client, count, (i) => ['SET', `k${i}`, 'v', 'PXAT', at]);
    expect(showReply(await client.command('DBSIZE'))).toBe(`(integer) ${count}`);
    await client.expectText('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
    // Each size that lies between all and none was answered while keys were still being deleted.
    const sizes: number[] = [];
    for (let size = count; size > 0; ) {
      size = Number(/\d+/.exec(showReply(await client.command('DBSIZE')))?.[0]);
      sizes.push(size);
    }
    const between = new Set(sizes.filter((size) => size > 0 && size < count));
    expect(between.size).toBeGreaterThan(20);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    expect(await infoNumber(client, 'expired_keys')).toBe(count);
  });
});

describe('memory', () => {
  it.each([
    ['FLUSHALL', ['FLUSHALL']],
    ['FLUSHALL ASYNC', ['FLUSHALL', 'ASYNC']],
    ['FLUSHDB SYNC', ['FLUSHDB', 'SYNC']],
  ])('goes back to the system after %s', async (_name, flush) => {
    await using server = await startOurs();
    await using client = await server.client();
    const mapped = (): Promise<number> => infoNumber(client, 'allocator_resident');
    const resident = (): Promise<number> => infoNumber(client, 'used_memory_rss');
    const value = 'v'.repeat(500);
    await sendMany(client, 300_000, (i) => ['SET', `key:${i}`, value]);
    // What was read last is not held on to either.
    await client.expectText('SET', 'large', 'v'.repeat(120_000_000));
    expect(await client.expectText('GETRANGE', 'large', '0', '4')).toBe('vvvvv');
    expect(await mapped()).toBeGreaterThan(150_000_000);
    const full = await resident();
    expect(await infoNumber(client, 'used_memory')).toBeGreaterThan(150_000_000);
    await client.expectText(...flush);
    await until('the memory to go back', async () => (await mapped()) <= 64 * 1024 * 1024);
    await until('the collector', async () => (await resident()) < full - 200_000_000);
    expect(await infoNumber(client, 'used_memory')).toBeLessThan(10_000_000);
    expect(await client.expectText('SET', 'again', 'x')).toBe('OK');
  });

  it('goes back after mass deletion by DEL', async () => {
    await using server = await startOurs();
    await using client = await server.client();
    const value = 'v'.repeat(500);
    await sendMany(client, 300_000, (i) => ['SET', `key:${i}`, value]);
    const full = await infoNumber(client, 'allocator_resident');
    await sendMany(client, 300_000, (i) => ['DEL', `key:${i}`]);
    await until('the memory to go back', async () => {
      return (await infoNumber(client, 'allocator_resident')) < full / 2;
    });
  });
});
