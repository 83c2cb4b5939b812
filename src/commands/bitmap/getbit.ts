// GETBIT: one bit of a string. https://redis.io/docs/latest/commands/getbit/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { readBitOffset } from './bit-offset.ts';

function runGetbit(call: Call): void {
  const offset = readBitOffset(call, 2, 0);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  if (!call.isString(ref)) return;
  const { strings } = call;
  strings.view(ref);
  const at = Math.floor(offset / 8);
  const byte = at < strings.length ? (strings.bytes[strings.offset + at] ?? 0) : 0;
  call.reply.integer((byte >>> (7 - (offset % 8))) & 1);
}

export const getbit: CommandSpec = {
  name: 'getbit',
  group: 'bitmap',
  since: '2.2.0',
  summary: 'Reads one bit of a string.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['bitmap'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'offset', type: 'integer' },
  ],
  replies: ['integer'],
  run: runGetbit,
};
