// HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]

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
import { ENCODING_HASHTABLE, encodingOf, valueWordOf } from '../../structures/entry.ts';
import { HashCursor } from '../../values/hash-cursor.ts';
import { hashToRead, WRONG_TYPE } from './hash-key.ts';

/** Handles of the fields of one step. @returns the next cursor. */
function step(
  call: Call,
  ref: number,
  cursor: HashCursor,
  start: number,
  options: ScanOptions,
  handles: number[],
): number {
  const { arena, values } = call.keyspace;
  const { dict } = values.hashes.tables;
  cursor.begin(ref);
  if (encodingOf(arena, ref) === ENCODING_HASHTABLE) {
    dict.open(valueWordOf(arena, ref));
    return scanDict(dict, start, options, handles);
  }
  // A hash that is not a table is small: all of it is one step.
  while (cursor.next()) handles.push(cursor.handle);
  return 0;
}

function runHscan(call: Call): void {
  const { reply, keyspace } = call;
  const start = readCursor(call, call.args, 2);
  if (call.failed()) return;
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  if (ref === NULL_REF) {
    replyEmptyScan(call);
    return;
  }
  const options = readScanOptions(call, 3, { hasNoValues: true });
  if (call.failed()) return;
  const cursor = new HashCursor(keyspace.arena, keyspace.values.hashes);
  const handles: number[] = [];
  const next = step(call, ref, cursor, start, options, handles);
  const found = handles.filter((handle) => {
    cursor.handle = handle;
    cursor.loadField();
    return options.matches(cursor.bytes, cursor.offset, cursor.length);
  });
  reply.array(2);
  reply.bulkInteger(next);
  reply.array(options.noValues ? found.length : found.length * 2);
  for (const handle of found) {
    cursor.handle = handle;
    cursor.loadField();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    if (options.noValues) continue;
    cursor.loadValue();
    reply.bulk(cursor.bytes, cursor.offset, cursor.length);
  }
}

export const hscan: CommandSpec = {
  name: 'hscan',
  group: 'hash',
  since: '2.8.0',
  summary: 'Walks over the fields of a hash in steps.',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  arity: -3,
  flags: ['readonly'],
  acl: ['hash'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'cursor', type: 'integer' },
    { name: 'pattern', type: 'pattern', token: 'MATCH', optional: true },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
    { name: 'novalues', type: 'pure-token', token: 'NOVALUES', since: '7.4.0', optional: true },
  ],
  history: [['7.4.0', 'Added the `NOVALUES` flag.']],
  replies: ['array'],
  run: runHscan,
};
