// Certificates of clients: what tls-auth-clients lets in, as redis-server 7.0.15 does.

import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'vitest';
import { freePort } from '../support/server.ts';
import { makeCertificate } from './certificates.ts';
import { ended, itWith, scratchFolder, startOurs } from './support.ts';

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

itWith('openssl', 'SHUTDOWN does not wait for a handshake that nobody makes', async (openssl) => {
  const { certFile, keyFile } = makeCertificate(openssl, scratch, 'silent');
  const port = await freePort();
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile];
  await using server = await startOurs({
    args: ['--tls-port', String(port), ...files, '--tls-ca-cert-file', certFile],
  });
  const silent = connectPlain({ host: '127.0.0.1', port });
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  // The server has accepted it when it answers one that came later.
  expect(await ping({ port })).toBe('');
  await using client = await server.client();
  client.write('SHUTDOWN NOSAVE\r\n');
  expect(await ended(server)).toBe(0);
  silent.destroy();
});
