// node-redis, unmodified: every group of commands, pipelines, RESP2 and RESP3, reconnecting,
// passwords, TLS, unix sockets.

import { join } from 'node:path';
import { BasicClientSideCache, createClient, type RedisClientOptions } from 'redis';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/server.ts';
import { makeCertificate } from './certificates.ts';
import { itWith, scratchFolder, sharedServer, startOurs, until } from './support.ts';

const folder = scratchFolder();
const server = sharedServer({
  args: process.platform === 'win32' ? [] : ['--unixsocket', join(folder, 'nr.sock')],
});

type Client = ReturnType<typeof createClient>;

async function connected(options: RedisClientOptions): Promise<Client> {
  const client = createClient(options) as Client;
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function own(options: { RESP?: 2 | 3; database?: number } = {}): Promise<Client> {
  const { port } = await server();
  // The types of the client know one protocol version at a time.
  return connected({ socket: { port, host: '127.0.0.1' }, ...options } as RedisClientOptions);
}

describe.each([2, 3] as const)('node-redis in RESP%i', (RESP) => {
  it('strings and bitmaps', async () => {
    const client = await own({ RESP, database: 1 });
    await client.flushDb();
    expect(await client.set('a', '1', { expiration: { type: 'EX', value: 100 } })).toBe('OK');
    expect(await client.set('a', '2', { condition: 'NX' })).toBeNull();
    expect(await client.incrBy('a', 41)).toBe(42);
    expect(Number(await client.incrByFloat('f', 1.5))).toBe(1.5);
    expect(await client.mSet({ x: '1', y: '2' })).toBe('OK');
    expect(await client.mGet(['x', 'none', 'y'])).toEqual(['1', null, '2']);
    expect(await client.append('x', 'abc')).toBe(4);
    expect(await client.getRange('x', -3, -1)).toBe('abc');
    expect(await client.lcs('x', 'x')).toBe('1abc');
    expect(await client.lcsIdx('x', 'x')).toMatchObject({ len: 4 });
    expect(await client.getDel('x')).toBe('1abc');
    expect(await client.setBit('bits', 7, 1)).toBe(0);
    expect(await client.bitCount('bits')).toBe(1);
    expect(await client.bitPos('bits', 1)).toBe(7);
    client.destroy();
  });

  it('keys, databases and the server', async () => {
    const client = await own({ RESP, database: 2 });
    await client.flushDb();
    await client.set('k', 'v');
    expect(await client.pExpire('k', 100_000)).toBe(1);
    expect(await client.pTTL('k')).toBeGreaterThan(90_000);
    expect(await client.persist('k')).toBe(1);
    expect(await client.copy('k', 'k3')).toBe(1);
    expect((await client.keys('k*')).sort()).toEqual(['k', 'k3']);
    expect(await client.objectEncoding('k')).toBe('embstr');
    expect(await client.exists(['k', 'k3', 'none'])).toBe(2);
    expect(await client.del(['k', 'k3'])).toBe(2);
    expect(await client.configGet('maxmemory-policy')).toEqual({
      'maxmemory-policy': 'noeviction',
    });
    expect(await client.info('server')).toContain('server_name:disgo');
    expect(await client.clientInfo()).toMatchObject({ db: 2, resp: RESP });
    expect(await client.commandCount()).toBeGreaterThan(60);
    const keys: string[] = [];
    await client.mSet(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`s${i}`, 'x'])));
    for await (const batch of client.scanIterator({ MATCH: 's*', COUNT: 50 })) keys.push(...batch);
    expect(new Set(keys).size).toBe(500);
    await expect(client.sendCommand(['GET'])).rejects.toThrow('wrong number of arguments');
    client.destroy();
  });

  it('commands of one turn are pipelined and answered in order', async () => {
    const client = await own({ RESP, database: 3 });
    const replies = await Promise.all(
      Array.from({ length: 2000 }, (_, i) => client.sendCommand(['ECHO', `${i}`])),
    );
    expect(replies).toEqual(Array.from({ length: 2000 }, (_, i) => `${i}`));
    client.destroy();
  });
});

describe('node-redis connects', () => {
  it('again after the server was restarted on its port', async () => {
    const port = await freePort();
    const first = await startOurs({ port });
    const client = await connected({
      socket: { port, host: '127.0.0.1', reconnectStrategy: () => 5 },
    });
    await client.set('k', 'v');
    await first.stop();
    await using _second = await startOurs({ port });
    expect(await client.get('k')).toBeNull();
    client.destroy();
  });

  it('with a password, and fails with a wrong one', async () => {
    await using locked = await startOurs({ args: ['--requirepass', 'pw'], password: 'pw' });
    const socket = { port: locked.port, host: '127.0.0.1', reconnectStrategy: false } as const;
    const client = await connected({ socket, password: 'pw' });
    expect(await client.ping()).toBe('PONG');
    client.destroy();
    await expect(connected({ socket, password: 'no' })).rejects.toThrow('WRONGPASS');
    await expect(connected({ socket }).then((c) => c.get('k'))).rejects.toThrow('NOAUTH');
  });

  it.skipIf(process.platform === 'win32')('through a unix socket', async () => {
    await server();
    const client = await connected({ socket: { path: join(folder, 'nr.sock'), tls: false } });
    expect(await client.ping()).toBe('PONG');
    client.destroy();
  });

  itWith('openssl', 'over TLS', async (openssl) => {
    const mine = makeCertificate(openssl, folder, 'server');
    const port = await freePort();
    await using _secure = await startOurs({
      args: [
        ...['--tls-port', String(port), '--tls-cert-file', mine.certFile],
        ...['--tls-key-file', mine.keyFile, '--tls-ca-cert-file', mine.certFile],
        ...['--tls-auth-clients', 'optional'],
      ],
    });
    const client = await connected({
      socket: { port, host: '127.0.0.1', tls: true, ca: mine.cert, reconnectStrategy: false },
    });
    expect(await client.set('k', 'x'.repeat(300_000))).toBe('OK');
    expect((await client.get('k'))?.length).toBe(300_000);
    client.destroy();
  });
});

describe("node-redis's client-side cache", () => {
  it('serves from memory until somebody changes the key, or all keys go', async () => {
    const cache = new BasicClientSideCache({ recordStats: true });
    const { port } = await server();
    const socket = { port, host: '127.0.0.1' };
    const options = { socket, RESP: 3, clientSideCache: cache } as RedisClientOptions;
    const client = await connected(options);
    const other = await own();
    await other.set('cached', '1');
    await other.hSet('cached:hash', 'field', '1');
    expect(await client.get('cached')).toBe('1');
    expect(await client.get('cached')).toBe('1');
    expect(await client.hGetAll('cached:hash')).toEqual({ field: '1' });
    expect(cache.stats()).toMatchObject({ hitCount: 1, missCount: 2 });

    await other.set('cached', '2');
    await until('the new value', async () => (await client.get('cached')) === '2');
    expect(await client.hGetAll('cached:hash')).toEqual({ field: '1' });
    expect(cache.size()).toBe(2);

    await other.flushAll();
    await until('no value', async () => (await client.get('cached')) === null);
    expect(await client.hGetAll('cached:hash')).toEqual({});
    const info = await other.info('clients');
    expect(info).toContain('tracking_clients:1\r\n');
    await client.close();
    await other.close();
  });

  it('is kept true while many keys change', async () => {
    const { port } = await server();
    const socket = { port, host: '127.0.0.1' };
    const clientSideCache = { maxEntries: 0 };
    const client = await connected({ socket, RESP: 3, clientSideCache } as RedisClientOptions);
    const other = await own();
    for (let round = 0; round < 20; round++) {
      const names = Array.from({ length: 50 }, (_, i) => `cached:${i}`);
      await Promise.all(names.map((name) => client.get(name)));
      await Promise.all(names.map((name, i) => (i % 3 === 0 ? other.incr(name) : name)));
      await until('the values of the server', async () => {
        const cached = await Promise.all(names.map((name) => client.get(name)));
        return cached.join() === (await other.mGet(names)).join();
      });
    }
    await client.close();
    await other.close();
  });
});
