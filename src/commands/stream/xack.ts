// XACK key group id [id ...]. https://redis.io/docs/latest/commands/xack/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { findGroup } from './consumers.ts';
import { areIds, parseId } from './ids.ts';
import { streamOf } from './replies.ts';

const FIRST_ID = 3;

function runXack(call: Call): void {
  const { args, reply } = call;
  const { groups, work } = call.keyspace.values.streams;
  const ref = call.lookupRead(1);
  let group = NULL_REF;
  if (ref !== NULL_REF) {
    const stream = streamOf(call, ref);
    if (stream === NULL_REF) return;
    group = findGroup(call, stream, 2);
  }
  if (group === NULL_REF) {
    reply.integer(0);
    return;
  }
  if (!areIds(call, FIRST_ID, work.id)) return;
  let acknowledged = 0;
  for (let i = FIRST_ID; i < args.count; i++) {
    parseId(call, i, work.id);
    if (groups.acknowledge(group, work.id)) acknowledged++;
  }
  call.dirty += acknowledged;
  reply.integer(acknowledged);
}

export const xack: CommandSpec = {
  name: 'xack',
  group: 'stream',
  since: '5.0.0',
  summary: 'Says that a group has dealt with entries that it was given.',
  complexity: 'O(1) for each message ID processed.',
  arity: -4,
  flags: ['write', 'fast'],
  acl: ['stream'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'group', type: 'string' },
    { name: 'id', type: 'string', multiple: true },
  ],
  replies: ['integer'],
  run: runXack,
};
