// XREAD [COUNT n] [BLOCK ms] STREAMS key [key ...] id [id ...].
// https://redis.io/docs/latest/commands/xread/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_STREAM, valueWordOf } from '../../structures/entry.ts';
import { streamIdText } from '../../values/stream-id-text.ts';
import { DeferredHeader } from './deferred.ts';
import { isDollar, parseId } from './ids.ts';
import { checkStreams, isPlus, readOptions } from './read-options.ts';
import { replyRange } from './replies.ts';

function runXread(call: Call): void {
  const { args, reply } = call;
  if (!readOptions(call, false) || !checkStreams(call)) return;
  const { request, from, to } = call.keyspace.values.streams.work;
  const { firstKey, streamCount, count } = request;
  const header = new DeferredHeader();
  let served = 0;
  for (let i = firstKey; i < firstKey + streamCount; i++) {
    const stream = findNews(call, i, i + streamCount);
    if (stream === NULL_REF) continue;
    if (served++ === 0) header.open(reply, streamCount);
    if (!reply.resp3) reply.array(2);
    reply.bulk(args.bytes, args.offsets[i]!, args.lengths[i]!);
    to.setMaximum();
    replyRange(call, stream, from, to, count, false);
  }
  if (served > 0) header.closeMapOfPairs(reply, served);
  else if (request.timeoutMs < 0 || !call.mayBlock) reply.nullArray();
  else wait(call);
}

/** The stream at a key if it has entries beyond the ID, whose first is `from` then; else 0. */
function findNews(call: Call, keyIndex: number, idIndex: number): number {
  const { streams } = call.keyspace.values;
  const { from, last } = streams.work;
  // The second look counts and tells of a miss as the first did, as in Redis.
  const ref = call.lookupRead(keyIndex);
  if (ref === NULL_REF || isDollar(call, idIndex)) return NULL_REF;
  const stream = valueWordOf(call.keyspace.arena, ref);
  if (!streams.loadEdgeId(stream, true, false, last)) return NULL_REF;
  if (isPlus(call, idIndex)) {
    from.copyFrom(last);
    return stream;
  }
  parseId(call, idIndex, from);
  if (last.compare(from) <= 0) return NULL_REF;
  from.increment();
  return stream;
}

function wait(call: Call): void {
  const { args } = call;
  const { streams } = call.keyspace.values;
  const { firstKey, streamCount, timeoutMs } = streams.work.request;
  const lastKey = firstKey + streamCount - 1;
  const { last } = streams.work;
  let isOpen = false;
  for (let i = firstKey + streamCount; i < args.count; i++) {
    if (isDollar(call, i) || isPlus(call, i)) isOpen = true;
  }
  if (!isOpen) {
    call.block(TYPE_STREAM, firstKey, lastKey, timeoutMs);
    return;
  }
  // What `$` means is settled now: the command runs again when there is more.
  const repeatAs: (string | Uint8Array)[] = [];
  for (let i = 0; i < args.count; i++) {
    const isId = i >= firstKey + streamCount;
    if (!isId || !(isDollar(call, i) || isPlus(call, i))) repeatAs.push(args.slice(i));
    else {
      const ref = call.lookupQuietly(i - streamCount);
      if (ref === NULL_REF) last.setMinimum();
      else streams.loadLastId(valueWordOf(call.keyspace.arena, ref), last);
      repeatAs.push(streamIdText(last));
    }
  }
  call.block(TYPE_STREAM, firstKey, lastKey, timeoutMs, { repeatAs });
}

export const xread: CommandSpec = {
  name: 'xread',
  group: 'stream',
  since: '5.0.0',
  summary: 'Reads the entries of streams beyond given IDs, waiting for some if asked to.',
  complexity: '',
  arity: -4,
  flags: ['blocking', 'readonly'],
  acl: ['stream'],
  keys: [
    {
      flags: ['RO', 'access'],
      begin: { keyword: 'STREAMS', startFrom: 1 },
      find: { lastKey: -1, step: 1, limit: 2 },
    },
  ],
  args: [
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
    { name: 'milliseconds', type: 'integer', token: 'BLOCK', optional: true },
    {
      name: 'streams',
      type: 'block',
      token: 'STREAMS',
      args: [
        { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
        { name: 'id', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['map', 'array', 'null'],
  run: runXread,
};
