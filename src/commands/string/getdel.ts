// GETDEL: a string and the end of its key. https://redis.io/docs/latest/commands/getdel/

import { type Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyString } from './get.ts';

function runGetdel(call: Call): void {
  const found = call.lookupRead(1);
  if (found !== NULL_REF && !call.isString(found)) return;
  replyString(call, found);
  if (found === NULL_REF) return;
  call.db.removeFound(found);
  call.changed(1, NOTIFY_GENERIC, 'del');
  if (call.propagates) call.propagateAs(['DEL', call.args.slice(1)]);
}

export const getdel: CommandSpec = {
  name: 'getdel',
  group: 'string',
  since: '6.2.0',
  summary: 'Reads the string at a key and deletes the key.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['write', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['bulk-string', 'null'],
  run: runGetdel,
};
