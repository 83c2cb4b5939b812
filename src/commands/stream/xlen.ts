// XLEN key. https://redis.io/docs/latest/commands/xlen/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { streamOf } from './replies.ts';

function runXlen(call: Call): void {
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  const stream = streamOf(call, ref);
  if (stream !== NULL_REF) call.reply.integer(call.keyspace.values.streams.length(stream));
}

export const xlen: CommandSpec = {
  name: 'xlen',
  group: 'stream',
  since: '5.0.0',
  summary: 'Counts the entries of a stream.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['stream'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runXlen,
};
