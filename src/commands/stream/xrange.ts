// XRANGE key start end [COUNT n] and XREVRANGE key end start [COUNT n].
// https://redis.io/docs/latest/commands/xrange/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_INTEGER, ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { readBound } from './ids.ts';
import { replyRange, streamOf } from './replies.ts';

const COUNT = Call.word('COUNT');
const NO_COUNT = -1;
const FIRST_OPTION = 4;

function runXrange(call: Call, isReverse: boolean): void {
  const { args, reply } = call;
  const { from, to } = call.keyspace.values.streams.work;
  if (!readBound(call, isReverse ? 3 : 2, from, false)) return;
  if (!readBound(call, isReverse ? 2 : 3, to, true)) return;
  let count = NO_COUNT;
  for (let i = FIRST_OPTION; i < args.count; i += 2) {
    if (i + 1 === args.count || !args.is(i, COUNT)) {
      reply.error(ERR_SYNTAX);
      return;
    }
    count = args.integer(i + 1);
    if (Number.isNaN(count)) {
      reply.error(ERR_NOT_INTEGER);
      return;
    }
    if (count < 0) count = 0;
  }
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    reply.array(0);
    return;
  }
  const stream = streamOf(call, ref);
  if (stream === NULL_REF) return;
  if (count === 0) reply.nullArray();
  else replyRange(call, stream, from, to, count === NO_COUNT ? 0 : count, isReverse);
}

export const xrange: CommandSpec = {
  name: 'xrange',
  group: 'stream',
  since: '5.0.0',
  summary: 'Reads the entries of a stream between two IDs.',
  complexity:
    'O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).',
  arity: -4,
  flags: ['readonly'],
  acl: ['stream'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'string' },
    { name: 'end', type: 'string' },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  history: [['6.2.0', 'Added exclusive ranges.']],
  replies: ['array', 'null'],
  run: (call) => runXrange(call, false),
};

export const xrevrange: CommandSpec = {
  name: 'xrevrange',
  group: 'stream',
  since: '5.0.0',
  summary: 'Reads the entries of a stream between two IDs, the last one first.',
  complexity:
    'O(N) with N being the number of elements returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).',
  arity: -4,
  flags: ['readonly'],
  acl: ['stream'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'end', type: 'string' },
    { name: 'start', type: 'string' },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  history: [['6.2.0', 'Added exclusive ranges.']],
  replies: ['array', 'null'],
  run: (call) => runXrange(call, true),
};
