// What replication needs of the server, put together: options, the network, snapshots and loading.

import { createReadStream, statSync } from 'node:fs';
import type { ReplicationHost } from '../replication/index.ts';
import { dial } from './dialer.ts';
import type { Server } from './server.ts';

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
      get isBusy() {
        return server.persistence.forReplicas.isBusy || server.engine.isLoadingAside;
      },
      stream: (request, receiver) => server.persistence.forReplicas.stream(request, receiver),
      save: (_position, done) => server.persistence.forReplicas.save(done),
      abandonSave: () => server.persistence.forReplicas.abandonSave(),
    },
    loading: {
      get isBusy() {
        return server.engine.isLoading || server.engine.isLoadingAside;
      },
      begin: (snapshot, events) => server.persistence.fromMaster.begin(snapshot, events),
    },
    onMasterBytes: (count) => {
      server.statistics.netInputBytes += count;
      server.statistics.replicationInputBytes += count;
    },
    connect: (host, port, onReady) =>
      dial(config, host, port, config.values['tls-replication'], onReady),
    openFile: (path) => ({
      byteCount: statSync(path).size,
      stream: () => createReadStream(path),
    }),
    onRole: (role) => {
      server.onRole(role);
      // A data set that never came whole has left the append-only files closed.
      if (role === 'master') server.persistence.restartAof();
    },
    onUnexpectedError: (to, client, error) => server.unexpected.tell(to, client, error),
    panic: (reason) => server.unexpected.panic(reason),
    log: (level, text) => server.log(level, text),
  };
}
