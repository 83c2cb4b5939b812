// LMPOP numkeys key [key ...] LEFT|RIGHT [COUNT count], and BLMPOP, which has a timeout before all
// that and waits for elements. https://redis.io/docs/latest/commands/lmpop/

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, replyError } from '../../protocol/reply-errors.ts';
import { TYPE_LIST } from '../../structures/entry.ts';
import { popCounted } from './list-pop.ts';
import { INVALID_SIDE, readSide, SIDE_HEAD } from './list-sides.ts';

const COUNT = Call.word('COUNT');
const ERR_NUMKEYS = replyError('ERR numkeys should be greater than 0');
const ERR_COUNT = replyError('ERR count should be greater than 0');

/** The arguments of one LMPOP; where `isValid` is false the error has been written. */
interface Request {
  readonly isValid: boolean;
  readonly firstKey: number;
  readonly lastKey: number;
  readonly atHead: boolean;
  readonly count: number;
}

const INVALID: Request = { isValid: false, firstKey: 0, lastKey: 0, atHead: false, count: 0 };

function refuse(call: Call): Request {
  call.reply.error(ERR_SYNTAX);
  return INVALID;
}

function readRequest(call: Call, numkeysIndex: number): Request {
  const { args } = call;
  const keyCount = call.integer(numkeysIndex, ERR_NUMKEYS);
  if (keyCount < 1) call.fail(ERR_NUMKEYS);
  if (call.failed()) return INVALID;
  const sideIndex = numkeysIndex + keyCount + 1;
  if (sideIndex >= args.count) return refuse(call);
  const side = readSide(call, sideIndex);
  if (side === INVALID_SIDE) return INVALID;
  let count = 1;
  if (args.count > sideIndex + 1) {
    if (args.count === sideIndex + 2 || !args.is(sideIndex + 1, COUNT)) return refuse(call);
    count = call.integer(sideIndex + 2, ERR_COUNT);
    if (count < 1) call.fail(ERR_COUNT);
    if (call.failed()) return INVALID;
    if (args.count > sideIndex + 3) return refuse(call);
  }
  return {
    isValid: true,
    firstKey: numkeysIndex + 1,
    lastKey: sideIndex - 1,
    atHead: side === SIDE_HEAD,
    count,
  };
}

/** Pops from the first list there is. @returns false when there is none, and no reply yet. */
function popFirst(call: Call, { firstKey, lastKey, atHead, count }: Request): boolean {
  const { args, reply } = call;
  const { lists } = call.keyspace.values;
  for (let i = firstKey; i <= lastKey; i++) {
    const ref = call.lookupWrite(i);
    if (ref === NULL_REF) continue;
    if (!call.isType(ref, TYPE_LIST)) return true;
    const popped = Math.min(count, lists.count(ref));
    reply.array(2);
    reply.bulk(args.bytes, args.offsets[i]!, args.lengths[i]!);
    popCounted(call, ref, i, atHead, count);
    if (call.propagates) {
      call.propagateAs([atHead ? 'LPOP' : 'RPOP', args.slice(i), String(popped)]);
    }
    return true;
  }
  return false;
}

function runLmpop(call: Call): void {
  const request = readRequest(call, 1);
  if (request.isValid && !popFirst(call, request)) call.reply.nullArray();
}

function runBlmpop(call: Call): void {
  const request = readRequest(call, 2);
  if (!request.isValid) return;
  const timeoutMs = call.timeoutMs(1);
  if (call.failed() || popFirst(call, request)) return;
  if (call.mayBlock) call.block(TYPE_LIST, request.firstKey, request.lastKey, timeoutMs);
  else call.reply.nullArray();
}

export const lmpop: CommandSpec = {
  name: 'lmpop',
  group: 'list',
  since: '7.0.0',
  summary: 'Takes elements from an end of the first list that has any.',
  complexity:
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
  arity: -4,
  flags: ['write'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    {
      name: 'where',
      type: 'oneof',
      args: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  replies: ['array', 'null'],
  run: runLmpop,
};

export const blmpop: CommandSpec = {
  name: 'blmpop',
  group: 'list',
  since: '7.0.0',
  summary: 'Takes elements as LMPOP does, waiting when no list has any.',
  complexity:
    'O(N+M) where N is the number of provided keys and M is the number of elements returned.',
  arity: -5,
  flags: ['write', 'blocking'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 2 },
      find: { keynumIndex: 0, firstKey: 1, step: 1 },
    },
  ],
  args: [
    { name: 'timeout', type: 'double' },
    { name: 'numkeys', type: 'integer' },
    { name: 'key', type: 'key', keySpecIndex: 0, multiple: true },
    {
      name: 'where',
      type: 'oneof',
      args: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  replies: ['array', 'null'],
  run: runBlmpop,
};
