// WAIT numreplicas timeout

import type { CommandSpec } from '../engine/command-spec.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { Replication } from './replication.ts';

const NOT_ON_REPLICA = replyError(
  'ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a ' +
    'replica is configured to be writable (which is not the default) writes to replicas are just ' +
    'local and are not propagated.',
);

export function waitCommand(replication: Replication): CommandSpec {
  return {
    name: 'wait',
    group: 'generic',
    since: '3.0.0',
    summary: 'Waits until the changes of this connection have reached so many replicas.',
    complexity: 'O(1)',
    arity: 3,
    flags: [],
    acl: ['connection'],
    tips: ['request_policy:all_shards', 'response_policy:agg_min'],
    args: [
      { name: 'numreplicas', type: 'integer' },
      { name: 'timeout', type: 'integer' },
    ],
    replies: ['integer'],
    run(call) {
      const { client, reply } = call;
      if (replication.isReplica) {
        reply.error(NOT_ON_REPLICA);
        return;
      }
      const wanted = call.integer(1);
      const timeoutMs = call.timeoutMsInteger(2);
      if (call.failed()) return;
      const offset = client.writeOffset;
      const { replicas, waits } = replication;
      const count = replicas.countAcks(offset);
      if (count >= wanted || !call.mayBlock) {
        reply.integer(count);
        return;
      }
      waits.add(
        {
          client,
          offset,
          write: (late) => late.integer(replicas.countAcks(offset)),
          isServed: () => replicas.countAcks(offset) >= wanted,
        },
        timeoutMs,
      );
    },
  };
}
