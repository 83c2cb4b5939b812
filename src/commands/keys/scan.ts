// SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]

import { isMatchAll, matchGlob } from '../../bytes/glob.ts';
import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { type Arena, SLOT_SHIFT } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import { keyLengthOf, keyOffsetOf, typeOf } from '../../structures/entry.ts';
import { typeByName } from '../../values/type-names.ts';
import { readCursor } from './cursor.ts';

const MATCH = Call.word('MATCH');
const COUNT = Call.word('COUNT');
const TYPE = Call.word('TYPE');
const ANY_TYPE = -1;
const DEFAULT_COUNT = 10;
/** No key has it: what an unknown name of a type asks for. */
const NO_TYPE = -2;
/** Steps per wanted key, so that a sparse table does not hold the server up. */
const STEPS_PER_KEY = 10;

interface Options {
  count: number;
  pattern: Uint8Array | null;
  type: number;
}

function readOptions(call: Call, args: Args): Options {
  const options: Options = { count: DEFAULT_COUNT, pattern: null, type: ANY_TYPE };
  for (let i = 2; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, COUNT)) {
      options.count = call.integer(i + 1);
      if (options.count < 1) call.fail(ERR_SYNTAX);
    } else if (hasValue && args.is(i, MATCH)) {
      const pattern = args.slice(i + 1);
      options.pattern = isMatchAll(pattern, 0, pattern.length) ? null : pattern;
    } else if (hasValue && args.is(i, TYPE)) {
      const type = typeByName(args.shown(i + 1));
      options.type = type < 0 ? NO_TYPE : type;
    } else {
      call.fail(ERR_SYNTAX);
    }
  }
  return options;
}

function matches(arena: Arena, ref: number, pattern: Uint8Array | null): boolean {
  if (pattern === null) return true;
  const bytes = arena.bytes[ref >>> SLOT_SHIFT]!;
  const offset = keyOffsetOf(arena, ref);
  return matchGlob(pattern, 0, pattern.length, bytes, offset, keyLengthOf(arena, ref), false);
}

/** True when the key's time has run out; it is deleted then. */
function isGone(call: Call, ref: number): boolean {
  const { db, keyspace } = call;
  if (!db.isExpired(ref)) return false;
  const start = keyOffsetOf(keyspace.arena, ref);
  const length = keyLengthOf(keyspace.arena, ref);
  // The entry's own bytes go with it.
  const key = keyspace.arena.bytes[ref >>> SLOT_SHIFT]!.slice(start, start + length);
  db.lookup(key, 0, length);
  return true;
}

/**
 * The last look at a key that matches. As in Redis, it counts as a lookup when a type is asked for.
 */
function isShown(call: Call, ref: number, type: number): boolean {
  const gone = isGone(call, ref);
  if (type === ANY_TYPE) return !gone;
  if (gone) call.keyspace.misses++;
  else call.keyspace.hits++;
  return !gone && typeOf(call.keyspace.arena, ref) === type;
}

export const scan: CommandSpec = {
  name: 'scan',
  group: 'generic',
  since: '2.8.0',
  summary: 'Walks over the keys of the database in steps.',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  arity: -2,
  flags: ['readonly'],
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
    const options = readOptions(call, args);
    if (call.failed()) return;
    const { db, reply, keyspace } = call;
    const { arena } = keyspace;
    const refs: number[] = [];
    let cursor = start;
    let steps = options.count * STEPS_PER_KEY;
    do {
      cursor = db.dict.scan(cursor, refs);
    } while (cursor !== 0 && --steps > 0 && refs.length < options.count);
    const found = refs.filter(
      (ref) => matches(arena, ref, options.pattern) && isShown(call, ref, options.type),
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
