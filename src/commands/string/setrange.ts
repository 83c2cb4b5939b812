// SETRANGE: overwrites a part of a string. https://redis.io/docs/latest/commands/setrange/

import { copyBytes } from '../../bytes/copy.ts';
import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_OFFSET, ERR_STRING_TOO_LONG } from '../../protocol/reply-errors.ts';

function runSetrange(call: Call): void {
  const { args, strings, reply } = call;
  const offset = call.integerIn(2, 0, Number.POSITIVE_INFINITY, ERR_OFFSET);
  if (call.failed()) return;
  const written = args.lengths[3] ?? 0;
  const found = call.lookupWrite(1);
  let before = 0;
  if (found !== NULL_REF) {
    if (!call.isString(found)) return;
    strings.view(found);
    before = strings.length;
  }
  if (written === 0) {
    reply.integer(before);
    return;
  }
  if (offset + written > call.settings.protoMaxBulkBytes) {
    reply.error(ERR_STRING_TOO_LONG);
    return;
  }
  const total = Math.max(before, offset + written);
  strings.view(call.editString(found, 1, total));
  copyBytes(strings.bytes, strings.offset + offset, args.bytes, args.offsets[3] ?? 0, written);
  call.changed(1, NOTIFY_STRING, 'setrange');
  reply.integer(total);
}

export const setrange: CommandSpec = {
  name: 'setrange',
  group: 'string',
  since: '2.2.0',
  summary: 'Overwrites a part of a string from an offset on; zero bytes fill a gap before it.',
  complexity:
    'O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'offset', type: 'integer' },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
  run: runSetrange,
};
