// The protocol over a raw socket: the same frames whole, cut at every byte, and in one write;
// broken frames, after which the connection closes; inline commands; large values. Expected bytes
// are those of redis-server 7.2, or follow from what was sent.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { encodeCommand, showReply } from '../support/resp.ts';
import { infoNumber, sharedServer, until } from './support.ts';

const server = sharedServer({ args: ['--proto-max-bulk-len', '512mb'] });

async function open(): Promise<Socket> {
  const { port } = await server();
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** All that comes until `wanted` bytes are here or the server closes. */
async function receive(socket: Socket, wanted: number): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1');
    if (text.length >= wanted) break;
  }
  return text;
}

/** What the server sends before it closes. */
const receiveAll = (socket: Socket): Promise<string> => receive(socket, Number.POSITIVE_INFINITY);

const requests = [
  ['ping', '*1\r\n$4\r\nPING\r\n', '+PONG\r\n'],
  ['echo', '*2\r\n$4\r\nECHO\r\n$5\r\na\r\nb\0\r\n', '$5\r\na\r\nb\0\r\n'],
  ['empty argument', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n', '$0\r\n\r\n'],
  ['set', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n', '+OK\r\n'],
  ['get', '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n', '$1\r\nv\r\n'],
  ['null', '*2\r\n$3\r\nGET\r\n$4\r\nnone\r\n', '$-1\r\n'],
  ['array', '*3\r\n$4\r\nMGET\r\n$1\r\nk\r\n$4\r\nnone\r\n', '*2\r\n$1\r\nv\r\n$-1\r\n'],
  ['empty command', '*0\r\n', ''],
  ['negative count', '*-1\r\n', ''],
  ['empty line', '\r\n', ''],
  ['inline', 'ECHO "a\\x41 b" \r\n', '$4\r\naA b\r\n'],
  ['inline, newline only', "ECHO 'it\\'s'\n", "$4\r\nit's\r\n"],
  ['error', '*1\r\n$3\r\nGET\r\n', "-ERR wrong number of arguments for 'get' command\r\n"],
  [
    'unknown',
    '*2\r\n$4\r\nNOPE\r\n$1\r\nx\r\n',
    "-ERR unknown command 'NOPE', with args beginning with: 'x' \r\n",
  ],
] as const;

const all = requests.map(([, request]) => request).join('');
const allReplies = requests.map(([, , reply]) => reply).join('');
const end = '*1\r\n$4\r\nPING\r\n';
const endReply = '+PONG\r\n';

describe('frames', () => {
  it.each(requests)('%s, whole', async (_name, request, reply) => {
    const socket = await open();
    socket.write(Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n', 'latin1'));
    socket.write(Buffer.from(request + end, 'latin1'));
    const expected = `+OK\r\n${reply}${endReply}`;
    expect(await receive(socket, expected.length)).toBe(expected);
    socket.destroy();
  });

  it('all in one write', async () => {
    const socket = await open();
    socket.write(Buffer.from(all, 'latin1'));
    expect(await receive(socket, allReplies.length)).toBe(allReplies);
    socket.destroy();
  });

  it('cut in two at every byte', async () => {
    // The first half is known to be processed when its complete commands are answered; a connection
    // for each cut, many at a time, so that cuts meet in the shared read buffer.
    const cutAt = async (at: number): Promise<string> => {
      const socket = await open();
      socket.write(Buffer.from(all.slice(0, at), 'latin1'));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(Buffer.from(all.slice(at), 'latin1'));
      const text = await receive(socket, allReplies.length);
      socket.destroy();
      return text;
    };
    for (let first = 1; first < all.length; first += 32) {
      const cuts = Array.from({ length: Math.min(32, all.length - first) }, (_, i) => first + i);
      const texts = await Promise.all(cuts.map(cutAt));
      expect(texts.map((text, i) => [cuts[i], text])).toEqual(cuts.map((at) => [at, allReplies]));
    }
  });

  it('a byte at a time', async () => {
    const socket = await open();
    const reading = receive(socket, allReplies.length);
    for (const byte of Buffer.from(all, 'latin1')) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await reading).toBe(allReplies);
    socket.destroy();
  });

  it('10,000 commands in one write are answered in order', async () => {
    await using client = await (await server()).client();
    const commands = Array.from({ length: 10_000 }, (_, i) => ['ECHO', String(i)]);
    const replies = await client.pipeline(commands);
    expect(replies.map(showReply)).toEqual(commands.map(([, text]) => `"${text}"`));
  });
});

describe('a broken frame is answered and the connection closes', () => {
  it.each([
    ['*1\r\nPING\r\n', "-ERR Protocol error: expected '$', got 'P'\r\n"],
    ['*x\r\n', '-ERR Protocol error: invalid multibulk length\r\n'],
    ['*2147483648\r\n', '-ERR Protocol error: invalid multibulk length\r\n'],
    ['*1\r\n$-1\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['*1\r\n$99999999999\r\n', '-ERR Protocol error: invalid bulk length\r\n'],
    ['ECHO "open\r\n', '-ERR Protocol error: unbalanced quotes in request\r\n'],
    ['x'.repeat(70_000), '-ERR Protocol error: too big inline request\r\n'],
    [`*${'1'.repeat(70_000)}`, '-ERR Protocol error: too big mbulk count string\r\n'],
    [`*1\r\n$${'1'.repeat(70_000)}`, '-ERR Protocol error: too big bulk count string\r\n'],
  ])('%j', async (bytes, reply) => {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.write(Buffer.from(`${end}${bytes}`, 'latin1'));
    expect(await receiveAll(socket)).toBe(endReply + reply);
  });
});

describe('HTTP', () => {
  it.each([
    'POST / HTTP/1.1\r\n',
    'GET / HTTP/1.1\r\nhOst: 127.0.0.1\r\n',
    '*1\r\n$5\r\nHost:\r\n',
  ])('%j is cut off before what follows', async (bytes) => {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.write(Buffer.from(`${bytes}\r\nSET hacked 1\r\nPING\r\n`, 'latin1'));
    expect(await receiveAll(socket)).toBe('');
    const { log } = await server();
    const line = /SECURITY ATTACK .* Connection from 127\.0\.0\.1:\d+ aborted/;
    await until('the line in the log', () => line.test(log()));
    await using client = await (await server()).client();
    expect(showReply(await client.command('EXISTS', 'hacked'))).toBe('(integer) 0');
  });
});

describe('large values', () => {
  it('100 MB go in and come out', async () => {
    await using client = await (await server()).client();
    const value = Buffer.alloc(100 * 1024 * 1024);
    for (let i = 0; i < value.length; i += 4093) value[i] = i % 251;
    expect(showReply(await client.command('SET', 'big', value))).toBe('OK');
    expect(showReply(await client.command('STRLEN', 'big'))).toBe(`(integer) ${value.length}`);
    const reply = await client.command('GET', 'big');
    expect(reply.type === 'bulk' && reply.bytes.equals(value)).toBe(true);
    const part = await client.command('GETRANGE', 'big', 4093 * 2, 4093 * 2);
    expect(part).toEqual({ type: 'bulk', bytes: Buffer.of((4093 * 2) % 251) });
    expect(showReply(await client.command('DEL', 'big'))).toBe('(integer) 1');
  });

  it('a bulk over proto-max-bulk-len is refused at its length', async () => {
    await using client = await (await server()).client();
    await client.expectText('CONFIG', 'SET', 'proto-max-bulk-len', '1mb');
    const socket = await open();
    socket.write('*2\r\n$4\r\nECHO\r\n$1048577\r\n');
    expect(await receiveAll(socket)).toBe('-ERR Protocol error: invalid bulk length\r\n');
    await client.expectText('CONFIG', 'SET', 'proto-max-bulk-len', '512mb');
  });

  it('a client over client-query-buffer-limit is closed', async () => {
    await using client = await (await server()).client();
    await client.expectText('CONFIG', 'SET', 'client-query-buffer-limit', '1mb');
    const socket = await open();
    socket.on('error', () => undefined);
    // Not `once`: it would reject at the reset that comes with unread bytes.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    socket.write('*2\r\n$4\r\nECHO\r\n$400000000\r\n');
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
      if (!socket.destroyed) socket.once('drain', more);
    };
    more();
    await closed;
    await client.expectText('CONFIG', 'SET', 'client-query-buffer-limit', '1gb');
  });
});

it('counts what it reads and writes', async () => {
  await using client = await (await server()).client();
  await client.expectText('CONFIG', 'RESETSTAT');
  for (let i = 0; i < 10; i++) await client.expectText('PING');
  for (const name of ['total_reads_processed', 'total_writes_processed']) {
    expect(await infoNumber(client, name)).toBeGreaterThanOrEqual(10);
  }
});

it('counts the read that finds a client gone', async () => {
  await using client = await (await server()).client();
  const sockets = await Promise.all(Array.from({ length: 10 }, open));
  const before = await infoNumber(client, 'total_reads_processed');
  for (const socket of sockets) socket.resume().end();
  await Promise.all(sockets.map((socket) => once(socket, 'close')));
  const after = await infoNumber(client, 'total_reads_processed');
  expect(after - before).toBeGreaterThanOrEqual(10);
});

describe('RESP3', () => {
  it('HELLO 3 changes nulls, maps and booleans of this connection only', async () => {
    await using client = await (await server()).client();
    await using other = await (await server()).client();
    const hello = await client.command('HELLO', '3');
    expect(hello.type).toBe('map');
    expect(await client.command('GET', 'nothing')).toEqual({ type: 'null', form: 'resp3' });
    expect(await other.command('GET', 'nothing')).toEqual({ type: 'null', form: 'bulk' });
    expect((await client.command('CONFIG', 'GET', 'port')).type).toBe('map');
    expect((await other.command('CONFIG', 'GET', 'port')).type).toBe('array');
    expect((await client.command('HELLO', '2')).type).toBe('array');
    expect(await client.command('GET', 'nothing')).toEqual({ type: 'null', form: 'bulk' });
  });

  it('frames of encodeCommand are what the raw tests send', () => {
    expect(encodeCommand(['PING']).toString()).toBe(end);
  });
});
