// DUMP key

import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';

export const dump: CommandSpec = {
  name: 'dump',
  group: 'generic',
  since: '2.6.0',
  summary: 'Returns the value of a key in the form that RESTORE takes.',
  complexity: 'O(N*M), N elements of M bytes on average.',
  arity: 2,
  flags: ['readonly'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['bulk-string', 'null'],
  run(call) {
    const ref = call.lookupRead(1);
    if (ref === NULL_REF) {
      call.reply.null();
      return;
    }
    const payload = call.payloads.writer.dump(ref, call.settings.rdbCompression);
    call.reply.bulk(payload, 0, payload.length);
  },
};
