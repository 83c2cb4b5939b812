// PFADD key [element ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { HLL_CHANGED, HLL_CORRUPT } from '../../values/hyperloglog.ts';
import { CORRUPT, openToWrite, store, tell } from './stored.ts';

function runPfadd(call: Call): void {
  const { args, reply } = call;
  const { values } = call.keyspace;
  const found = call.lookupWrite(1);
  if (found === NULL_REF) values.hyperLogLog.create();
  else if (openToWrite(call, found, 1) === null) return;
  const { hyperLogLog } = values;
  const { hllSparseMaxBytes } = values.limits;
  let changes = found === NULL_REF ? 1 : 0;
  for (let i = 2; i < args.count; i++) {
    const offset = args.offsets[i] ?? 0;
    const outcome = hyperLogLog.add(args.bytes, offset, args.lengths[i] ?? 0, hllSparseMaxBytes);
    if (outcome === HLL_CHANGED) changes++;
    if (outcome !== HLL_CORRUPT) continue;
    reply.error(CORRUPT);
    return;
  }
  if (changes > 0) {
    hyperLogLog.invalidate();
    store(call, 1, hyperLogLog);
    tell(call, 1, changes);
  }
  reply.integer(changes > 0 ? 1 : 0);
}

export const pfadd: CommandSpec = {
  name: 'pfadd',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Adds elements to a HyperLogLog, creating the key when it is missing.',
  complexity: 'O(1) to add every element.',
  arity: -2,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hyperloglog'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'element', type: 'string', optional: true, multiple: true },
  ],
  replies: ['integer'],
  run: runPfadd,
};
