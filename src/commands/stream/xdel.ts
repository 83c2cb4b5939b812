// XDEL key id [id ...]. https://redis.io/docs/latest/commands/xdel/

import { type Call, NOTIFY_STREAM } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { areIds, parseId } from './ids.ts';
import { streamOf } from './replies.ts';

const FIRST_ID = 2;

function runXdel(call: Call): void {
  const { args, reply } = call;
  const { streams } = call.keyspace.values;
  const { id, last } = streams.work;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.integer(0);
    return;
  }
  const stream = streamOf(call, ref);
  if (stream === NULL_REF || !areIds(call, FIRST_ID, id)) return;
  let deleted = 0;
  let losesFirst = false;
  for (let i = FIRST_ID; i < args.count; i++) {
    parseId(call, i, id);
    if (!streams.delete(stream, id)) continue;
    deleted++;
    streams.loadFirstId(stream, last);
    if (id.equals(last)) losesFirst = true;
    streams.loadMaxDeletedId(stream, last);
    if (id.compare(last) > 0) streams.setMaxDeletedId(stream, id);
  }
  if (deleted > 0) {
    if (losesFirst || streams.length(stream) === 0) streams.updateFirstId(stream);
    call.changed(1, NOTIFY_STREAM, 'xdel', deleted);
  }
  reply.integer(deleted);
}

export const xdel: CommandSpec = {
  name: 'xdel',
  group: 'stream',
  since: '5.0.0',
  summary: 'Deletes entries of a stream and tells how many there were.',
  complexity: 'O(1) for each single item to delete in the stream, regardless of the stream size.',
  arity: -3,
  flags: ['write', 'fast'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'id', type: 'string', multiple: true },
  ],
  replies: ['integer'],
  run: runXdel,
};
