// Who counts as idle: a client that sends nothing and is sent nothing. Time is the test's own, so
// that nothing waits for it; a client that is idle for sure tells when the server has looked.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { createServer, type DisgoServer } from './embedded.ts';

const TIMEOUT_SECONDS = 5;
const MEGABYTE = 1024 * 1024;

let server: DisgoServer;
let aheadMs: number;
let sockets: Socket[];

beforeEach(async () => {
  aheadMs = 0;
  sockets = [];
  const clock = {
    nowMs: () => systemClock.nowMs() + aheadMs,
    monotonicMs: () => systemClock.monotonicMs(),
    nowUsec: () => systemClock.nowUsec() + aheadMs * 1000,
  };
  server = await createServer({ port: 0, timeout: TIMEOUT_SECONDS, clock });
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

async function client(): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** Sends and resolves with the answer, once that has so many bytes. */
function ask(socket: Socket, request: string, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (data: Buffer): void => {
      text += data.toString('latin1');
      if (text.length < length) return;
      socket.off('data', onData);
      resolve(text);
    };
    socket.on('data', onData);
    socket.once('close', () => reject(new Error(`closed after ${text.length} bytes`)));
    socket.write(request);
  });
}

it('not who waited for a reply that has just come', async () => {
  const [idle, waiting, pusher] = [await client(), await client(), await client()];
  await ask(idle, 'PING\r\n', 7);
  const expected = '+PONG\r\n*2\r\n$4\r\nlist\r\n$1\r\nv\r\n';
  const answer = ask(waiting, 'PING\r\nBLPOP list 0\r\n', expected.length);
  await once(waiting, 'data');
  const closed = once(idle, 'close');
  aheadMs += 2 * TIMEOUT_SECONDS * 1000;
  const [reply] = await Promise.all([answer, ask(pusher, 'RPUSH list v\r\n', 4)]);
  expect(reply).toBe(expected);
  await closed;
  expect(await ask(waiting, 'PING\r\n', 7)).toBe('+PONG\r\n');
});

it('not who is reading a long reply', async () => {
  const [idle, reader] = [await client(), await client()];
  await ask(idle, 'PING\r\n', 7);
  await ask(reader, `SETRANGE big ${64 * MEGABYTE - 1} x\r\n`, 11);
  let received = 0;
  const half = new Promise<void>((resolve) => {
    reader.on('data', (data: Buffer) => {
      received += data.length;
      if (received < 32 * MEGABYTE) return;
      reader.pause();
      resolve();
    });
  });
  reader.write('GET big\r\n');
  await half;
  const closed = once(idle, 'close');
  aheadMs += 2 * TIMEOUT_SECONDS * 1000;
  await closed;
  reader.removeAllListeners('data').resume();
  const rest = 64 * MEGABYTE + '$67108864\r\n\r\n'.length - received;
  expect((await ask(reader, '', rest)).length).toBe(rest);
});
