// repl-disable-tcp-nodelay: the socket of a replica that is sent a snapshot may gather what is
// written; that of everybody else never does.

import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { createServer } from '../server/embedded.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a replica's socket is told after it has asked for everything. */
async function toldAfter(request: string, isGathering: boolean): Promise<unknown[]> {
  await using server = await createServer({
    port: 0,
    'repl-disable-tcp-nodelay': isGathering,
    'repl-diskless-sync-delay': 0,
  });
  const told = vi.spyOn(Socket.prototype, 'setNoDelay').mockClear();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(request);
  await once(socket, 'data');
  socket.destroy();
  return told.mock.calls.map(([isOn]) => isOn);
}

it('lets the socket of a replica gather what is written, where the option says so', async () => {
  expect(await toldAfter('PSYNC ? -1\r\n', true)).toEqual([false]);
  expect(await toldAfter('SYNC\r\n', true)).toEqual([false]);
  expect(await toldAfter('PSYNC ? -1\r\n', false)).toEqual([]);
  expect(await toldAfter('PING\r\n', true)).toEqual([]);
});
