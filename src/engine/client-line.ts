// The line by which CLIENT LIST, CLIENT INFO and the log show a client: fields and order of Redis
// 7.2. https://redis.io/docs/latest/commands/client-list/

import { untilNul } from '../bytes/ascii.ts';
import { type Client, MODE_MONITOR, MODE_MULTI, MODE_SUBSCRIBER } from './client.ts';
import { ClientMemory } from './client-memory.ts';

function flagsOf(client: Client): string {
  let flags = '';
  if (client.replica !== null) flags += 'S';
  if (client.isMaster) flags += 'M';
  if ((client.modes & MODE_MONITOR) !== 0) flags += 'O';
  if ((client.modes & MODE_SUBSCRIBER) !== 0) flags += 'P';
  if ((client.modes & MODE_MULTI) !== 0) flags += 'x';
  if (client.hold !== 'none') flags += 'b';
  if (client.tracking?.isOn === true) flags += 't';
  if (client.tracking?.isBroken === true) flags += 'R';
  if (client.tracking?.isBroadcast === true) flags += 'B';
  if (client.transaction?.isDirty === true) flags += 'd';
  if (client.closing) flags += 'c';
  if (client.transport.isUnix) flags += 'U';
  if (client.noEvict) flags += 'e';
  if (client.noTouch) flags += 'T';
  return flags === '' ? 'N' : flags;
}

/** The client's line without a line end. @param nowMs time in ms of the Unix epoch. */
export function describeClient(client: Client, nowMs: number): string {
  const { transport, subscriptions } = client;
  const sizes = transport.bufferSizes();
  const seconds = (sinceMs: number): number => Math.floor(Math.max(0, nowMs - sinceMs) / 1000);
  const multi = (client.modes & MODE_MULTI) === 0 ? -1 : (client.transaction?.count ?? 0);
  return (
    `id=${client.id} addr=${transport.remoteAddress} ` +
    `laddr=${transport.localAddress} fd=${transport.fd} ` +
    `name=${untilNul(client.name)} age=${seconds(client.createdMs)} ` +
    `idle=${seconds(client.lastInteractionMs)} flags=${flagsOf(client)} ` +
    `db=${client.db.id} sub=${subscriptions?.channels.size ?? 0} ` +
    `psub=${subscriptions?.patterns.size ?? 0} ` +
    `ssub=${subscriptions?.shards.size ?? 0} multi=${multi} ` +
    `qbuf=${sizes.queryBytes} qbuf-free=${sizes.queryFreeBytes} ` +
    `argv-mem=${sizes.argumentBytes} multi-mem=${client.multiBytes} ` +
    `rbs=${sizes.replyBufferBytes} rbp=${sizes.replyBufferPosition} ` +
    `obl=${sizes.replyBufferPosition} oll=${sizes.outputChunks} ` +
    `omem=${sizes.outputBytes + (client.replica?.waitingBytes ?? 0)} ` +
    `tot-mem=${ClientMemory.bytesOf(client)} events=r ` +
    `cmd=${client.lastCommand?.fullName ?? 'NULL'} ` +
    `user=${client.isMaster ? '(superuser)' : client.user.name} ` +
    `redir=${client.tracking?.isOn === true ? client.tracking.redirectId : -1} ` +
    `resp=${client.resp3 ? 3 : 2} lib-name=${untilNul(client.libName)} ` +
    `lib-ver=${untilNul(client.libVersion)}`
  );
}
