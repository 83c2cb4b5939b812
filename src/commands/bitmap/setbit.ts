// SETBIT: sets or clears one bit of a string. https://redis.io/docs/latest/commands/setbit/

import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { readBitOffset } from './bit-offset.ts';

const ERR_BIT = replyError('ERR bit is not an integer or out of range');

function runSetbit(call: Call): void {
  const offset = readBitOffset(call, 2, 0);
  const bit = call.args.integer(3);
  if (bit !== 0 && bit !== 1) call.fail(ERR_BIT);
  if (call.failed()) return;
  const { strings } = call;
  const found = call.lookupWrite(1);
  const at = Math.floor(offset / 8);
  let before = 0;
  if (found !== NULL_REF) {
    if (!call.isString(found)) return;
    strings.view(found);
    before = strings.length;
  }
  const grows = at >= before;
  strings.view(call.editString(found, 1, grows ? at + 1 : before));
  const place = strings.offset + at;
  const shift = 7 - (offset % 8);
  const byte = strings.bytes[place] ?? 0;
  const old = (byte >>> shift) & 1;
  if (grows || old !== bit) {
    strings.bytes[place] = (byte & ~(1 << shift)) | (bit << shift);
    call.changed(1, NOTIFY_STRING, 'setbit');
  }
  call.reply.integer(old);
}

export const setbit: CommandSpec = {
  name: 'setbit',
  group: 'bitmap',
  since: '2.2.0',
  summary:
    'Sets or clears one bit of a string, which grows where needed; answers with the old bit.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom'],
  acl: ['bitmap'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'offset', type: 'integer' },
    { name: 'value', type: 'integer' },
  ],
  replies: ['integer'],
  run: runSetbit,
};
