// FLUSHDB and FLUSHALL [ASYNC|SYNC]

import { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX } from '../../protocol/reply-errors.ts';

const ASYNC = Call.word('ASYNC');
const SYNC = Call.word('SYNC');

/** Whether the memory is given back in slices later; an error is kept in the call. */
function readLazily(call: Call, args: Args): boolean {
  if (args.count === 1) return call.settings.lazyUserFlush;
  const isAsync = args.is(1, ASYNC);
  if (args.count > 2 || (!isAsync && !args.is(1, SYNC))) call.fail(ERR_SYNTAX);
  return isAsync;
}

export const flushdb: CommandSpec = {
  name: 'flushdb',
  group: 'server',
  since: '1.0.0',
  summary: 'Deletes all keys of the database.',
  complexity: 'O(N) where N is the number of keys in the selected database',
  arity: -1,
  flags: ['write'],
  acl: ['keyspace', 'dangerous'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  args: [
    {
      name: 'flush-type',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'async', type: 'pure-token', token: 'ASYNC', since: '4.0.0' },
        { name: 'sync', type: 'pure-token', token: 'SYNC', since: '6.2.0' },
      ],
    },
  ],
  history: [
    ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
    ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
  ],
  replies: ['simple-string'],
  run(call, args) {
    const lazily = readLazily(call, args);
    if (call.failed()) return;
    call.engine.events.onFlushed(call.db);
    countFlushed(call, call.db.empty(lazily));
    call.reply.ok();
  },
};

/** Replicas and the AOF are told of it where nothing was there, too. */
function countFlushed(call: Call, removed: number): void {
  call.dirty += removed;
  if (removed > 0) return;
  const { args } = call;
  call.propagateAs(Array.from({ length: args.count }, (_, i) => args.slice(i)));
}

export const flushall: CommandSpec = {
  name: 'flushall',
  group: 'server',
  since: '1.0.0',
  summary: 'Deletes all keys of all databases.',
  complexity: 'O(N) where N is the total number of keys in all databases',
  arity: -1,
  flags: ['write'],
  acl: ['keyspace', 'dangerous'],
  tips: ['request_policy:all_shards', 'response_policy:all_succeeded'],
  args: [
    {
      name: 'flush-type',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'async', type: 'pure-token', token: 'ASYNC', since: '4.0.0' },
        { name: 'sync', type: 'pure-token', token: 'SYNC', since: '6.2.0' },
      ],
    },
  ],
  history: [
    ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
    ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
  ],
  replies: ['simple-string'],
  run(call, args) {
    const lazily = readLazily(call, args);
    if (call.failed()) return;
    countFlushed(call, call.keyspace.flushAll(lazily));
    call.engine.onFlushedAll(call.dirty);
    call.reply.ok();
  },
};
