// REPLICAOF host port | NO ONE, SLAVEOF

import type { Call } from '../engine/call.ts';
import { describeClient } from '../engine/client-line.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { replyError } from '../protocol/reply-errors.ts';
import type { Replication } from './replication.ts';

const MAX_PORT = 65535;
const FAILING_OVER = replyError('ERR REPLICAOF not allowed while failing over.');
const IS_A_REPLICA = replyError('ERR Command is not valid when client is a replica.');
const INVALID_PORT = replyError('ERR Invalid master port');

function replicaof(replication: Replication, call: Call, args: Args): void {
  const { client, reply } = call;
  const { server, link } = replication;
  const line = (): string => describeClient(client, call.nowMs);
  if (replication.failover.state !== 'no-failover') {
    reply.error(FAILING_OVER);
    return;
  }
  const host = args.latin1(1);
  if (host.toLowerCase() === 'no' && args.latin1(2).toLowerCase() === 'one') {
    if (link !== null) {
      replication.becomeMaster();
      server.log('notice', `MASTER MODE enabled (user request from '${line()}')`);
    }
    reply.ok();
    return;
  }
  if (client.replica !== null) {
    reply.error(IS_A_REPLICA);
    return;
  }
  const port = args.integer(2);
  if (Number.isNaN(port) || port < 0 || port > MAX_PORT) {
    reply.error(INVALID_PORT);
    return;
  }
  if (link !== null && link.host.toLowerCase() === host.toLowerCase() && link.port === port) {
    server.log(
      'notice',
      'REPLICAOF would result into synchronization with the master we are already connected ' +
        'with. No operation performed.',
    );
    reply.simple('OK Already connected to specified master');
    return;
  }
  replication.follow(host, port);
  server.log('notice', `REPLICAOF ${host}:${port} enabled (user request from '${line()}')`);
  reply.ok();
}

function spec(replication: Replication, name: 'replicaof' | 'slaveof'): CommandSpec {
  return {
    name,
    group: 'server',
    since: name === 'replicaof' ? '5.0.0' : '1.0.0',
    summary: 'Makes the server a replica of another, or a master.',
    complexity: 'O(1)',
    arity: 3,
    flags: ['admin', 'noscript', 'stale', 'no_async_loading'],
    args: [
      {
        name: 'args',
        type: 'oneof',
        args: [
          {
            name: 'host-port',
            type: 'block',
            args: [
              { name: 'host', type: 'string' },
              { name: 'port', type: 'integer' },
            ],
          },
          {
            name: 'no-one',
            type: 'block',
            args: [
              { name: 'no', type: 'pure-token', token: 'NO' },
              { name: 'one', type: 'pure-token', token: 'ONE' },
            ],
          },
        ],
      },
    ],
    replies: ['simple-string'],
    run: (call, args) => replicaof(replication, call, args),
  };
}

export function replicaofCommands(replication: Replication): CommandSpec[] {
  return [
    spec(replication, 'replicaof'),
    {
      ...spec(replication, 'slaveof'),
      deprecated: { since: '5.0.0', replacedBy: '`REPLICAOF`' },
    },
  ];
}
