// CLUSTER: all that it can do, refused, since this server is not part of a cluster.
// https://redis.io/docs/latest/commands/cluster/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { clusterSubcommands } from './cluster-subcommands.ts';

export const cluster: CommandSpec = {
  name: 'cluster',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Holds the commands of a cluster.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: clusterSubcommands,
};
