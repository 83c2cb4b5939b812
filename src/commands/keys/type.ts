// TYPE key

import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { typeOf } from '../../structures/entry.ts';
import { typeName } from '../../values/type-names.ts';

export const type: CommandSpec = {
  name: 'type',
  group: 'generic',
  since: '1.0.0',
  summary: 'Tells the type of the value at a key.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['simple-string'],
  run(call) {
    const ref = call.lookupUntouched(1);
    call.reply.simple(ref === NULL_REF ? 'none' : typeName(typeOf(call.keyspace.arena, ref)));
  },
};
