// Programs that keep something of theirs in Redis, unmodified: sessions of a web server
// (express-session with connect-redis), and servers of socket.io that tell each other's clients, by
// channels and by streams.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdapter as channelAdapter } from '@socket.io/redis-adapter';
import { createAdapter as streamsAdapter } from '@socket.io/redis-streams-adapter';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { createClient } from 'redis';
import { type ServerOptions, Server as SocketServer } from 'socket.io';
import { type Socket as ClientSocket, io } from 'socket.io-client';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedServer, until } from './support.ts';

const server = sharedServer();
const closers: (() => unknown)[] = [];

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function connected() {
  // What the adapters make of a client for themselves ends with the server.
  const { port } = await server();
  const client = createClient({ socket: { port, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  closers.push(() => client.close());
  return client;
}

async function portOf(http: Server): Promise<number> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as AddressInfo).port;
}

describe('express-session with connect-redis', () => {
  /** A web server that counts the visits of each session; /out ends it. */
  async function site(): Promise<string> {
    const store = new RedisStore({ client: await connected(), prefix: 'sess:', ttl: 60 });
    const handle = session({ store, secret: 'x', resave: false, saveUninitialized: false });
    const http = createServer((req, res) => {
      handle(req as never, res as never, (error: unknown) => {
        const kept = (req as unknown as { session: session.Session & { visits?: number } }).session;
        if (error !== undefined) res.writeHead(500).end(String(error));
        else if (req.url === '/out') kept.destroy((failure) => res.end(String(failure ?? 'out')));
        else {
          kept.visits = (kept.visits ?? 0) + 1;
          res.end(String(kept.visits));
        }
      });
    });
    const port = await portOf(http);
    closers.push(() => new Promise((resolve) => http.close(resolve)));
    return `http://127.0.0.1:${port}`;
  }

  async function visit(url: string, cookie = ''): Promise<{ text: string; cookie: string }> {
    const response = await fetch(url, { headers: { cookie, connection: 'close' } });
    const set = response.headers.get('set-cookie');
    return { text: await response.text(), cookie: set?.split(';')[0] ?? cookie };
  }

  it('keeps a session between requests and servers, and ends it', async () => {
    const [one, two] = [await site(), await site()];
    const first = await visit(one);
    expect(first.text).toBe('1');
    expect(first.cookie).toMatch(/^connect\.sid=/);
    expect((await visit(one, first.cookie)).text).toBe('2');
    expect((await visit(two, first.cookie)).text).toBe('3');
    expect((await visit(two)).text).toBe('1');
    const client = await connected();
    const keys = await client.keys('sess:*');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(await client.ttl(key)).toBeGreaterThan(50);
    expect((await visit(one, first.cookie)).text).toBe('4');
    expect((await visit(`${one}/out`, first.cookie)).text).toBe('out');
    expect(await client.keys('sess:*')).toHaveLength(1);
    expect((await visit(two, first.cookie)).text).toBe('1');
  });

  it('lists, counts and clears its sessions', async () => {
    const client = await connected();
    const store = new RedisStore({ client, prefix: 'many:' });
    for (let i = 0; i < 150; i++) {
      await store.set(`s${i}`, { cookie: { originalMaxAge: null }, n: i } as never);
    }
    expect(await store.length()).toBe(150);
    expect((await store.ids()).sort()).toEqual(
      Array.from({ length: 150 }, (_, i) => `s${i}`).sort(),
    );
    expect(await store.all()).toHaveLength(150);
    await store.clear();
    expect(await client.keys('many:*')).toEqual([]);
  });
});

type AdapterConstructor = ServerOptions['adapter'];
type MakeAdapter = () => Promise<AdapterConstructor>;

const adapters: readonly (readonly [string, MakeAdapter])[] = [
  ['channels', async () => channelAdapter(await connected(), await connected())],
  ['streams', async () => streamsAdapter(await connected(), { blockTimeInMs: 100 })],
];

describe.each(adapters)('socket.io servers over %s', (_, makeAdapter) => {
  const sockets: SocketServer[] = [];

  async function socketServer(): Promise<{ io: SocketServer; port: number }> {
    const http = createServer();
    const made = new SocketServer(http, { adapter: await makeAdapter() });
    made.on('connection', (socket) => {
      socket.on('enter', async (room: string, done: () => void) => {
        await socket.join(room);
        done();
      });
      socket.on('say', (room: string, text: string) => socket.to(room).emit('said', text));
    });
    const port = await portOf(http);
    sockets.push(made);
    closers.push(() => made.close());
    return { io: made, port };
  }

  async function socketClient(port: number): Promise<{ socket: ClientSocket; heard: string[] }> {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
    closers.push(() => socket.close());
    const heard: string[] = [];
    socket.on('said', (text: string) => heard.push(text));
    socket.on('asked', (answer: (text: string) => void) => answer(`${port}`));
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    return { socket, heard };
  }

  it('tell rooms, ask each other and count over all of them', async () => {
    const [one, two] = [await socketServer(), await socketServer()];
    const [a, b, c] = [
      await socketClient(one.port),
      await socketClient(two.port),
      await socketClient(two.port),
    ];
    await until('all are known', async () => (await one.io.fetchSockets()).length === 3);
    await a.socket.emitWithAck('enter', 'room');
    await b.socket.emitWithAck('enter', 'room');
    a.socket.emit('say', 'room', 'hello');
    await until('the other server told', () => b.heard.length === 1);
    one.io.emit('said', 'all');
    await until('everybody', () => [a, b, c].every(({ heard }) => heard.at(-1) === 'all'));
    expect([a.heard, b.heard, c.heard]).toEqual([['all'], ['hello', 'all'], ['all']]);
    const answers = await one.io.timeout(10_000).emitWithAck('asked');
    expect(answers.sort()).toEqual([`${one.port}`, `${two.port}`, `${two.port}`].sort());
    expect(await two.io.in('room').fetchSockets()).toHaveLength(2);
    two.io.in('room').socketsLeave('room');
    await until('both left', async () => (await one.io.in('room').fetchSockets()).length === 0);
    one.io.disconnectSockets();
    await until('all gone', () => [a, b, c].every(({ socket }) => !socket.connected));
  });
});
