// LMOVE and RPOPLPUSH, and BLMOVE and BRPOPLPUSH, which wait for an element.
// https://redis.io/docs/latest/commands/lmove/

import { type Call, NOTIFY_LIST } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ENCODING_LISTPACK, TYPE_LIST } from '../../structures/entry.ts';
import { elementsRemoved } from './list-pop.ts';
import { INVALID_SIDE, readSide, SIDE_HEAD } from './list-sides.ts';

/** Moves an element of the list in argument 1 to that in argument 2. @returns whether it did. */
function moveElement(call: Call, fromHead: boolean, toHead: boolean): boolean {
  const { reply } = call;
  const { lists } = call.keyspace.values;
  const source = call.lookupWrite(1);
  if (source === NULL_REF) {
    reply.null();
    return false;
  }
  if (!call.isType(source, TYPE_LIST)) return false;
  let target = call.lookupWrite(2);
  if (target !== NULL_REF && !call.isType(target, TYPE_LIST)) return false;
  lists.pop(source, fromHead);
  const { popped, poppedLength } = lists;
  if (target === NULL_REF) {
    target = call.insertValue(2, TYPE_LIST, ENCODING_LISTPACK, lists.create());
  }
  lists.makeRoom(target, poppedLength, 1);
  lists.push(target, toHead, popped, 0, poppedLength);
  reply.bulk(popped, 0, poppedLength);
  call.changed(2, NOTIFY_LIST, toHead ? 'lpush' : 'rpush', 0);
  call.lookupQuietly(1);
  elementsRemoved(call, source, 1, fromHead ? 'lpop' : 'rpop', 1);
  return true;
}

function runLmove(call: Call): void {
  const from = readSide(call, 3);
  const to = from === INVALID_SIDE ? INVALID_SIDE : readSide(call, 4);
  if (to === INVALID_SIDE) return;
  moveElement(call, from === SIDE_HEAD, to === SIDE_HEAD);
}

/** Moves an element, or waits for one. @returns whether one was moved. */
function moveOrWait(call: Call, fromHead: boolean, toHead: boolean, timeoutMs: number): boolean {
  const source = call.lookupWrite(1);
  if (source !== NULL_REF) return moveElement(call, fromHead, toHead);
  if (call.mayBlock) call.block(TYPE_LIST, 1, 1, timeoutMs);
  else call.reply.null();
  return false;
}

function runBlmove(call: Call): void {
  const { args } = call;
  const from = readSide(call, 3);
  const to = from === INVALID_SIDE ? INVALID_SIDE : readSide(call, 4);
  if (to === INVALID_SIDE) return;
  const timeoutMs = call.timeoutMs(5);
  if (call.failed()) return;
  const moved = moveOrWait(call, from === SIDE_HEAD, to === SIDE_HEAD, timeoutMs);
  if (!moved || !call.propagates) return;
  call.propagateAs(['LMOVE', args.slice(1), args.slice(2), args.slice(3), args.slice(4)]);
}

function runBrpoplpush(call: Call): void {
  const { args } = call;
  const timeoutMs = call.timeoutMs(3);
  if (call.failed()) return;
  const moved = moveOrWait(call, false, true, timeoutMs);
  if (moved && call.propagates) {
    call.propagateAs(['RPOPLPUSH', args.slice(1), args.slice(2)]);
  }
}

export const lmove: CommandSpec = {
  name: 'lmove',
  group: 'list',
  since: '6.2.0',
  summary: 'Takes an element from one end of a list and adds it to an end of another.',
  complexity: 'O(1)',
  arity: 5,
  flags: ['write', 'denyoom'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'source', type: 'key', keySpecIndex: 0 },
    { name: 'destination', type: 'key', keySpecIndex: 1 },
    {
      name: 'wherefrom',
      type: 'oneof',
      args: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    {
      name: 'whereto',
      type: 'oneof',
      args: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
  ],
  replies: ['bulk-string', 'null'],
  run: runLmove,
};

export const rpoplpush: CommandSpec = {
  name: 'rpoplpush',
  group: 'list',
  since: '1.2.0',
  summary: 'Takes the last element of a list and adds it at the head of another.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'denyoom'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'source', type: 'key', keySpecIndex: 0 },
    { name: 'destination', type: 'key', keySpecIndex: 1 },
  ],
  deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
  docFlags: ['deprecated'],
  replies: ['bulk-string', 'null'],
  run: (call) => moveElement(call, false, true),
};

export const blmove: CommandSpec = {
  name: 'blmove',
  group: 'list',
  since: '6.2.0',
  summary: 'Moves an element between lists as LMOVE does, waiting for one when there is none.',
  complexity: 'O(1)',
  arity: 6,
  flags: ['write', 'denyoom', 'blocking'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'source', type: 'key', keySpecIndex: 0 },
    { name: 'destination', type: 'key', keySpecIndex: 1 },
    {
      name: 'wherefrom',
      type: 'oneof',
      args: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    {
      name: 'whereto',
      type: 'oneof',
      args: [
        { name: 'left', type: 'pure-token', token: 'LEFT' },
        { name: 'right', type: 'pure-token', token: 'RIGHT' },
      ],
    },
    { name: 'timeout', type: 'double' },
  ],
  replies: ['bulk-string', 'null'],
  run: runBlmove,
};

export const brpoplpush: CommandSpec = {
  name: 'brpoplpush',
  group: 'list',
  since: '2.2.0',
  summary: 'Moves an element between lists as RPOPLPUSH does, waiting for one when there is none.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'blocking'],
  acl: ['list'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['RW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'source', type: 'key', keySpecIndex: 0 },
    { name: 'destination', type: 'key', keySpecIndex: 1 },
    { name: 'timeout', type: 'double' },
  ],
  history: [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']],
  deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
  docFlags: ['deprecated'],
  replies: ['bulk-string', 'null'],
  run: runBrpoplpush,
};
