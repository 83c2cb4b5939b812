// SDIFF key [key ...], SDIFFSTORE destination key [key ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ENCODING_INTSET, TYPE_SET } from '../../structures/entry.ts';
import { createLoose } from '../../values/loose-value.ts';
import { findSets, storeSet } from './set-sources.ts';
import { replyMembers } from './smembers.ts';

/**
 * The members of the first set in the arguments from `first` on that are in no other, in a set that
 * no key holds; 0: an error.
 */
function subtract(call: Call, first: number): number {
  const { arena, values } = call.keyspace;
  const { sets, setCursor: cursor } = values;
  const refs = findSets(call, first, call.args.count - 1);
  if (refs === null) return NULL_REF;
  const result = createLoose(arena, TYPE_SET, ENCODING_INTSET, sets.create(ENCODING_INTSET));
  const [minuend = NULL_REF, ...others] = refs;
  const present = others.filter((ref) => ref !== NULL_REF);
  // The largest set is the most likely to have a member.
  present.sort((a, b) => sets.count(b) - sets.count(a));
  if (minuend === NULL_REF || present.includes(minuend)) return result;
  cursor.begin(minuend);
  while (cursor.next()) {
    const { bytes, offset, length } = cursor;
    if (present.some((ref) => sets.has(ref, bytes, offset, length))) continue;
    sets.add(result, bytes, offset, length);
  }
  return result;
}

function runSdiff(call: Call): void {
  const result = subtract(call, 1);
  if (result === NULL_REF) return;
  replyMembers(call, result);
  call.keyspace.values.sets.free(result);
  call.keyspace.arena.free(result);
}

function runSdiffstore(call: Call): void {
  const result = subtract(call, 2);
  if (result !== NULL_REF) storeSet(call, result, 'sdiffstore');
}

export const sdiff: CommandSpec = {
  name: 'sdiff',
  group: 'set',
  since: '1.0.0',
  summary: 'Tells which members of the first set are in none of the others.',
  complexity: 'O(N) where N is the total number of elements in all given sets.',
  arity: -2,
  flags: ['readonly'],
  acl: ['set'],
  tips: ['nondeterministic_output_order'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['set'],
  run: runSdiff,
};

export const sdiffstore: CommandSpec = {
  name: 'sdiffstore',
  group: 'set',
  since: '1.0.0',
  summary: 'Keeps the members of the first set that are in none of the others at a key.',
  complexity: 'O(N) where N is the total number of elements in all given sets.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['set'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    { flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'destination', type: 'key', keySpecIndex: 0 },
    { name: 'key', type: 'key', keySpecIndex: 1, multiple: true },
  ],
  replies: ['integer'],
  run: runSdiffstore,
};
