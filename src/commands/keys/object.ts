// OBJECT ENCODING, FREQ, IDLETIME, REFCOUNT: what the server knows of a value's inside.

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyHelp } from '../../engine/help-reply.ts';
import { lfuCounter, lruIdleMs } from '../../keyspace/access-clock.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { accessClockOf, ENCODING_INT, encodingOf } from '../../structures/entry.ts';
import { encodingName } from '../../values/type-names.ts';

/**
 * Redis shares the objects of these small integers and tells their reference count as the largest
 * int.
 */
const SHARED_INTEGERS = 10000;
const SHARED_REFCOUNT = 0x7fffffff;
const NOT_LFU = replyError(
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when ' +
    'switching between policies at runtime LRU and LFU data will take some time to adjust.',
);
const IS_LFU = replyError(
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching ' +
    'between policies at runtime LRU and LFU data will take some time to adjust.',
);

/**
 * Looks the key in argument 2 up without counting it as a use, though as a hit or a miss; replies
 * null when there is none.
 */
function lookup(call: Call): number {
  const ref = call.lookupQuietly(2);
  if (ref !== NULL_REF) {
    call.keyspace.hits++;
    return ref;
  }
  call.keyspace.misses++;
  call.reply.null();
  return ref;
}

function refcount(call: Call, ref: number): number {
  const { keyspace, memory } = call.engine;
  const { order } = keyspace.eviction;
  // A shared object would have one access time for all keys.
  if (memory.maxBytes !== 0 && (order === 'lru' || order === 'lfu')) return 1;
  if (encodingOf(keyspace.arena, ref) !== ENCODING_INT) return 1;
  const { strings } = call;
  strings.view(ref);
  const text = Buffer.from(strings.bytes.buffer, strings.bytes.byteOffset + strings.offset);
  const value = Number(text.toString('latin1', 0, strings.length));
  return value >= 0 && value < SHARED_INTEGERS ? SHARED_REFCOUNT : 1;
}

export const objectEncoding: CommandSpec = {
  name: 'encoding',
  group: 'generic',
  since: '2.2.3',
  summary: 'Tells the encoding of a value.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['bulk-string', 'null'],
  run(call) {
    const ref = lookup(call);
    if (ref !== NULL_REF) call.reply.bulkText(encodingName(encodingOf(call.keyspace.arena, ref)));
  },
};

export const objectFreq: CommandSpec = {
  name: 'freq',
  group: 'generic',
  since: '4.0.0',
  summary: 'Tells how often a key is used, on a logarithmic scale.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer', 'null'],
  run(call) {
    const ref = lookup(call);
    if (ref === NULL_REF) return;
    const { arena, usesLfu, lfu, nowMs } = call.keyspace;
    if (!usesLfu) call.reply.error(NOT_LFU);
    else call.reply.integer(lfuCounter(accessClockOf(arena, ref), nowMs, lfu));
  },
};

export const objectIdletime: CommandSpec = {
  name: 'idletime',
  group: 'generic',
  since: '2.2.3',
  summary: 'Tells the seconds since a key was used last.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer', 'null'],
  run(call) {
    const ref = lookup(call);
    if (ref === NULL_REF) return;
    const { arena, usesLfu, nowMs } = call.keyspace;
    if (usesLfu) call.reply.error(IS_LFU);
    else call.reply.integer(lruIdleMs(accessClockOf(arena, ref), nowMs) / 1000);
  },
};

export const objectRefcount: CommandSpec = {
  name: 'refcount',
  group: 'generic',
  since: '2.2.3',
  summary: 'Tells how many share the value of a key.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly'],
  acl: ['keyspace'],
  tips: ['nondeterministic_output'],
  keys: [{ flags: ['RO'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['integer', 'null'],
  run(call) {
    const ref = lookup(call);
    if (ref !== NULL_REF) call.reply.integer(refcount(call, ref));
  },
};

export const objectHelp: CommandSpec = {
  name: 'help',
  group: 'generic',
  since: '6.2.0',
  summary: 'Lists the subcommands of OBJECT.',
  complexity: 'O(1)',
  arity: 2,
  flags: ['loading', 'stale'],
  acl: ['keyspace'],
  replies: ['array'],
  run(call) {
    replyHelp(call, 'OBJECT', [
      'ENCODING <key>',
      '    Return the kind of internal representation used in order to store the value',
      '    associated with a <key>.',
      'FREQ <key>',
      '    Return the access frequency index of the <key>. The returned integer is',
      '    proportional to the logarithm of the recent access frequency of the key.',
      'IDLETIME <key>',
      '    Return the idle time of the <key>, that is the approximated number of',
      '    seconds elapsed since the last access to the key.',
      'REFCOUNT <key>',
      '    Return the number of references of the value associated with the specified',
      '    <key>.',
    ]);
  },
};

export const object: CommandSpec = {
  name: 'object',
  group: 'generic',
  since: '2.2.3',
  summary: 'Container of the commands about the inside of values.',
  complexity: 'Depends on subcommand.',
  arity: -2,
  flags: [],
  subcommands: [objectEncoding, objectFreq, objectHelp, objectIdletime, objectRefcount],
};
