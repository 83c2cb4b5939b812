// KEYS pattern

import { isMatchAll, matchGlob } from '../../bytes/glob.ts';
import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { SLOT_SHIFT } from '../../memory/arena.ts';
import { keyLengthOf, keyOffsetOf } from '../../structures/entry.ts';

/** Answers with all keys of a database in which none expires, so that their number is known. */
function replyAll({ db, reply, keyspace }: Call): void {
  const { arena } = keyspace;
  reply.array(db.dict.count);
  db.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
    if (reply.isCut) return;
    const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
    reply.bulk(bytes, keyOffsetOf(arena, ref), keyLengthOf(arena, ref));
  });
}

export const keys: CommandSpec = {
  name: 'keys',
  group: 'generic',
  since: '1.0.0',
  summary: 'Lists the keys that match a pattern.',
  complexity:
    'O(N) with N being the number of keys in the database, under the assumption that the key names in the database and the given pattern have limited length.',
  arity: 2,
  flags: ['readonly'],
  acl: ['keyspace', 'dangerous'],
  tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
  args: [{ name: 'pattern', type: 'pattern' }],
  replies: ['array'],
  run(call, args) {
    const { db, reply, keyspace } = call;
    const { arena } = keyspace;
    const pattern = args.slice(1);
    const isAll = isMatchAll(pattern, 0, pattern.length);
    if (isAll && db.expires.count === 0) {
      replyAll(call);
      return;
    }
    const found: number[] = [];
    db.dict.visitBuckets(0, Number.POSITIVE_INFINITY, (ref) => {
      const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
      const offset = keyOffsetOf(arena, ref);
      const length = keyLengthOf(arena, ref);
      if (!isAll && !matchGlob(pattern, 0, pattern.length, bytes, offset, length, false)) return;
      if (!db.isExpired(ref)) found.push(ref);
    });
    reply.array(found.length);
    for (const ref of found) {
      if (reply.isCut) break;
      reply.bulk(
        arena.bytes[ref >>> SLOT_SHIFT]!,
        keyOffsetOf(arena, ref),
        keyLengthOf(arena, ref),
      );
    }
  },
};
