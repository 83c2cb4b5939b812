// READONLY, refused on a server that is in no cluster.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { refuseCluster } from './refusal.ts';

export const readonly: CommandSpec = {
  name: 'readonly',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Lets the connection read from a replica of a cluster.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  acl: ['connection'],
  replies: ['simple-string'],
  run: refuseCluster,
};
