// PSYNC replicationid offset, SYNC: a client becomes a replica.

import type { Call } from '../engine/call.ts';
import { describeClient } from '../engine/client-line.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_NOT_INTEGER, replyError } from '../protocol/reply-errors.ts';
import type { Replication } from './replication.ts';

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'no_async_loading', 'no_multi'];
const NOT_FOR_MASTER = replyError("ERR PSYNC FAILOVER can't be sent to a master.");
const OTHER_HISTORY = replyError('ERR PSYNC FAILOVER replid must match my replid.');
const FAILING_OVER = replyError("NOMASTERLINK Can't SYNC while failing over");
const NO_LINK = replyError("NOMASTERLINK Can't SYNC while not connected with my master");
const PENDING_OUTPUT = replyError('ERR SYNC and PSYNC are invalid with pending output');
const FILTER_NEEDS_MARK = replyError('ERR Filtered replica requires EOF capability');

/** PSYNC ... FAILOVER: this replica is to be the master. @returns false when it may not. */
function takeOver(replication: Replication, call: Call, id: string): boolean {
  const { server } = replication;
  server.log('notice', `Failover request received for replid ${id}.`);
  if (!replication.isReplica) {
    call.reply.error(NOT_FOR_MASTER);
    return false;
  }
  if (id.toLowerCase() !== replication.history.id) {
    call.reply.error(OTHER_HISTORY);
    return false;
  }
  replication.becomeMaster();
  const line = describeClient(call.client, call.nowMs);
  server.log('notice', `MASTER MODE enabled (failover request from '${line}')`);
  return true;
}

function mayBecomeReplica(replication: Replication, call: Call): boolean {
  const { client, reply } = call;
  const traits = replication.replicas.traitsOf(client);
  if (replication.failover.state !== 'no-failover') reply.error(FAILING_OVER);
  else if (!replication.isLinkUp) reply.error(NO_LINK);
  else if (client.transport.bufferSizes().outputBytes > 0 || reply.pendingBytes > 0) {
    reply.error(PENDING_OUTPUT);
  } else if ((traits.excludesData || traits.excludesFunctions) && !traits.readsToMark) {
    reply.error(FILTER_NEEDS_MARK);
  } else return true;
  return false;
}

function synchronize(replication: Replication, call: Call, args: Args, isOld: boolean): void {
  const { client } = call;
  // It is one already, or is sent what no replica would understand.
  if (client.replica !== null) return;
  if (!isOld && args.count > 3 && args.latin1(3).toLowerCase() === 'failover') {
    if (!takeOver(replication, call, args.latin1(1))) return;
  }
  if (!mayBecomeReplica(replication, call)) return;
  const { server, replicas } = replication;
  server.log('notice', `Replica ${replicas.nameOf(client)} asks for synchronization`);
  if (!isOld) {
    const from = args.integer(2);
    if (Number.isNaN(from)) {
      call.reply.error(ERR_NOT_INTEGER);
      const name = replicas.nameOf(client);
      server.log('warning', `Replica ${name} asks for synchronization but with a wrong offset`);
      return;
    }
    const id = args.latin1(1);
    if (replication.tryPartialSync(client, id, from)) {
      replication.onAck();
      server.sync.partialOk++;
      return;
    }
    if (!id.startsWith('?')) server.sync.partialFailed++;
  }
  if (server.config.values['repl-disable-tcp-nodelay']) client.transport.setNoDelay(false);
  replication.needsFullSync(replicas.attach(client, isOld));
}

export function syncCommands(replication: Replication): CommandSpec[] {
  return [
    {
      name: 'psync',
      group: 'server',
      since: '2.8.0',
      summary: 'Makes the connection that of a replica, which goes on from an offset.',
      complexity: '',
      arity: -3,
      flags: FLAGS,
      args: [
        { name: 'replicationid', type: 'string' },
        { name: 'offset', type: 'integer' },
      ],
      replies: ['simple-string'],
      run: (call, args) => synchronize(replication, call, args, false),
    },
    {
      name: 'sync',
      group: 'server',
      since: '1.0.0',
      summary: 'Makes the connection that of a replica, which gets a snapshot.',
      complexity: '',
      arity: 1,
      flags: FLAGS,
      replies: ['simple-string'],
      run: (call, args) => synchronize(replication, call, args, true),
    },
  ];
}
