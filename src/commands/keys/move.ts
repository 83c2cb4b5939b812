// MOVE key db

import { NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_DB_INDEX, ERR_SAME_OBJECT } from '../../protocol/reply-errors.ts';

export const move: CommandSpec = {
  name: 'move',
  group: 'generic',
  since: '1.0.0',
  summary: 'Moves a key to another database.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'db', type: 'integer' },
  ],
  replies: ['integer'],
  run(call, args) {
    const index = call.int32(2);
    if (call.failed()) return;
    const target = call.keyspace.databases[index];
    if (target === undefined) {
      call.reply.error(ERR_DB_INDEX);
      return;
    }
    if (target === call.db) {
      call.reply.error(ERR_SAME_OBJECT);
      return;
    }
    const key = args.slice(1);
    const ref = call.lookupWrite(1);
    if (ref === NULL_REF || target.lookup(key, 0, key.length) !== NULL_REF) {
      call.reply.integer(0);
      return;
    }
    call.db.moveTo(ref, key, 0, key.length, target, key, 0, key.length);
    call.changed(1, NOTIFY_GENERIC, 'move_from');
    call.changedIn(target, 1, NOTIFY_GENERIC, 'move_to');
    call.reply.integer(1);
  },
};
