// Certificates of clients: what tls-auth-clients lets in, as redis-server 7.0.15 does.

import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'vitest';
import { freePort } from '../support/server.ts';
import { makeCertificate } from './certificates.ts';
import { ended, infoNumber, itWith, scratchFolder, startOurs, until } from './support.ts';

const scratch = scratchFolder();

/** What a client gets for PING: '' when it is cut off. */
async function ping(options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  let text = '';
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    socket.destroy();
  });
  socket.write('PING\r\n');
  await closed;
  return text;
}

itWith('openssl', 'tls-auth-clients no, optional and yes', async (openssl) => {
  const own = makeCertificate(openssl, scratch, 'own');
  const { cert, key } = own;
  const other = makeCertificate(openssl, scratch, 'other');
  const port = await freePort();
  const files = ['--tls-cert-file', own.certFile, '--tls-key-file', own.keyFile];
  await using server = await startOurs({
    args: ['--tls-port', String(port), ...files, '--tls-ca-cert-file', own.certFile],
  });
  await using client = await server.client();
  const expected = {
    no: [true, true, true],
    optional: [true, true, false],
    yes: [false, true, false],
  };
  for (const [value, answers] of Object.entries(expected)) {
    await client.expectText('CONFIG', 'SET', 'tls-auth-clients', value);
    const got: string[] = [];
    for (const shown of [{}, { cert, key }, { cert: other.cert, key: other.key }]) {
      got.push(await ping({ port, ...shown }));
    }
    expect(got).toEqual(answers.map((isLetIn) => (isLetIn ? '+PONG\r\n' : '')));
  }
});

itWith(
  'openssl',
  'handshakes that nobody makes neither pass maxclients nor stop SHUTDOWN',
  async (openssl) => {
    const { certFile, keyFile } = makeCertificate(openssl, scratch, 'silent');
    const port = await freePort();
    const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
    await using server = await startOurs({
      args: ['--tls-port', String(port), ...files, '--tls-ca-cert-file', certFile],
    });
    await using client = await server.client();
    await until('one client', async () => (await infoNumber(client, 'connected_clients')) === 1);
    await client.expectText('CONFIG', 'SET', 'maxclients', '3');
    const silent: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = connectPlain({ host: '127.0.0.1', port });
      socket.on('error', () => undefined).resume();
      silent.push(socket);
      await once(socket, 'connect');
    }
    await once(silent[2] as Socket, 'close');
    await client.expectText('CONFIG', 'SET', 'maxclients', '4');
    // Nobody is let in without a certificate, but one more may try.
    expect(await ping({ port })).toBe('');
    client.write('SHUTDOWN NOSAVE\r\n');
    expect(await ended(server)).toBe(0);
    for (const socket of silent) socket.destroy();
  },
);

/** Whether somebody listens. */
async function listens(port: number): Promise<boolean> {
  const socket = connectPlain({ host: '127.0.0.1', port });
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return isOpen;
}

itWith('openssl', 'whoever reaches the plain port reaches the TLS port', async (openssl) => {
  const { certFile, keyFile } = makeCertificate(openssl, scratch, 'early');
  const port = await freePort();
  const tlsPort = await freePort();
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
  const starting = startOurs({
    port,
    args: ['--tls-port', String(tlsPort), ...files, '--tls-ca-cert-file', certFile],
  });
  await until('the plain port', () => listens(port));
  const isOpen = await listens(tlsPort);
  await (await starting).stop();
  expect(isOpen).toBe(true);
});
