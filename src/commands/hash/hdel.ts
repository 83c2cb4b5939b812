// HDEL key field [field ...]

import { type Call, NOTIFY_GENERIC, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { hashToWrite, timesChanged, WRONG_TYPE } from './hash-key.ts';

function runHdel(call: Call): void {
  const ref = hashToWrite(call);
  if (ref === WRONG_TYPE) return;
  call.reply.integer(ref === NULL_REF ? 0 : removeFields(call, ref, 2));
}

/** Removes the fields in arguments `first` to the last. @returns how many there were. */
export function removeFields(call: Call, ref: number, first: number): number {
  const { bytes, count, offsets, lengths } = call.args;
  const { hashes } = call.keyspace.values;
  let removed = 0;
  let isEmpty = false;
  for (let i = first; i < count && !isEmpty; i++) {
    if (!hashes.remove(ref, bytes, offsets[i] ?? 0, lengths[i] ?? 0)) continue;
    removed++;
    isEmpty = hashes.count(ref) === 0;
  }
  if (removed === 0) return 0;
  if (isEmpty) call.db.removeFound(ref);
  else timesChanged(call, ref);
  call.changed(1, NOTIFY_HASH, 'hdel', removed);
  if (isEmpty) call.notify(NOTIFY_GENERIC, 'del', 1);
  return removed;
}

export const hdel: CommandSpec = {
  name: 'hdel',
  group: 'hash',
  since: '2.0.0',
  summary: 'Removes fields of a hash; the key goes with the last.',
  complexity: 'O(N) where N is the number of fields to be removed.',
  arity: -3,
  flags: ['write', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'delete'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string', multiple: true },
  ],
  history: [['2.4.0', 'Accepts multiple `field` arguments.']],
  replies: ['integer'],
  run: runHdel,
};
