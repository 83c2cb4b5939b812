// HGETALL key, HKEYS key, HVALS key

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { replyListpack } from '../../engine/listpack-reply.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { HashCursor } from '../../values/hash-cursor.ts';
import { hashToRead, WRONG_TYPE } from './hash-key.ts';

/** Replies with fields, values or both of a listpack of pairs. */
function replyPairs(call: Call, lp: number, withFields: boolean, withValues: boolean): void {
  const { listpacks } = call.keyspace.values;
  const field = listpacks.first(lp);
  const from = withFields || field === 0 ? field : listpacks.next(lp, field);
  replyListpack(call, lp, from, Number.POSITIVE_INFINITY, withFields && withValues ? 0 : 1);
}

/** Replies with all fields of a hash, their values, or both. */
function replyAll(call: Call, withFields: boolean, withValues: boolean): void {
  const { reply, keyspace } = call;
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  const { hashes } = keyspace.values;
  const count = ref === NULL_REF ? 0 : hashes.count(ref);
  if (withFields && withValues) reply.map(count);
  else reply.array(count);
  if (ref === NULL_REF) return;
  if (hashes.strideOf(ref) === 2 && !hashes.isTable(ref)) {
    replyPairs(call, hashes.listpackOf(ref), withFields, withValues);
    return;
  }
  const cursor = new HashCursor(keyspace.arena, hashes);
  cursor.begin(ref);
  while (cursor.next()) {
    if (withFields) {
      cursor.loadField();
      reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    }
    if (withValues) {
      cursor.loadValue();
      reply.bulk(cursor.bytes, cursor.offset, cursor.length);
    }
  }
}

function runHgetall(call: Call): void {
  replyAll(call, true, true);
}

function runHkeys(call: Call): void {
  replyAll(call, true, false);
}

function runHvals(call: Call): void {
  replyAll(call, false, true);
}

export const hgetall: CommandSpec = {
  name: 'hgetall',
  group: 'hash',
  since: '2.0.0',
  summary: 'Reads all fields and values of a hash.',
  complexity: 'O(N) where N is the size of the hash.',
  arity: 2,
  flags: ['readonly'],
  acl: ['hash'],
  tips: ['nondeterministic_output_order'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['map'],
  run: runHgetall,
};

export const hkeys: CommandSpec = {
  name: 'hkeys',
  group: 'hash',
  since: '2.0.0',
  summary: 'Reads the names of all fields of a hash.',
  complexity: 'O(N) where N is the size of the hash.',
  arity: 2,
  flags: ['readonly'],
  acl: ['hash'],
  tips: ['nondeterministic_output_order'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['array'],
  run: runHkeys,
};

export const hvals: CommandSpec = {
  name: 'hvals',
  group: 'hash',
  since: '2.0.0',
  summary: 'Reads the values of all fields of a hash.',
  complexity: 'O(N) where N is the size of the hash.',
  arity: 2,
  flags: ['readonly'],
  acl: ['hash'],
  tips: ['nondeterministic_output_order'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [{ name: 'key', type: 'key', keySpecIndex: 0 }],
  replies: ['array'],
  run: runHvals,
};
