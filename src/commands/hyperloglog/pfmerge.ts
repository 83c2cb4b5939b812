// PFMERGE destkey [sourcekey ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { CORRUPT, openToRead, openToWrite, store, tell } from './stored.ts';

function runPfmerge(call: Call): void {
  const { args, reply } = call;
  const { values } = call.keyspace;
  const { hyperLogLog, limits } = values;
  const registers = hyperLogLog.beginUnion();
  let isDense = false;
  for (let i = 1; i < args.count; i++) {
    const ref = call.lookupRead(i);
    if (ref === NULL_REF) continue;
    const opened = openToRead(call, ref);
    if (opened === null) return;
    if (opened.isDense) isDense = true;
    if (opened.mergeInto(registers)) continue;
    reply.error(CORRUPT);
    return;
  }
  const found = call.lookupWrite(1);
  if (found === NULL_REF) hyperLogLog.create();
  else if (openToWrite(call, found, 1) === null) return;
  if (!hyperLogLog.takeUnion(isDense, limits.hllSparseMaxBytes)) {
    reply.error(CORRUPT);
    return;
  }
  hyperLogLog.invalidate();
  store(call, 1, hyperLogLog);
  tell(call, 1, 1);
  reply.ok();
}

export const pfmerge: CommandSpec = {
  name: 'pfmerge',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Makes a HyperLogLog of the elements of others.',
  complexity: 'O(N) to merge N HyperLogLogs, but with high constant times.',
  arity: -2,
  flags: ['write', 'denyoom'],
  acl: ['hyperloglog'],
  keys: [
    {
      flags: ['RW', 'access', 'insert'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['RO', 'access'], begin: { index: 2 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'destkey', type: 'key', keySpecIndex: 0 },
    { name: 'sourcekey', type: 'key', keySpecIndex: 1, optional: true, multiple: true },
  ],
  replies: ['simple-string'],
  run: runPfmerge,
};
