// HLEN key

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { hashToRead, WRONG_TYPE } from './hash-key.ts';

function runHlen(call: Call): void {
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  call.reply.integer(ref === NULL_REF ? 0 : call.keyspace.values.hashes.count(ref));
}

export const hlen: CommandSpec = {
  name: 'hlen',
  group: 'hash',
  since: '2.0.0',
  summary: 'Counts the fields of a hash.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run: runHlen,
};
