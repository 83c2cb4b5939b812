// ASKING, refused on a server that is in no cluster.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { refuseCluster } from './refusal.ts';

export const asking: CommandSpec = {
  name: 'asking',
  group: 'cluster',
  since: '3.0.0',
  summary: 'Follows an ASK redirection with the next command.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['fast'],
  acl: ['connection'],
  replies: ['simple-string'],
  run: refuseCluster,
};
