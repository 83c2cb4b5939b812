// PING [message]

import type { CommandSpec } from '../../engine/command-spec.ts';
import { wrongArity } from '../../protocol/reply-errors.ts';

const TOO_MANY = wrongArity('ping');

export const ping: CommandSpec = {
  name: 'ping',
  group: 'connection',
  since: '1.0.0',
  summary: 'Tells that the server is alive, or gives the message back.',
  complexity: 'O(1)',
  arity: -1,
  flags: ['fast'],
  acl: ['connection'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  args: [{ name: 'message', type: 'string', optional: true }],
  replies: ['simple-string', 'bulk-string'],
  run(call, args) {
    if (args.count > 2) call.reply.error(TOO_MANY);
    else if (args.count === 1) call.reply.raw(PONG);
    else call.reply.bulk(args.bytes, args.offsets[1]!, args.lengths[1]!);
  },
};

const PONG = new Uint8Array(Buffer.from('+PONG\r\n'));
