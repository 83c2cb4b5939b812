// What MIGRATE gets of a server: its engine and connections to others.

import type { MigrationHost } from '../migration/index.ts';
import { dial } from './dialer.ts';
import type { Server } from './server.ts';

export function migrationHost({ engine, timers, config }: Server): MigrationHost {
  return {
    engine,
    timers,
    connect: (host, port, onReady) =>
      dial(config, host, port, config.values['tls-cluster'], onReady),
  };
}
