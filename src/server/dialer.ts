// Connections that the server opens itself: to a master, to another server.

import { connect as connectPlain } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { tlsClientOptions } from './tls-options.ts';

/**
 * Opens a connection, from `bind-source-addr` where that is set.
 * @param isTls whether it is one with TLS, by the options of this server.
 * @param onReady called when bytes can be sent.
 */
export function dial(
  config: Config,
  host: string,
  port: number,
  isTls: boolean,
  onReady: () => void,
): Duplex {
  const localAddress = config.values['bind-source-addr'] ?? '';
  const address = { host, port, ...(localAddress === '' ? {} : { localAddress }) };
  if (!isTls) {
    const socket = connectPlain({ ...address, noDelay: true }, onReady);
    socket.setKeepAlive(true);
    return socket;
  }
  let options: ConnectionOptions;
  try {
    options = tlsClientOptions(config);
  } catch (error) {
    // The caller sees a connection that fails.
    const socket = connectPlain(address);
    socket.destroy(error as Error);
    return socket;
  }
  const tls = process.getBuiltinModule('node:tls');
  return tls.connect({ ...address, ...options }, onReady);
}
