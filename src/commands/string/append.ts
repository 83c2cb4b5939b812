// APPEND: adds to the end of a string. https://redis.io/docs/latest/commands/append/

import { copyBytes } from '../../bytes/copy.ts';
import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_STRING_TOO_LONG } from '../../protocol/reply-errors.ts';

function runAppend(call: Call): void {
  const { args, strings, reply } = call;
  const added = args.lengths[2] ?? 0;
  const found = call.lookupWrite(1);
  if (found === NULL_REF) {
    call.setString(found, 1, 2, false);
    call.changed(1, NOTIFY_STRING, 'append');
    reply.integer(added);
    return;
  }
  if (!call.isString(found)) return;
  strings.view(found);
  const before = strings.length;
  const total = before + added;
  if (total > call.settings.protoMaxBulkBytes) {
    reply.error(ERR_STRING_TOO_LONG);
    return;
  }
  strings.view(call.editString(found, 1, total));
  copyBytes(strings.bytes, strings.offset + before, args.bytes, args.offsets[2] ?? 0, added);
  call.changed(1, NOTIFY_STRING, 'append');
  reply.integer(total);
}

export const append: CommandSpec = {
  name: 'append',
  group: 'string',
  since: '2.0.0',
  summary: 'Adds bytes to the end of a string, creating the key when it is missing.',
  complexity:
    'O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present value is of any size, since the dynamic string library used by Redis will double the free space available on every reallocation.',
  arity: 3,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
  run: runAppend,
};
