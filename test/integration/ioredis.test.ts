// ioredis, unmodified: every group of commands, pipelines, RESP3, reconnecting, passwords, TLS,
// unix sockets, streams of SCAN.

import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/server.ts';
import { makeCertificate } from './certificates.ts';
import { itWith, scratchFolder, sharedServer, startOurs, until } from './support.ts';

const folder = scratchFolder();
const server = sharedServer({
  args: process.platform === 'win32' ? [] : ['--unixsocket', join(folder, 'io.sock')],
});

interface Wishes {
  readonly db: number;
  readonly protocol?: 2 | 3;
}

async function withClient(
  { db, protocol = 2 }: Wishes,
  use: (client: Redis) => Promise<void>,
): Promise<void> {
  const { port } = await server();
  const client = new Redis({ port, host: '127.0.0.1', db, protocol, retryStrategy: () => 1 });
  try {
    await use(client);
  } finally {
    client.disconnect();
  }
}

describe.each([2, 3] as const)('ioredis in RESP%i', (protocol) => {
  it('strings and bitmaps', async () => {
    await withClient({ protocol, db: 1 }, async (client) => {
      await client.flushdb();
      expect(await client.set('a', '1', 'EX', 100, 'NX')).toBe('OK');
      expect(await client.set('a', '2', 'NX')).toBeNull();
      expect(await client.incrby('a', 41)).toBe(42);
      expect(await client.incrbyfloat('f', 1.5)).toBe('1.5');
      expect(await client.mset({ x: '1', y: '2' })).toBe('OK');
      expect(await client.mget('x', 'none', 'y')).toEqual(['1', null, '2']);
      expect(await client.append('x', 'abc')).toBe(4);
      expect(await client.getrange('x', -3, -1)).toBe('abc');
      expect(await client.setrange('x', 1, 'ZZ')).toBe(4);
      expect(await client.getex('x', 'PERSIST')).toBe('1ZZc');
      expect(await client.getdel('x')).toBe('1ZZc');
      expect(await client.setbit('bits', 7, 1)).toBe(0);
      expect(await client.bitcount('bits')).toBe(1);
      expect(await client.bitpos('bits', 1)).toBe(7);
      expect(await client.bitfield('bits', 'OVERFLOW', 'SAT', 'INCRBY', 'u4', 4, 99)).toEqual([15]);
      expect(await client.bitop('NOT', 'not', 'bits')).toBe(1);
      const bytes = Buffer.from([0, 255, 13, 10]);
      await client.set('bytes', bytes);
      expect(await client.getBuffer('bytes')).toEqual(bytes);
    });
  });

  it('keys, databases and the server', async () => {
    await withClient({ protocol, db: 2 }, async (client) => {
      await client.flushdb();
      await client.set('k', 'v');
      expect(await client.pexpire('k', 100_000)).toBe(1);
      expect(await client.pttl('k')).toBeGreaterThan(90_000);
      expect(await client.persist('k')).toBe(1);
      expect(await client.ttl('k')).toBe(-1);
      expect(await client.rename('k', 'k2')).toBe('OK');
      expect(await client.copy('k2', 'k3')).toBe(1);
      expect((await client.keys('k*')).sort()).toEqual(['k2', 'k3']);
      expect(await client.type('k2')).toBe('string');
      expect(await client.object('ENCODING', 'k2')).toBe('embstr');
      expect(await client.exists('k2', 'k3', 'none')).toBe(2);
      expect(await client.unlink('k2', 'k3')).toBe(2);
      expect(await client.dbsize()).toBe(0);
      expect(await client.info('server')).toContain('server_name:disgo');
      expect(await client.time()).toHaveLength(2);
      expect(await client.client('GETNAME')).toBeNull();
      expect(await client.call('COMMAND', 'COUNT')).toBeGreaterThan(60);
      await expect(client.call('GET')).rejects.toThrow(
        "wrong number of arguments for 'get' command",
      );
    });
  });

  it('a pipeline keeps its order, errors among the replies', async () => {
    await withClient({ protocol, db: 3 }, async (client) => {
      const pipeline = client.pipeline();
      for (let i = 0; i < 1000; i++) pipeline.set(`p${i}`, i).get(`p${i}`);
      pipeline.call('INCR', 'p0', 'too', 'many');
      const replies = (await pipeline.exec()) ?? [];
      expect(replies).toHaveLength(2001);
      expect(replies[1999]).toEqual([null, '999']);
      expect(String(replies[2000]?.[0])).toContain('wrong number of arguments');
    });
  });

  it('scanStream finds every key', async () => {
    await withClient({ protocol, db: 4 }, async (client) => {
      await client.flushdb();
      await client.mset(...Array.from({ length: 2000 }, (_, i) => [`scan:${i}`, 'x']).flat());
      const seen = new Set<string>();
      for await (const keys of client.scanStream({ match: 'scan:*', count: 100 })) {
        for (const key of keys as string[]) seen.add(key);
      }
      expect(seen.size).toBe(2000);
    });
  });
});

describe('ioredis connects', () => {
  it('again after the connection was killed, and sends what waited', async () => {
    await withClient({ db: 5 }, async (client) => {
      await client.set('before', '1');
      const reconnected = new Promise((resolve) => client.once('reconnecting', resolve));
      const { port } = await server();
      const killer = new Redis({ port, host: '127.0.0.1' });
      expect(await killer.client('KILL', 'ID', await client.client('ID'))).toBe(1);
      killer.disconnect();
      await reconnected;
      expect(await client.get('before')).toBe('1');
    });
  });

  it('again after the server was restarted on its port', async () => {
    const port = await freePort();
    const first = await startOurs({ port });
    const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 5 });
    client.on('error', () => undefined);
    try {
      await client.set('k', 'v');
      await first.stop();
      await using _second = await startOurs({ port });
      expect(await client.get('k')).toBeNull();
    } finally {
      client.disconnect();
    }
  });

  it('with a password, and fails with a wrong one', async () => {
    await using locked = await startOurs({ args: ['--requirepass', 'pw'], password: 'pw' });
    const options = { port: locked.port, host: '127.0.0.1' };
    const client = new Redis({ ...options, password: 'pw' });
    expect(await client.set('k', 'v')).toBe('OK');
    client.disconnect();
    const wrong = new Redis({ ...options, password: 'no', retryStrategy: () => null });
    const failure = new Promise<Error>((resolve) => wrong.on('error', resolve));
    expect(String(await failure)).toContain('WRONGPASS');
    wrong.disconnect();
  });

  it.skipIf(process.platform === 'win32')('through a unix socket', async () => {
    await server();
    const client = new Redis({ path: join(folder, 'io.sock'), db: 6 });
    try {
      expect(await client.set('k', 'v')).toBe('OK');
      expect(await client.client('INFO')).toMatch(/ flags=U /);
    } finally {
      client.disconnect();
    }
  });

  itWith('openssl', 'over TLS, with and without a client certificate', async (openssl) => {
    const mine = makeCertificate(openssl, folder, 'server');
    const tlsPort = await freePort();
    await using secure = await startOurs({
      args: [
        ...['--tls-port', String(tlsPort), '--tls-cert-file', mine.certFile],
        ...['--tls-key-file', mine.keyFile, '--tls-ca-cert-file', mine.certFile],
      ],
    });
    const connect = (tls: object): Redis =>
      new Redis({ port: tlsPort, host: '127.0.0.1', tls, retryStrategy: () => null });
    const known = connect({ ca: mine.cert, cert: mine.cert, key: mine.key });
    expect(await known.set('k', 'x'.repeat(1_000_000))).toBe('OK');
    expect((await known.get('k'))?.length).toBe(1_000_000);
    const stranger = connect({ ca: mine.cert });
    const refusal = new Promise<Error>((resolve) => stranger.on('error', resolve));
    await expect(Promise.race([refusal, stranger.ping()])).resolves.toBeInstanceOf(Error);
    stranger.disconnect();
    await known.config('SET', 'tls-auth-clients', 'no');
    const anyone = connect({ ca: mine.cert });
    expect(await anyone.ping()).toBe('PONG');
    anyone.disconnect();
    known.disconnect();
    await using plain = await secure.client();
    expect(await plain.expectText('PING')).toBe('PONG');
  });

  it('while the listener moves to another port by CONFIG SET', async () => {
    await using moving = await startOurs();
    await using old = await moving.client();
    const port = await freePort();
    expect(await old.expectText('CONFIG', 'SET', 'port', String(port))).toBe('OK');
    const client = new Redis({ port, host: '127.0.0.1' });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    expect(await old.expectText('PING')).toBe('PONG');
    await until('the old port to be closed', async () => {
      try {
        await (await moving.client()).close();
        return false;
      } catch {
        return true;
      }
    });
  });
});
