// SPOP key [count]

import { type Call, NOTIFY_GENERIC, NOTIFY_SET } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_NOT_POSITIVE, ERR_SYNTAX } from '../../protocol/reply-errors.ts';
import {
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  encodingOf,
  setTypeAndEncoding,
  setValueWord,
  TYPE_SET,
  valueWordOf,
} from '../../structures/entry.ts';
import { createLoose } from '../../values/loose-value.ts';
import { randomHandles } from './random-members.ts';
import { replyMembers } from './smembers.ts';

/** Replicas and the AOF are told so many members in one SREM. */
const MEMBERS_PER_COMMAND = 1024;
/** When fewer than a fifth of the members stay, those that stay are chosen. */
const STAY_PART = 5;

function runSpop(call: Call): void {
  if (call.args.count > 2) {
    runWithCount(call);
    return;
  }
  const { keyspace, reply } = call;
  const { sets } = keyspace.values;
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.null();
    return;
  }
  if (!call.isType(ref, TYPE_SET)) return;
  sets.loadRandom(ref, keyspace.randomBelow);
  reply.bulk(sets.bytes, sets.offset, sets.length);
  if (call.propagates) {
    const member = sets.bytes.slice(sets.offset, sets.offset + sets.length);
    call.propagateAs(['SREM', call.args.slice(1), member]);
  }
  sets.removeChosen(ref);
  const isEmpty = sets.count(ref) === 0;
  if (isEmpty) call.db.removeFound(ref);
  call.changed(1, NOTIFY_SET, 'spop');
  if (isEmpty) call.notify(NOTIFY_GENERIC, 'del', 1);
}

function runWithCount(call: Call): void {
  const { args, keyspace, reply } = call;
  const { sets } = keyspace.values;
  if (args.count > 3) call.fail(ERR_SYNTAX);
  else if (!(args.integer(2) >= 0)) call.fail(ERR_NOT_POSITIVE);
  if (call.failed()) return;
  const count = args.integer(2);
  const ref = call.lookupWrite(1);
  if (ref === NULL_REF) {
    reply.set(0);
    return;
  }
  if (!call.isType(ref, TYPE_SET)) return;
  const size = sets.count(ref);
  if (count === 0) {
    reply.set(0);
  } else if (count >= size) {
    // Redis reads the set as SUNION does, which counts, where it takes members out it does not.
    keyspace.hits++;
    replyMembers(call, ref);
    call.db.removeFound(ref);
    call.changed(1, NOTIFY_SET, 'spop', size);
    call.notify(NOTIFY_GENERIC, 'del', 1);
    if (call.propagates) {
      call.propagateAs([keyspace.lazyServerDel ? 'UNLINK' : 'DEL', args.slice(1)]);
    }
  } else {
    const popped =
      (size - count) * STAY_PART > count
        ? popSome(call, ref, count)
        : popMost(call, ref, size - count);
    reply.set(count);
    for (const member of popped) reply.bulkBytes(member);
    propagateRemoval(call, popped);
    call.changed(1, NOTIFY_SET, 'spop', count);
  }
}

function propagateRemoval(call: Call, members: readonly Uint8Array[]): void {
  if (!call.propagates) return;
  const key = call.args.slice(1);
  for (let i = 0; i < members.length; i += MEMBERS_PER_COMMAND) {
    call.propagateAs(['SREM', key, ...members.slice(i, i + MEMBERS_PER_COMMAND)]);
  }
}

function popSome(call: Call, ref: number, count: number): Uint8Array[] {
  const { sets } = call.keyspace.values;
  const popped: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    sets.loadRandom(ref, call.keyspace.randomBelow);
    popped.push(sets.bytes.slice(sets.offset, sets.offset + sets.length));
    sets.removeChosen(ref);
  }
  return popped;
}

/**
 * Chooses the members that stay and makes a new set of them, as compact as they allow; all others
 * are popped.
 */
function popMost(call: Call, ref: number, staying: number): Uint8Array[] {
  const { arena, values } = call.keyspace;
  const { sets, setCursor: cursor } = values;
  const oldEncoding = encodingOf(arena, ref);
  const encoding = oldEncoding === ENCODING_INTSET ? ENCODING_INTSET : ENCODING_LISTPACK;
  const rest = createLoose(arena, TYPE_SET, encoding, sets.create(encoding));
  cursor.begin(ref);
  const stays = new Set(randomHandles(call, ref, cursor, staying));
  for (const handle of stays) {
    cursor.load(handle);
    sets.add(rest, cursor.bytes, cursor.offset, cursor.length);
  }
  const popped: Uint8Array[] = [];
  cursor.begin(ref);
  while (cursor.next()) {
    if (stays.has(cursor.handle)) continue;
    popped.push(cursor.bytes.slice(cursor.offset, cursor.offset + cursor.length));
  }
  sets.free(ref);
  setTypeAndEncoding(arena, ref, TYPE_SET, encodingOf(arena, rest));
  setValueWord(arena, ref, valueWordOf(arena, rest));
  arena.free(rest);
  return popped;
}

export const spop: CommandSpec = {
  name: 'spop',
  group: 'set',
  since: '1.0.0',
  summary: 'Takes random members out of a set; the key goes with the last.',
  complexity:
    'Without the count argument O(1), otherwise O(N) where N is the value of the passed count.',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['set'],
  tips: ['nondeterministic_output'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'count', type: 'integer', since: '3.2.0', optional: true },
  ],
  history: [['3.2.0', 'Added the `count` argument.']],
  replies: ['bulk-string', 'null', 'set'],
  run: runSpop,
};
