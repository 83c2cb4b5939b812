// TTL, PTTL, EXPIRETIME, PEXPIRETIME: when a key expires; -1 never, -2 no such key.

import { int64Text, MAX_EXACT } from '../../bytes/integer.ts';
import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NO_EXPIRY } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';

const NO_KEY = -2;

/** Replies with the time of the key in argument 1, as `show` makes it of ms of the Unix epoch. */
function replyTime(call: Call, show: (timeMs: number) => number): void {
  const ref = call.lookupUntouched(1);
  if (ref === NULL_REF) {
    call.reply.integer(NO_KEY);
    return;
  }
  const timeMs = call.db.expiryOf(ref);
  const shown = timeMs === NO_EXPIRY ? NO_EXPIRY : show(timeMs);
  if (shown <= MAX_EXACT) call.reply.integer(shown);
  else call.reply.bigInteger(BigInt(int64Text(shown)));
}

function left(call: Call, timeMs: number): number {
  return Math.max(0, timeMs - call.nowMs);
}

export const ttl: CommandSpec = {
  name: 'ttl',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives the seconds that a key has to live.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  history: [['2.8.0', 'Added the -2 reply.']],
  replies: ['integer'],
  run(call) {
    replyTime(call, (timeMs) => Math.floor((left(call, timeMs) + 500) / 1000));
  },
};

export const pttl: CommandSpec = {
  name: 'pttl',
  group: 'generic',
  since: '2.6.0',
  summary: 'Gives the milliseconds that a key has to live.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  history: [['2.8.0', 'Added the -2 reply.']],
  replies: ['integer'],
  run(call) {
    replyTime(call, (timeMs) => left(call, timeMs));
  },
};

export const expiretime: CommandSpec = {
  name: 'expiretime',
  group: 'generic',
  since: '7.0.0',
  summary: 'Gives the Unix time in seconds at which a key expires.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run(call) {
    replyTime(call, (timeMs) => Math.floor((timeMs + 500) / 1000));
  },
};

export const pexpiretime: CommandSpec = {
  name: 'pexpiretime',
  group: 'generic',
  since: '7.0.0',
  summary: 'Gives the Unix time in milliseconds at which a key expires.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['readonly', 'fast'],
  acl: ['keyspace'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer'],
  run(call) {
    replyTime(call, (timeMs) => timeMs);
  },
};
