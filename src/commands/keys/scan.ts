// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]

import { type Call, NOTIFY_KEY_MISS } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import {
  ANY_TYPE,
  readCursor,
  readScanOptions,
  type ScanOptions,
  scanDict,
} from '../../engine/scan-options.ts';
import { type Arena, SLOT_SHIFT } from '../../memory/arena.ts';
import { keyLengthOf, keyOffsetOf, typeOf } from '../../structures/entry.ts';

function matches(arena: Arena, ref: number, options: ScanOptions): boolean {
  const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
  return options.matches(bytes, keyOffsetOf(arena, ref), keyLengthOf(arena, ref));
}

/** The key of an entry whose time has run out, which is deleted then; or null. */
function goneKey(call: Call, ref: number): Uint8Array | null {
  const { db, keyspace } = call;
  if (!db.isExpired(ref)) return null;
  const start = keyOffsetOf(keyspace.arena, ref);
  const length = keyLengthOf(keyspace.arena, ref);
  // The entry's own bytes go with it.
  const key = keyspace.arena.bytes[ref >>> SLOT_SHIFT]!.slice(start, start + length);
  db.lookup(key, 0, length);
  return key;
}

/**
 * The last look at a key that matches. As in Redis, it counts as a lookup when a type is asked for.
 */
function isShown(call: Call, ref: number, type: number): boolean {
  const gone = goneKey(call, ref);
  if (type === ANY_TYPE) return gone === null;
  if (gone === null) {
    call.keyspace.hits++;
    return typeOf(call.keyspace.arena, ref) === type;
  }
  call.keyspace.misses++;
  call.engine.events.notify(NOTIFY_KEY_MISS, 'keymiss', call.db, gone, 0, gone.length);
  return false;
}

export const scan: CommandSpec = {
  name: 'scan',
  group: 'generic',
  since: '2.8.0',
  summary: 'Walks over the keys of the database in steps.',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  arity: -2,
  flags: ['readonly', 'touches_arbitrary_keys'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
  args: [
    { name: 'cursor', type: 'integer' },
    { name: 'pattern', type: 'pattern', token: 'MATCH', optional: true },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
    { name: 'type', type: 'string', token: 'TYPE', since: '6.0.0', optional: true },
  ],
  history: [['6.0.0', 'Added the `TYPE` subcommand.']],
  replies: ['array'],
  run(call, args) {
    const start = readCursor(call, args, 1);
    const options = readScanOptions(call, 2, { hasType: true });
    if (call.failed()) return;
    const { db, reply, keyspace } = call;
    const { arena } = keyspace;
    const refs: number[] = [];
    const cursor = scanDict(db.dict, start, options, refs);
    const found = refs.filter(
      (ref) => matches(arena, ref, options) && isShown(call, ref, options.type),
    );
    reply.array(2);
    reply.bulkInteger(cursor);
    reply.array(found.length);
    for (const ref of found) {
      reply.bulk(
        arena.bytes[ref >>> SLOT_SHIFT]!,
        keyOffsetOf(arena, ref),
        keyLengthOf(arena, ref),
      );
    }
  },
};
