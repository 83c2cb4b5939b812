// The RDB format beside the real server: what one has dumped the other restores, and files go both
// ways. Values are compared by DEBUG DIGEST-VALUE and DEBUG DIGEST, streams by their XINFO too.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { seededRandom } from '../../src/runtime/random.ts';
import type { RespClient } from '../support/client.ts';
import { dataSet, digestOf, newHarness, readDump, writeDump } from '../support/rdb-data.ts';
import type { Reply } from '../support/resp.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { infoNumber, itWith, startOurs } from './support.ts';

const CONFIG = ['--save', '', '--enable-debug-command', 'yes'];

async function startReal(path: string, ...args: string[]): Promise<RunningServer> {
  return startServer({ command: [path], args: [...CONFIG, ...args] });
}

async function fill(client: RespClient): Promise<void> {
  for (const reply of await client.pipeline(dataSet())) {
    if (reply.type === 'error') throw new Error(JSON.stringify(reply));
  }
}

/** The keys of a server as bytes. */
async function keysOf(client: RespClient): Promise<Uint8Array[]> {
  const reply = await client.command('KEYS', '*');
  if (!('items' in reply)) throw new Error('KEYS has no items');
  return reply.items.map((item) => bytesOf(item));
}

function bytesOf(reply: Reply): Uint8Array {
  if (reply.type === 'bulk') return reply.bytes;
  throw new Error(`no bytes: ${JSON.stringify(reply)}`);
}

async function digestOfValue(client: RespClient, key: Uint8Array): Promise<string> {
  return JSON.stringify(await client.command('DEBUG', 'DIGEST-VALUE', key));
}

/** Restores all keys of one server into another, and compares what has arrived. */
async function carry(from: RespClient, to: RespClient): Promise<number> {
  const keys = await keysOf(from);
  for (const key of keys) {
    const payload = bytesOf(await from.command('DUMP', key));
    const name = Buffer.from(key).toString('latin1');
    const reply = await to.command('RESTORE', key, '0', payload, 'REPLACE');
    expect([name, reply.type]).toEqual([name, 'simple']);
    await from.command('PERSIST', key);
    expect([name, await digestOfValue(to, key)]).toEqual([name, await digestOfValue(from, key)]);
    const encoding = JSON.stringify(await to.command('OBJECT', 'ENCODING', key));
    expect([name, encoding]).toEqual([name, expect.stringMatching(/\w/)]);
  }
  const groups = ['XINFO', 'GROUPS', 'stream:many'];
  expect(await to.command(...groups)).toEqual(await from.command(...groups));
  expect(await pendingOf(to)).toEqual(await pendingOf(from));
  return keys.length;
}

/** The pending entries of a group without how long ago they were delivered. */
async function pendingOf(client: RespClient): Promise<unknown[]> {
  const reply = await client.command('XPENDING', 'stream:many', 'group', '-', '+', '100');
  if (!('items' in reply)) throw new Error('XPENDING has no items');
  return reply.items.map((entry) => ('items' in entry ? [0, 1, 3].map((i) => entry.items[i]) : []));
}

for (const [name, args] of [
  ['', []],
  [' without compression', ['--rdbcompression', 'no']],
] as const) {
  itWith('redis-server', `restores what the real server has dumped${name}`, async (path) => {
    await using real = await startReal(path, ...args);
    await using ours = await startOurs({ args: [...CONFIG, ...args] });
    const [from, to] = [await real.client(), await ours.client()];
    await fill(from);
    expect(await carry(from, to)).toBeGreaterThan(35);
  });

  itWith('redis-server', `the real server restores what we have dumped${name}`, async (path) => {
    await using real = await startReal(path, ...args);
    await using ours = await startOurs({ args: [...CONFIG, ...args] });
    const [from, to] = [await ours.client(), await real.client()];
    await fill(from);
    expect(await carry(from, to)).toBeGreaterThan(35);
  });
}

itWith('redis-server', 'dumps small values as the real server does, byte by byte', async (path) => {
  await using real = await startReal(path);
  await using ours = await startOurs({ args: CONFIG });
  const [theirs, own] = [await real.client(), await ours.client()];
  await fill(theirs);
  await fill(own);
  const keys = ['string:1', 'string:8', 'hash:small', 'zset:small', 'list:small', 'set:int32'];
  for (const key of [...keys, 'zset:large', 'string:13', 'stream:one']) {
    const [a, b] = [await theirs.command('DUMP', key), await own.command('DUMP', key)];
    expect([key, Buffer.from(bytesOf(b)).toString('hex')]).toEqual([
      key,
      Buffer.from(bytesOf(a)).toString('hex'),
    ]);
    expect([key, await serializedLength(own, key)]).toEqual([
      key,
      await serializedLength(theirs, key),
    ]);
  }
});

async function serializedLength(client: RespClient, key: string): Promise<string> {
  const text = JSON.stringify(await client.command('DEBUG', 'OBJECT', key));
  return /serializedlength:\d+/.exec(text)?.[0] ?? text;
}

itWith('redis-server', 'counts what it sanitizes as the real server does', async (path) => {
  await using real = await startReal(path);
  await using ours = await startOurs({ args: CONFIG });
  const [theirs, own] = [await real.client(), await ours.client()];
  await fill(theirs);
  const keys = await keysOf(theirs);
  const payloads = [];
  for (const key of keys) payloads.push(bytesOf(await theirs.command('DUMP', key)));
  const counts = [];
  for (const client of [theirs, own]) {
    const counted = [];
    for (const setting of ['no', 'clients', 'yes']) {
      await client.expectText('CONFIG', 'SET', 'sanitize-dump-payload', setting);
      for (const [i, key] of keys.entries()) {
        await client.expectText('RESTORE', key, '0', payloads[i]!, 'REPLACE');
      }
      await client.expectText('DEBUG', 'RELOAD');
      counted.push(await infoNumber(client, 'dump_payload_sanitizations'));
    }
    counts.push(counted);
  }
  expect(counts[1]).toEqual(counts[0]);
  expect(counts[0]![0]).toBe(0);
  expect(counts[0]![2]).toBeGreaterThan(counts[0]![1]!);
});

itWith('redis-server', 'reads a file of the real server', async (path) => {
  await using real = await startReal(path);
  const client = await real.client();
  await fill(client);
  await client.expectText('SELECT', '9');
  await client.expectText('SET', 'in nine', 'x');
  await client.expectText('SAVE');
  const dump = readFileSync(join(real.folder, 'dump.rdb'));
  const digest = await client.expectText('DEBUG', 'DIGEST');
  for (const chunkBytes of [dump.length, 1000, 7]) {
    const h = newHarness();
    const reader = readDump(h.keyspace, dump, { chunkBytes });
    expect(reader.error).toBeNull();
    expect(digestOf(h.keyspace)).toBe(digest);
    expect(h.leaks()).toEqual([]);
  }
});

itWith('redis-server', 'the real server loads our file', async (path) => {
  await using real = await startReal(path);
  const client = await real.client();
  const h = newHarness();
  for (const parts of dataSet()) h.run(...parts);
  h.run('SELECT', '9');
  h.run('SET', 'in nine', 'x');
  for (const options of [{}, { budget: 3, chunkBytes: 100 }, { access: 'lru' as const }]) {
    writeFileSync(join(real.folder, 'dump.rdb'), writeDump(h.keyspace, options));
    expect(await client.expectText('DEBUG', 'RELOAD', 'NOSAVE')).toBe('OK');
    expect(await client.expectText('DEBUG', 'DIGEST')).toBe(digestOf(h.keyspace));
  }
  expect(h.leaks()).toEqual([]);
});

/** Strings that LZF finds something in, of several kinds and lengths. */
function packable(count: number): string[] {
  const random = seededRandom(20261125);
  return Array.from({ length: count }, (_, i) => {
    const words = 1 + random.below(6);
    const letters = 1 + (i % 9);
    const word = (): string =>
      Array.from({ length: 1 + random.below(12) }, () =>
        String.fromCharCode(97 + random.below(letters)),
      ).join('');
    const known = Array.from({ length: words }, word);
    const length = 21 + random.below(i % 10 === 0 ? 20000 : 120);
    let text = '';
    while (text.length < length)
      text += random.below(4) === 0 ? word() : known[random.below(words)];
    return text.slice(0, length);
  });
}

itWith('redis-server', 'packs strings as the real server does, byte by byte', async (path) => {
  await using real = await startReal(path);
  await using ours = await startOurs({ args: CONFIG });
  const [client, judge] = [await ours.client(), await real.client()];
  for (const text of packable(400)) {
    await client.command('SET', 'k', text);
    await judge.command('SET', 'k', text);
    const dump = Buffer.from(bytesOf(await client.command('DUMP', 'k')));
    const judged = Buffer.from(bytesOf(await judge.command('DUMP', 'k')));
    expect(dump.toString('hex')).toBe(judged.toString('hex'));
  }
});
