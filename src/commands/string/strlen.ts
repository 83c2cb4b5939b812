// STRLEN: the length of a string. https://redis.io/docs/latest/commands/strlen/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

function runStrlen(call: Call): void {
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    call.reply.integer(0);
    return;
  }
  if (!call.isString(ref)) return;
  call.strings.view(ref);
  call.reply.integer(call.strings.length);
}

export const strlen: CommandSpec = {
  name: 'strlen',
  group: 'string',
  since: '2.2.0',
  summary: 'Counts the bytes of a string.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runStrlen,
};
