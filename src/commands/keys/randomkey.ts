// RANDOMKEY: each key has the same chance.

import type { CommandSpec } from '../../engine/command-spec.ts';
import { randomKey } from '../../keyspace/sampling.ts';
import { NULL_REF, SLOT_SHIFT } from '../../memory/arena.ts';
import { keyLengthOf, keyOffsetOf } from '../../structures/entry.ts';

export const randomkey: CommandSpec = {
  name: 'randomkey',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a key chosen at random.',
  complexity: 'O(1)',
  arity: 1,
  flags: ['readonly', 'touches_arbitrary_keys'],
  acl: ['keyspace'],
  tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
  replies: ['bulk-string', 'null'],
  run(call) {
    const { arena } = call.keyspace;
    const ref = randomKey(call.db);
    if (ref === NULL_REF) {
      call.reply.null();
      return;
    }
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
    call.reply.bulk(bytes, keyOffsetOf(arena, ref), keyLengthOf(arena, ref));
  },
};
