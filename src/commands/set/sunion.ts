// SUNION key [key ...], SUNIONSTORE destination key [key ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ENCODING_INTSET, TYPE_SET } from '../../structures/entry.ts';
import { createLoose } from '../../values/loose-value.ts';
import { findSets, storeSet } from './set-sources.ts';
import { replyMembers } from './smembers.ts';

/**
 * The union of the sets in the arguments from `first` on, in a set that no key holds; 0: an error.
 */
function unite(call: Call, first: number): number {
  const { arena, values } = call.keyspace;
  const { sets, setCursor: cursor } = values;
  const refs = findSets(call, first, call.args.count - 1);
  if (refs === null) return NULL_REF;
  const result = createLoose(arena, TYPE_SET, ENCODING_INTSET, sets.create(ENCODING_INTSET));
  for (const ref of refs) {
    if (ref === NULL_REF) continue;
    cursor.begin(ref);
    while (cursor.next()) sets.add(result, cursor.bytes, cursor.offset, cursor.length);
  }
  return result;
}

function runSunion(call: Call): void {
  const result = unite(call, 1);
  if (result === NULL_REF) return;
  replyMembers(call, result);
  call.keyspace.values.sets.free(result);
  call.keyspace.arena.free(result);
}

function runSunionstore(call: Call): void {
  const result = unite(call, 2);
  if (result !== NULL_REF) storeSet(call, result, 'sunionstore');
}

export const sunion: CommandSpec = {
  name: 'sunion',
  group: 'set',
  since: '1.0.0',
  summary: 'Reads the members of all sets together.',
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
  run: runSunion,
};

export const sunionstore: CommandSpec = {
  name: 'sunionstore',
  group: 'set',
  since: '1.0.0',
  summary: 'Keeps the members of all sets together at a key.',
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
  run: runSunionstore,
};
