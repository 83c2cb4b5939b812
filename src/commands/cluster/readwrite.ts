// READWRITE, refused on a server that is in no cluster.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { refuseCluster } from './refusal.ts';

export const readwrite: CommandSpec = {
  name: 'readwrite',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Sends the reads of the connection to masters again.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['loading', 'stale', 'fast'],
  acl: ['connection'],
  replies: ['simple-string'],
  run: refuseCluster,
};
