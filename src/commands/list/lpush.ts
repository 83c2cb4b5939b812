// LPUSH, LPUSHX, RPUSH and RPUSHX key element [element ...]
// https://redis.io/docs/latest/commands/lpush/

import { type Call, NOTIFY_LIST } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ENCODING_LISTPACK, TYPE_LIST } from '../../structures/entry.ts';

function runPush(call: Call, atHead: boolean, onlyExisting: boolean): void {
  const { args, reply } = call;
  const { lists } = call.keyspace.values;
  let ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    if (onlyExisting) {
      reply.integer(0);
      return;
    }
    ref = call.insertValue(1, TYPE_LIST, ENCODING_LISTPACK, lists.create());
  } else if (!call.isType(ref, TYPE_LIST)) return;
  const { bytes, count, lengths, offsets } = args;
  if (count === 3) {
    const total = lists.pushAtEnd(ref, atHead, bytes, offsets[2]!, lengths[2]!);
    if (total !== 0) {
      reply.integer(total);
      call.changed(1, NOTIFY_LIST, atHead ? 'lpush' : 'rpush', 1);
      return;
    }
  }
  let addedBytes = 0;
  for (let i = 2; i < count; i++) addedBytes += lengths[i]!;
  lists.makeRoom(ref, addedBytes, count - 2);
  for (let i = 2; i < count; i++) lists.push(ref, atHead, bytes, offsets[i]!, lengths[i]!);
  reply.integer(lists.count(ref));
  call.changed(1, NOTIFY_LIST, atHead ? 'lpush' : 'rpush', count - 2);
}

export const lpush: CommandSpec = {
  name: 'lpush',
  group: 'list',
  since: '1.0.0',
  summary: 'Adds elements at the head of a list, creating the key when it is missing.',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'element', type: 'string', multiple: true },
  ],
  history: [['2.4.0', 'Accepts multiple `element` arguments.']],
  replies: ['integer'],
  run: (call) => runPush(call, true, false),
};

export const lpushx: CommandSpec = {
  name: 'lpushx',
  group: 'list',
  since: '2.2.0',
  summary: 'Adds elements at the head of a list that exists.',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'element', type: 'string', multiple: true },
  ],
  history: [['4.0.0', 'Accepts multiple `element` arguments.']],
  replies: ['integer'],
  run: (call) => runPush(call, true, true),
};

export const rpush: CommandSpec = {
  name: 'rpush',
  group: 'list',
  since: '1.0.0',
  summary: 'Adds elements at the tail of a list, creating the key when it is missing.',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'element', type: 'string', multiple: true },
  ],
  history: [['2.4.0', 'Accepts multiple `element` arguments.']],
  replies: ['integer'],
  run: (call) => runPush(call, false, false),
};

export const rpushx: CommandSpec = {
  name: 'rpushx',
  group: 'list',
  since: '2.2.0',
  summary: 'Adds elements at the tail of a list that exists.',
  complexity:
    'O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments.',
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'element', type: 'string', multiple: true },
  ],
  history: [['4.0.0', 'Accepts multiple `element` arguments.']],
  replies: ['integer'],
  run: (call) => runPush(call, false, true),
};
