// PFCOUNT key [key ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { estimate } from '../../values/hyperloglog.ts';
import { CORRUPT, openToRead, openToWrite, store } from './stored.ts';

function countUnion(call: Call): void {
  const { args, reply } = call;
  const registers = call.keyspace.values.hyperLogLog.beginUnion();
  for (let i = 1; i < args.count; i++) {
    const ref = call.lookupRead(i);
    if (ref === NULL_REF) continue;
    const opened = openToRead(call, ref);
    if (opened === null) return;
    if (opened.mergeInto(registers)) continue;
    reply.error(CORRUPT);
    return;
  }
  reply.integer(estimate(registers));
}

function runPfcount(call: Call): void {
  const { args, reply } = call;
  if (args.count > 2) {
    countUnion(call);
    return;
  }
  const ref = call.lookupRead(1);
  if (ref === NULL_REF) {
    reply.integer(0);
    return;
  }
  const opened = openToRead(call, ref);
  if (opened === null) return;
  const kept = opened.keptEstimate;
  if (kept >= 0) {
    reply.integer(kept);
    return;
  }
  const registers = opened.beginUnion();
  if (!opened.mergeInto(registers)) {
    reply.error(CORRUPT);
    return;
  }
  const count = estimate(registers);
  // The estimate is kept in the string: that is a change of which replicas are told.
  const writable = openToWrite(call, ref, 1);
  if (writable === null) return;
  writable.keepEstimate(count);
  store(call, 1, writable);
  call.changedSilently(1);
  reply.integer(count);
}

export const pfcount: CommandSpec = {
  name: 'pfcount',
  group: 'hyperloglog',
  since: '2.8.9',
  summary: 'Estimates how many different elements were added to one or several HyperLogLogs.',
  complexity:
    'O(1) with a very small average constant time when called with a single key. O(N) with N being the number of keys, and much bigger constant times, when called with multiple keys.',
  arity: -2,
  flags: ['readonly', 'may_replicate'],
  acl: ['hyperloglog'],
  keys: [
    {
      notes:
        'RW because it may change the internal representation of the key, and propagate to replicas',
      flags: ['RW', 'access'],
      begin: { index: 1 },
      find: { lastKey: -1, step: 1, limit: 0 },
    },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['integer'],
  run: runPfcount,
};
