// LTRIM key start stop. https://redis.io/docs/latest/commands/ltrim/

import { type Call, NOTIFY_GENERIC, NOTIFY_LIST } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { TYPE_LIST } from '../../structures/entry.ts';

function runLtrim(call: Call): void {
  const { reply } = call;
  const from = call.integer(2);
  const to = call.integer(3);
  if (call.failed()) return;
  const ref = call.lookupWrite(1);
  if (ref !== NULL_REF) {
    if (!call.isType(ref, TYPE_LIST)) return;
    trim(call, ref, from, to);
  }
  reply.ok();
}

function trim(call: Call, ref: number, from: number, to: number): void {
  const { lists } = call.keyspace.values;
  const count = lists.count(ref);
  const first = Math.max(from < 0 ? from + count : from, 0);
  const last = Math.min(to < 0 ? to + count : to, count - 1);
  if (first > last) {
    call.db.removeFound(ref, call.keyspace.lazyServerDel);
    call.changed(1, NOTIFY_LIST, 'ltrim', count);
    call.notify(NOTIFY_GENERIC, 'del', 1);
    return;
  }
  const behind = count - 1 - last;
  lists.deleteRange(ref, 0, first);
  lists.deleteRange(ref, -behind, behind);
  lists.shrunk(ref);
  call.changed(1, NOTIFY_LIST, 'ltrim', first + behind);
}

export const ltrim: CommandSpec = {
  name: 'ltrim',
  group: 'list',
  since: '1.0.0',
  summary: 'Cuts a list down to the elements between two numbers.',
  complexity: 'O(N) where N is the number of elements to be removed by the operation.',
  arity: 4,
  flags: ['write'],
  acl: ['list'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'start', type: 'integer' },
    { name: 'stop', type: 'integer' },
  ],
  replies: ['simple-string'],
  run: runLtrim,
};
