// Certificates of clients: what tls-auth-clients lets in, as redis-server 7.0.15 does.

import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'vitest';
import { freePort } from '../support/server.ts';
import { makeCertificate } from './certificates.ts';
import { itWith, scratchFolder, startOurs } from './support.ts';

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
