// FAILOVER [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]

import { Call } from '../engine/call.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import {
  ERR_NOT_INTEGER,
  ERR_SYNTAX,
  type ReplyError,
  replyError,
} from '../protocol/reply-errors.ts';
import type { FailoverTarget } from './failover.ts';
import type { Replication } from './replication.ts';

const ABORT = Call.word('ABORT');
const TO = Call.word('TO');
const FORCE = Call.word('FORCE');
const TIMEOUT = Call.word('TIMEOUT');
const NONE_IN_PROGRESS = replyError('ERR No failover in progress.');
const BAD_TIMEOUT = replyError('ERR FAILOVER timeout must be greater than 0');
const IN_PROGRESS = replyError('ERR FAILOVER already in progress.');
const IS_REPLICA = replyError('ERR FAILOVER is not valid when server is a replica.');
const NO_REPLICAS = replyError('ERR FAILOVER requires connected replicas.');
const FORCE_NEEDS_MORE = replyError(
  'ERR FAILOVER with force option requires both a timeout and target HOST and IP.',
);
const NOT_A_REPLICA = replyError('ERR FAILOVER target HOST and PORT is not a replica.');
const NOT_ONLINE = replyError('ERR FAILOVER target replica is not online.');

interface Options {
  timeoutMs: number;
  isForced: boolean;
  target: FailoverTarget | null;
}

function readOptions(args: Args): Options | ReplyError {
  const options: Options = { timeoutMs: 0, isForced: false, target: null };
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, TIMEOUT) && i + 1 < args.count && options.timeoutMs === 0) {
      options.timeoutMs = args.integer(++i);
      if (Number.isNaN(options.timeoutMs)) return ERR_NOT_INTEGER;
      if (options.timeoutMs <= 0) return BAD_TIMEOUT;
    } else if (args.is(i, TO) && i + 2 < args.count && options.target === null) {
      const port = args.integer(i + 2);
      if (Number.isNaN(port)) return ERR_NOT_INTEGER;
      options.target = { host: args.latin1(i + 1), port };
      i += 2;
    } else if (args.is(i, FORCE) && !options.isForced) options.isForced = true;
    else return ERR_SYNTAX;
  }
  return options;
}

function refusalOf(replication: Replication, options: Options): ReplyError | null {
  const { failover, replicas, isReplica } = replication;
  const { target, timeoutMs, isForced } = options;
  if (failover.state !== 'no-failover') return IN_PROGRESS;
  if (isReplica) return IS_REPLICA;
  if (replicas.count === 0) return NO_REPLICAS;
  if (isForced && (timeoutMs === 0 || target === null)) return FORCE_NEEDS_MORE;
  if (target === null) return null;
  const replica = replicas.find(target.host, target.port);
  if (replica === null) return NOT_A_REPLICA;
  return replica.state === 'online' ? null : NOT_ONLINE;
}

export function failoverCommand(replication: Replication): CommandSpec {
  return {
    name: 'failover',
    group: 'server',
    since: '6.2.0',
    summary: 'Hands the role of the master to one of its replicas.',
    complexity: 'O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'stale'],
    args: [
      {
        name: 'target',
        type: 'block',
        token: 'TO',
        optional: true,
        args: [
          { name: 'host', type: 'string' },
          { name: 'port', type: 'integer' },
          { name: 'force', type: 'pure-token', token: 'FORCE', optional: true },
        ],
      },
      { name: 'abort', type: 'pure-token', token: 'ABORT', optional: true },
      { name: 'milliseconds', type: 'integer', token: 'TIMEOUT', optional: true },
    ],
    replies: ['simple-string'],
    run(call, args) {
      const { reply } = call;
      const { failover } = replication;
      if (args.count === 2 && args.is(1, ABORT)) {
        if (failover.state === 'no-failover') reply.error(NONE_IN_PROGRESS);
        else {
          failover.abort('Failover manually aborted');
          reply.ok();
        }
        return;
      }
      const options = readOptions(args);
      if ('code' in options) {
        reply.error(options);
        return;
      }
      const refusal = refusalOf(replication, options);
      if (refusal !== null) {
        reply.error(refusal);
        return;
      }
      failover.begin(options.target, options.timeoutMs, options.isForced);
      reply.ok();
    },
  };
}
