// What replication needs of the server, put together: options, the network, snapshots and loading.

import { createReadStream, statSync } from 'node:fs';
import type { ReplicationHost } from '../replication/index.ts';
import { dial } from './dialer.ts';
import type { Server } from './server.ts';

const EMPTY = Buffer.concat([Buffer.from('REDIS0010'), Buffer.from([255]), Buffer.alloc(8)]);

export function replicationHost(server: Server): ReplicationHost {
  const { config, clock, timers, random, statistics } = server;
  return {
    config,
    clock,
    timers,
    random,
    sync: statistics.sync,
    get engine() {
      return server.engine;
    },
    get port() {
      const isTls = config.values['tls-replication'] && config.values['tls-port'] !== 0;
      return isTls ? config.values['tls-port'] : server.port;
    },
    snapshots: {
      isBusy: false,
      stream: (_request, receiver) => {
        timers.soon(() => {
          receiver.write(EMPTY);
          receiver.end(null);
        });
        return { resume: () => {}, abort: () => {} };
      },
      save: () => {},
    },
    loading: {
      begin: (onReplace) => ({
        write: () => true,
        finish: (done) => {
          onReplace();
          server.engine.keyspace.flushAll(true);
          timers.soon(() => done(null, null));
        },
        abort: () => {},
      }),
    },
    connect: (host, port, onReady) =>
      dial(config, host, port, config.values['tls-replication'], onReady),
    openFile: (path) => ({
      byteCount: statSync(path).size,
      stream: () => createReadStream(path),
    }),
    onRole: (role) => server.onRole(role),
    log: (level, text) => server.log(level, text),
  };
}
