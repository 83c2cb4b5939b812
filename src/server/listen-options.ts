// The options of the network as the listeners want them, and their changes at run time: the new
// addresses are opened first, and only then are the old ones closed.

import type { Config } from '../config/config.ts';
import { ListenError, type ListenSettings } from './listeners.ts';
import type { Server } from './server.ts';
import { TLS_OPTION_NAMES, TlsConfigError, tlsOptions } from './tls-options.ts';

const NOT_LISTENING = -1;
/**
 * Connections that may wait to be accepted, at least: a burst must not pass the queue, for whoever
 * finds it full tries again a second later. The system cuts it to its own limit.
 */
const BACKLOG_FLOOR = 4096;
const TLS_REFUSAL = 'Unable to update TLS configuration. Check server logs.';

/** Whether anything is to speak TLS, so that its options must be right. */
function usesTls({ values }: Config): boolean {
  return values['tls-port'] !== 0 || values['tls-replication'] || values['tls-cluster'];
}

/**
 * Everything that the options say to listen on.
 * @param anyPort whether port 0 means one that the system chooses.
 * @throws TlsConfigError
 */
export function listenSettings(config: Config, anyPort = false): ListenSettings {
  const { values } = config;
  const tlsPort = values['tls-port'];
  const tls = usesTls(config) ? tlsOptions(config) : null;
  return {
    bind: values.bind,
    port: values.port === 0 && !anyPort ? NOT_LISTENING : values.port,
    tlsPort,
    tls: tlsPort === 0 ? null : tls,
    unixSocket: values.unixsocket,
    unixSocketMode: values.unixsocketperm,
    backlog: Math.max(values['tcp-backlog'], BACKLOG_FLOOR),
  };
}

/** Whether these settings name anything to listen on. */
export function isListening({ port, tls, unixSocket }: ListenSettings): boolean {
  return port !== NOT_LISTENING || tls !== null || unixSocket !== '';
}

/** Opens again what a change of an option concerns. @returns the refusal, or null. */
async function reopen(
  server: Server,
  kinds: readonly ('tcp' | 'tls')[],
  refusal: string,
): Promise<string | null> {
  const { listening } = server;
  const before = listening.count;
  try {
    const settings = listenSettings(server.config);
    await listening.open({
      ...settings,
      port: kinds.includes('tcp') ? settings.port : NOT_LISTENING,
      tls: kinds.includes('tls') ? settings.tls : null,
      unixSocket: '',
    });
  } catch (error) {
    if (error instanceof ListenError) server.log('warning', `Warning: ${error.report}`);
    else server.log('warning', error instanceof Error ? error.message : String(error));
    return error instanceof TlsConfigError ? TLS_REFUSAL : refusal;
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
  config.onChange(TLS_OPTION_NAMES, () => {
    if (!usesTls(config)) return null;
    try {
      server.listening.updateTls(tlsOptions(config));
      return null;
    } catch (error) {
      server.log('warning', error instanceof Error ? error.message : String(error));
      return TLS_REFUSAL;
    }
  });
}
