// Replication: the commands over one Replication of a server.

import type { CommandSpec } from '../engine/command-spec.ts';
import { failoverCommand } from './failover-command.ts';
import { syncCommands } from './psync-command.ts';
import { replconfCommand } from './replconf-command.ts';
import { replicaofCommands } from './replicaof-command.ts';
import type { Replication } from './replication.ts';
import { roleCommand } from './role-command.ts';
import { waitCommand } from './wait-command.ts';

export type {
  Loading,
  ReplicationHost,
  SnapshotHandle,
  SnapshotReceiver,
  SnapshotRequest,
  SnapshotSink,
  Snapshots,
  StreamPosition,
} from './host.ts';
export { Replication } from './replication.ts';
export { replicationSection } from './replication-section.ts';

/** REPLICAOF, PSYNC, REPLCONF, ROLE, WAIT, FAILOVER and their kind. */
export function replicationCommands(replication: Replication): CommandSpec[] {
  return [
    failoverCommand(replication),
    ...syncCommands(replication),
    replconfCommand(replication),
    ...replicaofCommands(replication),
    roleCommand(replication),
    waitCommand(replication),
  ];
}
