// GET: the string at a key. https://redis.io/docs/latest/commands/get/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

/** Answers with the string of an entry, or with null when there is none. */
export function replyString(call: Call, ref: number): void {
  if (ref === NULL_REF) {
    call.reply.null();
    return;
  }
  const { strings } = call;
  strings.view(ref);
  call.reply.bulk(strings.bytes, strings.offset, strings.length);
}

function runGet(call: Call): void {
  const ref = call.lookupRead(1);
  if (ref === NULL_REF || call.isString(ref)) replyString(call, ref);
}

export const get: CommandSpec = {
  name: 'get',
  group: 'string',
  since: '1.0.0',
  summary: 'Reads the string at a key.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['string'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['bulk-string', 'null'],
  run: runGet,
};
