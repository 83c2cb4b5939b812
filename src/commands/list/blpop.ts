// BLPOP and BRPOP key [key ...] timeout. https://redis.io/docs/latest/commands/blpop/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_LIST } from '../../structures/entry.ts';
import { popOne } from './list-pop.ts';

function runBlockingPop(call: Call, atHead: boolean): void {
  const { args, reply } = call;
  const lastKey = args.count - 2;
  const timeoutMs = call.timeoutMs(args.count - 1);
  if (call.failed()) return;
  for (let i = 1; i <= lastKey; i++) {
    const ref = call.lookupWrite(i);
    if (ref === NULL_REF) continue;
    if (!call.isType(ref, TYPE_LIST)) return;
    reply.array(2);
    reply.bulk(args.bytes, args.offsets[i]!, args.lengths[i]!);
    popOne(call, ref, i, atHead);
    if (call.propagates) call.propagateAs([atHead ? 'LPOP' : 'RPOP', args.slice(i)]);
    return;
  }
  if (call.mayBlock) call.block(TYPE_LIST, 1, lastKey, timeoutMs);
  else reply.nullArray();
}

export const blpop: CommandSpec = {
  name: 'blpop',
  group: 'list',
  since: '2.0.0',
  summary: 'Takes the first element of the first list that has one, waiting when none has.',
  complexity: 'O(N) where N is the number of provided keys.',
  arity: -3,
  flags: ['write', 'blocking'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: -2, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  replies: ['array', 'null'],
  run: (call) => runBlockingPop(call, true),
};

export const brpop: CommandSpec = {
  name: 'brpop',
  group: 'list',
  since: '2.0.0',
  summary: 'Takes the last element of the first list that has one, waiting when none has.',
  complexity: 'O(N) where N is the number of provided keys.',
  arity: -3,
  flags: ['write', 'blocking'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: -2, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  replies: ['array', 'null'],
  run: (call) => runBlockingPop(call, false),
};
