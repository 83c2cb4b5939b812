// DEL and UNLINK key [key ...]: UNLINK leaves the freeing of large values to the cron.

import { type Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';

/** Deletes the keys, large values at once or later, and replies with how many there were. */
function deleteKeys(call: Call, args: Args, lazily: boolean): void {
  let deleted = 0;
  for (let i = 1; i < args.count; i++) {
    const ref = call.lookupQuietly(i);
    if (ref === NULL_REF) continue;
    call.db.removeFound(ref, lazily);
    call.changed(i, NOTIFY_GENERIC, 'del');
    deleted++;
  }
  call.reply.integer(deleted);
}

export const del: CommandSpec = {
  name: 'del',
  group: 'generic',
  since: '1.0.0',
  summary: 'Deletes keys.',
  complexity:
    'O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set or hash. Removing a single key that holds a string value is O(1).',
  arity: -2,
  flags: ['write'],
  acl: ['keyspace'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  keys: [
    { flags: ['RM', 'delete'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['integer'],
  run(call, args) {
    deleteKeys(call, args, call.settings.lazyUserDel);
  },
};

export const unlink: CommandSpec = {
  name: 'unlink',
  group: 'generic',
  since: '4.0.0',
  summary: 'Deletes keys; the memory of large values is given back later.',
  complexity:
    'O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in order to reclaim memory, where N is the number of allocations the deleted objects where composed of.',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  tips: ['request_policy:multi_shard', 'response_policy:agg_sum'],
  keys: [
    { flags: ['RM', 'delete'], begin: { index: 1 }, find: { lastKey: -1, step: 1, limit: 0 } },
  ],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0, multiple: true }],
  replies: ['integer'],
  run(call, args) {
    deleteKeys(call, args, true);
  },
};
