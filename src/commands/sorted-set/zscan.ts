// ZSCAN: walks over the members of a sorted set in steps.
// https://redis.io/docs/latest/commands/zscan/

import { MAX_DOUBLE_BYTES, writeDouble17 } from '../../bytes/double.ts';
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
import { ENCODING_LISTPACK, TYPE_ZSET } from '../../structures/entry.ts';
import type { SortedSet } from '../../values/sorted-set.ts';

function runZscan(call: Call): void {
  const cursor = readCursor(call, call.args, 2);
  if (call.failed()) return;
  const found = call.lookupRead(1);
  if (found === NULL_REF) {
    replyEmptyScan(call);
    return;
  }
  if (!call.isType(found, TYPE_ZSET)) return;
  const options = readScanOptions(call, 3, {});
  if (call.failed()) return;
  const set = call.keyspace.values.sortedSets.open(found);
  if (set.encoding === ENCODING_LISTPACK) replyPairs(call, set, options);
  else replyStep(call, set, cursor, options);
}

/** A listpack is answered as a whole. */
function replyPairs(call: Call, set: SortedSet, options: ScanOptions): void {
  const { reply } = call;
  let matching = 0;
  for (let more = set.seekRank(0); more; more = set.next()) if (isShown(set, options)) matching++;
  reply.array(2);
  reply.bulkInteger(0);
  reply.array(matching * 2);
  for (let more = set.seekRank(0); more; more = set.next()) {
    if (!isShown(set, options)) continue;
    reply.bulk(set.bytes, set.offset, set.length);
    set.loadScoreText();
    reply.bulk(set.bytes, set.offset, set.length);
  }
}

function isShown(set: SortedSet, options: ScanOptions): boolean {
  set.loadMember();
  return options.matches(set.bytes, set.offset, set.length);
}

function replyStep(call: Call, set: SortedSet, from: number, options: ScanOptions): void {
  const { reply } = call;
  const refs: number[] = [];
  const cursor = scanDict(set, from, options, refs);
  const shown = refs.filter((ref) => {
    set.setCurrent(ref);
    return isShown(set, options);
  });
  const text = new Uint8Array(MAX_DOUBLE_BYTES);
  reply.array(2);
  reply.bulkInteger(cursor);
  reply.array(shown.length * 2);
  for (const ref of shown) {
    set.setCurrent(ref);
    set.loadMember();
    reply.bulk(set.bytes, set.offset, set.length);
    reply.bulk(text, 0, writeDouble17(text, 0, set.score));
  }
}

export const zscan: CommandSpec = {
  name: 'zscan',
  group: 'sorted-set',
  since: '2.8.0',
  summary: 'Walks over the members of a sorted set and their scores in steps.',
  complexity:
    'O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return back to 0. N is the number of elements inside the collection.',
  arity: -3,
  flags: ['readonly'],
  acl: ['sortedset'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'cursor', type: 'integer' },
    { name: 'pattern', type: 'pattern', token: 'MATCH', optional: true },
    { name: 'count', type: 'integer', token: 'COUNT', optional: true },
  ],
  replies: ['array'],
  run: runZscan,
};
