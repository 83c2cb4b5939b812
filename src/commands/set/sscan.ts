// SSCAN key cursor [MATCH pattern] [COUNT count]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import {
  readCursor,
  readScanOptions,
  replyEmptyScan,
  type ScanOptions,
  scanDict,
} from '../../engine/scan-options.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ENCODING_HASHTABLE, encodingOf, TYPE_SET, valueWordOf } from '../../structures/entry.ts';

/** Walks over a part of a table. */
function scanTable(call: Call, ref: number, start: number, options: ScanOptions): void {
  const { reply } = call;
  const { sets } = call.keyspace.values;
  const refs: number[] = [];
  sets.tables.dict.open(valueWordOf(call.keyspace.arena, ref));
  const next = scanDict(sets.tables.dict, start, options, refs);
  const found = refs.filter((member) => {
    sets.loadMember(member);
    return options.matches(sets.bytes, sets.offset, sets.length);
  });
  reply.array(2);
  reply.bulkInteger(next);
  reply.array(found.length);
  for (const member of found) {
    sets.loadMember(member);
    reply.bulk(sets.bytes, sets.offset, sets.length);
  }
}

/** A set that is not a table is small: all of it is one step. */
function scanAll(call: Call, ref: number, options: ScanOptions): void {
  const { reply, keyspace } = call;
  const { setCursor: cursor } = keyspace.values;
  const found: number[] = [];
  cursor.begin(ref);
  while (cursor.next()) {
    if (options.matches(cursor.bytes, cursor.offset, cursor.length)) found.push(cursor.handle);
  }
  reply.array(2);
  reply.bulkInteger(0);
  reply.array(found.length);
  for (const handle of found) {
    cursor.load(handle);
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  }
}

function runSscan(call: Call): void {
  const start = readCursor(call, call.args, 2);
  if (call.failed()) return;
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    replyEmptyScan(call);
    return;
  }
  if (!call.isType(ref, TYPE_SET)) return;
  const options = readScanOptions(call, 3, {});
  if (call.failed()) return;
  if (encodingOf(call.keyspace.arena, ref) === ENCODING_HASHTABLE) {
    scanTable(call, ref, start, options);
  } else {
    scanAll(call, ref, options);
  }
}

export const sscan: CommandSpec = {
  name: 'sscan',
  group: 'set',
  since: '2.8.0',
  summary: 'Walks over the members of a set in steps.',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  arity: -3,
  flags: ['readonly'],
  acl: ['set'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'cursor', type: 'integer' },
    { name: 'pattern', type: 'pattern', token: 'MATCH', optional: true },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  replies: ['array'],
  run: runSscan,
};
