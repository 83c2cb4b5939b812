// REPLCONF option value [option value ...]: what a replica says of itself and how far it is; what a
// master asks of it. An internal command of replication.

import type { Call } from '../engine/call.ts';
import type { Client } from '../engine/client.ts';
import type { CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { splitInline } from '../protocol/inline.ts';
import {
  ERR_NOT_INTEGER,
  ERR_SYNTAX,
  type ReplyError,
  replyError,
} from '../protocol/reply-errors.ts';
import type { Replication } from './replication.ts';

/** As long as Redis's NET_HOST_STR_LEN. */
const MAX_ADDRESS_LENGTH = 256;
const NOT_ZERO_OR_ONE = replyError('ERR value is out of range, must be between 0 and 1');

/** `ack`: the replica has applied the stream up to an offset. Nothing is answered. */
function onAck(replication: Replication, client: Client, args: Args, i: number): void {
  const replica = replication.replicas.of(client);
  if (replica === null) return;
  const offset = args.integer(i + 1);
  if (Number.isNaN(offset)) return;
  replica.ackOffset = Math.max(replica.ackOffset, offset);
  if (args.count > i + 3 && args.latin1(i + 2).toLowerCase() === 'fack') {
    const aofOffset = args.integer(i + 3);
    if (Number.isNaN(aofOffset)) return;
    replica.aofOffset = Math.max(replica.aofOffset, aofOffset);
  }
  replica.ackMs = replication.server.clock.nowMs();
  if (replica.startsOnAck && replica.state === 'online') {
    replica.startsOnAck = false;
    replica.streams = true;
    replication.replicas.plan();
  }
  replication.onAck();
}

/** `rdb-filter-only`: of all parts of a snapshot only those that are named. */
function setFilter(
  replication: Replication,
  client: Client,
  args: Args,
  i: number,
): ReplyError | null {
  const offset = args.offsets[i]!;
  const words = splitInline(args.bytes, offset, offset + args.lengths[i]!);
  if (words === null) return replyError('ERR Missing rdb-filter-only values');
  const traits = replication.replicas.traitsOf(client);
  traits.excludesData = true;
  traits.excludesFunctions = true;
  for (const word of words) {
    const name = Buffer.from(word).toString('latin1');
    if (name.toLowerCase() !== 'functions') {
      return replyError(`ERR Unsupported rdb-filter-only option: ${name}`);
    }
    traits.excludesFunctions = false;
  }
  return null;
}

/** Sets one option. @returns an error, null to go on, or 'silent' when nothing is answered. */
function setOption(
  replication: Replication,
  call: Call,
  args: Args,
  i: number,
): ReplyError | 'silent' | null {
  const { client } = call;
  const traits = replication.replicas.traitsOf(client);
  const option = args.shown(i);
  switch (option.toLowerCase()) {
    case 'listening-port': {
      const port = args.integer(i + 1);
      if (Number.isNaN(port)) return ERR_NOT_INTEGER;
      traits.port = port;
      return null;
    }
    case 'ip-address': {
      const address = args.latin1(i + 1);
      if (address.length >= MAX_ADDRESS_LENGTH) {
        return replyError(
          `ERR REPLCONF ip-address provided by replica instance is too long: ${address.length} bytes`,
        );
      }
      traits.address = address;
      return null;
    }
    case 'capa': {
      const name = args.latin1(i + 1).toLowerCase();
      if (name === 'eof') traits.readsToMark = true;
      else if (name === 'psync2') traits.followsIds = true;
      return null;
    }
    case 'ack':
      onAck(replication, client, args, i);
      return 'silent';
    case 'getack':
      if (client.isMaster) replication.link?.requestAck();
      return 'silent';
    case 'rdb-only': {
      const value = args.integer(i + 1);
      if (Number.isNaN(value)) return ERR_NOT_INTEGER;
      if (value !== 0 && value !== 1) return NOT_ZERO_OR_ONE;
      traits.wantsSnapshotOnly = value === 1;
      return null;
    }
    case 'rdb-filter-only':
      return setFilter(replication, client, args, i + 1);
    default:
      return replyError(`ERR Unrecognized REPLCONF option: ${option}`);
  }
}

export function replconfCommand(replication: Replication): CommandSpec {
  return {
    name: 'replconf',
    group: 'server',
    since: '3.0.0',
    summary: 'Configures replication: an internal command.',
    complexity: 'O(1)',
    arity: -1,
    flags: ['admin', 'noscript', 'loading', 'stale', 'allow_busy'],
    docFlags: ['syscmd'],
    replies: ['simple-string'],
    run(call, args) {
      if (args.count % 2 === 0) {
        call.reply.error(ERR_SYNTAX);
        return;
      }
      for (let i = 1; i < args.count; i += 2) {
        const outcome = setOption(replication, call, args, i);
        if (outcome === 'silent') return;
        if (outcome === null) continue;
        call.reply.error(outcome);
        return;
      }
      call.reply.ok();
    },
  };
}
