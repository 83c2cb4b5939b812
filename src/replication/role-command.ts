// ROLE: what the server is in replication, and of whom.

import type { CommandSpec } from '../engine/command-spec.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { LinkState, MasterLink } from './master-link.ts';
import type { Replication } from './replication.ts';

const STATE_NAMES: Readonly<Record<LinkState, string>> = {
  connect: 'connect',
  connecting: 'connecting',
  handshake: 'handshake',
  psync: 'handshake',
  transfer: 'sync',
  connected: 'connected',
};

function writeMaster({ replicas, offset }: Replication, reply: ReplyWriter): void {
  const online = [...replicas.all].filter(({ state }) => state === 'online');
  reply.array(3);
  reply.bulkText('master');
  reply.integer(offset);
  reply.array(online.length);
  for (const { host, traits, ackOffset } of online) {
    reply.array(3);
    reply.bulkText(host);
    reply.bulkText(String(traits.port));
    reply.bulkText(String(ackOffset));
  }
}

function writeReplica(link: MasterLink, reply: ReplyWriter): void {
  reply.array(5);
  reply.bulkText('slave');
  reply.bulkText(link.host);
  reply.integer(link.port);
  reply.bulkText(STATE_NAMES[link.state]);
  reply.integer(link.state === 'connected' ? link.offset : -1);
}

export function roleCommand(replication: Replication): CommandSpec {
  return {
    name: 'role',
    group: 'server',
    since: '2.8.12',
    summary: 'Tells the role of the server in replication.',
    complexity: 'O(1)',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'fast'],
    acl: ['admin', 'dangerous'],
    replies: ['array'],
    run({ reply }) {
      const { link } = replication;
      if (link === null) writeMaster(replication, reply);
      else writeReplica(link, reply);
    },
  };
}
