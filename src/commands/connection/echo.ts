// ECHO message

import type { CommandSpec } from '../../engine/command-spec.ts';

export const echo: CommandSpec = {
  name: 'echo',
  group: 'connection',
  since: '1.0.0',
  summary: 'Gives the message back.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale', 'fast'],
  acl: ['connection'],
  args: [{ name: 'message', type: 'string' }],
  replies: ['bulk-string'],
  run(call, args) {
    call.reply.bulk(args.bytes, args.offsets[1]!, args.lengths[1]!);
  },
};
