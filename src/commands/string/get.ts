// GET key

import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

export const get: CommandSpec = {
  name: 'get',
  group: 'string',
  since: '1.0.0',
  summary: 'Returns the string value of a key.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['string'],
  keys: [
    {
      flags: ['RO', 'access'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['bulk-string', 'null'],
  run(call) {
    const ref = call.lookupRead(1);
    if (ref === NULL_REF) {
      call.reply.null();
      return;
    }
    if (!call.isString(ref)) return;
    const { strings } = call;
    strings.view(ref);
    call.reply.bulk(strings.bytes, strings.offset, strings.length);
  },
};
