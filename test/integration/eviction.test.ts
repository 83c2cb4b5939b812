// maxmemory on a running server: what CONFIG SET causes, what INFO tells, what clients are told.

import { expect, it } from 'vitest';
import { showReply } from '../support/resp.ts';
import { infoField, infoNumber, startOurs, until } from './support.ts';

const KEYS = 5000;
const VALUE = 'x'.repeat(200);

it('CONFIG SET maxmemory evicts at once, in slices, and warns', async () => {
  await using server = await startOurs({ args: ['--maxmemory-policy', 'allkeys-lru'] });
  await using client = await server.client();
  await client.pipeline(Array.from({ length: KEYS }, (_, i) => ['SET', `key:${i}`, VALUE]));
  const used = await infoNumber(client, 'used_memory');
  const limit = Math.floor(used / 2);
  expect(await client.expectText('CONFIG', 'SET', 'maxmemory', String(limit))).toBe('OK');
  await until('the memory to be below the limit', async () => {
    return (await infoNumber(client, 'used_memory')) <= limit + 1000;
  });
  expect(await infoNumber(client, 'evicted_keys')).toBeGreaterThan(KEYS / 3);
  expect(await infoField(client, 'maxmemory_policy')).toBe('allkeys-lru');
  expect(await infoNumber(client, 'maxmemory')).toBe(limit);
  const left = Number(
    showReply(await client.command('DBSIZE'))
      .split(' ')
      .at(-1),
  );
  expect(left + (await infoNumber(client, 'evicted_keys'))).toBe(KEYS);
  const warning = /new maxmemory value set via CONFIG SET \(\d+\) is smaller than the current mem/;
  await until('the warning', () => warning.test(server.log()));
  // It stays there whatever is written.
  await client.pipeline(Array.from({ length: KEYS }, (_, i) => ['SET', `new:${i}`, VALUE]));
  expect(await infoNumber(client, 'used_memory')).toBeLessThan(limit * 1.1);
  expect(await infoField(client, 'current_eviction_exceeded_time')).toBe('0');
});

it('noeviction: commands that need memory are refused, the others are not', async () => {
  await using server = await startOurs();
  await using client = await server.client();
  await client.expectText('SET', 'k', VALUE);
  await client.expectText('CONFIG', 'SET', 'maxmemory', '1');
  const oom = "OOM command not allowed when used memory > 'maxmemory'.";
  for (const command of [
    ['SET', 'k', 'v'],
    ['LPUSH', 'l', 'v'],
    ['APPEND', 'k', 'v'],
  ]) {
    expect(showReply(await client.command(...command))).toContain(oom);
  }
  expect(await client.expectText('GET', 'k')).toBe(VALUE);
  await until('time to pass', async () => {
    return (await infoNumber(client, 'current_eviction_exceeded_time')) > 0;
  });
  expect(showReply(await client.command('DEL', 'k'))).toBe('(integer) 1');
  await client.expectText('CONFIG', 'SET', 'maxmemory', '0');
  expect(await client.expectText('SET', 'k', 'v')).toBe('OK');
});
