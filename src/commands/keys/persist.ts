// PERSIST key

import { NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

export const persist: CommandSpec = {
  name: 'persist',
  group: 'generic',
  since: '2.2.0',
  summary: 'Takes the expiry away from a key.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run(call) {
    const ref = call.lookupWrite(1);
    if (ref === NULL_REF || !call.db.clearExpiry(ref)) {
      call.reply.integer(0);
      return;
    }
    call.changed(1, NOTIFY_GENERIC, 'persist');
    call.reply.integer(1);
  },
};
