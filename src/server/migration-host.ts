// What MIGRATE gets of a server: its engine and connections to others.

import type { MigrationHost } from '../migration/index.ts';
import { dial } from './dialer.ts';
import type { Server } from './server.ts';

export function migrationHost(server: Server): MigrationHost {
  return {
    get engine() {
      return server.engine;
    },
    get timers() {
      return server.timers;
    },
    connect: (host, port, onReady) => {
      const { config } = server;
      return dial(config, host, port, config.values['tls-cluster'], onReady);
    },
  };
}
