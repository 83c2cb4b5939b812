// The options of the network as the listeners want them, and their changes at run time: the new addresses are opened
// first, and only then are the old ones closed.

import type { TlsOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { type ListenSettings, tlsOptions } from './listeners.ts';
import type { Server } from './server.ts';

const TLS_FILES = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-auth-clients',
] as const;
const NOT_LISTENING = -1;

/** TLS options of a configuration. @throws when a file cannot be read. */
function readTls(config: Config): TlsOptions {
  const { values } = config;
  return tlsOptions({
    certFile: values['tls-cert-file'],
    keyFile: values['tls-key-file'],
    keyPassword: values['tls-key-file-pass'],
    caFile: values['tls-ca-cert-file'],
    dhParamsFile: values['tls-dh-params-file'],
    protocols: values['tls-protocols'].split(/\s+/).filter((word) => word !== ''),
    ciphers: values['tls-ciphers'],
    ciphersuites: values['tls-ciphersuites'],
    preferServerCiphers: values['tls-prefer-server-ciphers'],
    authClients: values['tls-auth-clients'],
  });
}

/** Everything that the options say to listen on. @param anyPort whether port 0 means one that the system chooses. */
export function listenSettings(config: Config, anyPort = false): ListenSettings {
  const { values } = config;
  const tlsPort = values['tls-port'];
  return {
    bind: values.bind,
    port: values.port === 0 && !anyPort ? NOT_LISTENING : values.port,
    tlsPort,
    tls: tlsPort === 0 ? null : readTls(config),
    unixSocket: values.unixsocket,
    unixSocketMode: values.unixsocketperm,
    backlog: values['tcp-backlog'],
  };
}

/** Opens again what a change of an option concerns. @returns the refusal, or null. */
async function reopen(
  server: Server,
  kinds: readonly ('tcp' | 'tls')[],
  refusal: string,
): Promise<string | null> {
  const settings = listenSettings(server.config);
  const { listening } = server;
  const before = listening.count;
  try {
    await listening.open({
      ...settings,
      port: kinds.includes('tcp') ? settings.port : NOT_LISTENING,
      tls: kinds.includes('tls') ? settings.tls : null,
      unixSocket: '',
    });
  } catch (error) {
    server.log('warning', error instanceof Error ? error.message : String(error));
    return refusal;
  }
  listening.closeOlder(kinds, before);
  return null;
}

/** Makes CONFIG SET of the network's options take effect. */
export function watchListenOptions(server: Server): void {
  const { config } = server;
  const portRefusal = 'Unable to listen on this port. Check server logs.';
  config.onChange(['port'], () => reopen(server, ['tcp'], portRefusal));
  config.onChange(['bind'], async () => {
    server.listening.closeOlder(['tcp', 'tls'], server.listening.count);
    return reopen(server, ['tcp', 'tls'], 'Failed to bind to specified addresses.');
  });
  config.onChange(['tls-port'], () => reopen(server, ['tls'], portRefusal));
  config.onChange(TLS_FILES, () => {
    if (config.values['tls-port'] === 0) return null;
    try {
      server.listening.updateTls(readTls(config));
      return null;
    } catch (error) {
      server.log('warning', `Failed to configure TLS: ${String(error)}`);
      return 'Unable to update TLS configuration. Check server logs.';
    }
  });
}
