// PING [message]

import type { Call } from '../../engine/call.ts';
import { MODE_SUBSCRIBER } from '../../engine/client.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { wrongArity } from '../../protocol/reply-errors.ts';

const TOO_MANY = wrongArity('ping');

export const ping: CommandSpec = {
  name: 'ping',
  group: 'connection',
  since: '1.0.0',
  summary: 'Tells that the server is alive, or gives the message back.',
  complexity: 'O(1)',
  arity: -1,
  flags: ['fast', 'in_subscription'],
  acl: ['connection'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  args: [{ name: 'message', type: 'string', optional: true }],
  replies: ['simple-string', 'bulk-string'],
  run(call, args) {
    const { client } = call;
    if (args.count > 2) call.reply.error(TOO_MANY);
    else if ((client.modes & MODE_SUBSCRIBER) !== 0 && !client.resp3) pingSubscriber(call, args);
    else if (args.count === 1) call.reply.raw(PONG);
    else call.reply.bulk(args.bytes, args.offsets[1]!, args.lengths[1]!);
  },
};

/** A RESP2 subscriber tells replies from messages by their shape. */
function pingSubscriber({ reply }: Call, args: Args): void {
  reply.array(2);
  reply.bulkLatin1('pong');
  if (args.count === 1) reply.bulkLatin1('');
  else reply.bulk(args.bytes, args.offsets[1]!, args.lengths[1]!);
}

const PONG = new Uint8Array(Buffer.from('+PONG\r\n'));
