// LPOP and RPOP key [count]. https://redis.io/docs/latest/commands/lpop/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_POSITIVE, wrongArity } from '../../protocol/reply-errors.ts';
import { TYPE_LIST } from '../../structures/entry.ts';
import { popCounted, popOne } from './list-pop.ts';

function runPop(call: Call, atHead: boolean): void {
  const { args, reply } = call;
  if (args.count > 2) {
    popSeveral(call, atHead);
    return;
  }
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) reply.null();
  else if (call.isType(ref, TYPE_LIST)) popOne(call, ref, 1, atHead);
}

function popSeveral(call: Call, atHead: boolean): void {
  const { args, reply } = call;
  if (args.count > 3) {
    reply.error(wrongArity(call.command.fullName));
    return;
  }
  const count = call.integer(2, ERR_NOT_POSITIVE);
  if (count < 0) call.fail(ERR_NOT_POSITIVE);
  if (call.failed()) return;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) reply.nullArray();
  else if (call.isType(ref, TYPE_LIST)) popCounted(call, ref, 1, atHead, count);
}

export const lpop: CommandSpec = {
  name: 'lpop',
  group: 'list',
  since: '1.0.0',
  summary: 'Takes elements from the head of a list.',
  complexity: 'O(N) where N is the number of elements returned',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer', since: '6.2.0', optional: true },
  ],
  history: [['6.2.0', 'Added the `count` argument.']],
  replies: ['bulk-string', 'array', 'null'],
  run: (call) => runPop(call, true),
};

export const rpop: CommandSpec = {
  name: 'rpop',
  group: 'list',
  since: '1.0.0',
  summary: 'Takes elements from the tail of a list.',
  complexity: 'O(N) where N is the number of elements returned',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer', since: '6.2.0', optional: true },
  ],
  history: [['6.2.0', 'Added the `count` argument.']],
  replies: ['bulk-string', 'array', 'null'],
  run: (call) => runPop(call, false),
};
