// HGET key field, HMGET key field [field ...], HSTRLEN key field, HEXISTS key field

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { hashToRead, WRONG_TYPE } from './hash-key.ts';

/** Replies with the value of the field in argument `i`. */
export function replyField(call: Call, ref: number, i: number): void {
  const { args, reply } = call;
  const { hashes } = call.keyspace.values;
  if (ref !== NULL_REF && hashes.get(ref, args.bytes, args.offsets[i] ?? 0, args.lengths[i] ?? 0)) {
    reply.bulk(hashes.bytes, hashes.offset, hashes.length);
  } else {
    reply.null();
  }
}

function runHget(call: Call): void {
  const ref = hashToRead(call);
  if (ref !== WRONG_TYPE) replyField(call, ref, 2);
}

function runHmget(call: Call): void {
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  call.reply.array(call.args.count - 2);
  for (let i = 2; i < call.args.count; i++) replyField(call, ref, i);
}

function runHstrlen(call: Call): void {
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  const { bytes, offsets, lengths } = call.args;
  const { hashes } = call.keyspace.values;
  const exists = ref !== NULL_REF && hashes.get(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0);
  call.reply.integer(exists ? hashes.length : 0);
}

function runHexists(call: Call): void {
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  const { bytes, offsets, lengths } = call.args;
  const { hashes } = call.keyspace.values;
  const exists = ref !== NULL_REF && hashes.has(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0);
  call.reply.integer(exists ? 1 : 0);
}

export const hget: CommandSpec = {
  name: 'hget',
  group: 'hash',
  since: '2.0.0',
  summary: 'Reads the value of a field.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string' },
  ],
  replies: ['bulk-string', 'null'],
  run: runHget,
};

export const hmget: CommandSpec = {
  name: 'hmget',
  group: 'hash',
  since: '2.0.0',
  summary: 'Reads the values of several fields.',
  complexity: 'O(N) where N is the number of fields being requested.',
  arity: -3,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string', multiple: true },
  ],
  replies: ['array'],
  run: runHmget,
};

export const hstrlen: CommandSpec = {
  name: 'hstrlen',
  group: 'hash',
  since: '3.2.0',
  summary: 'Tells the length of the value of a field.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string' },
  ],
  replies: ['integer'],
  run: runHstrlen,
};

export const hexists: CommandSpec = {
  name: 'hexists',
  group: 'hash',
  since: '2.0.0',
  summary: 'Tells whether a hash has a field.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string' },
  ],
  replies: ['integer'],
  run: runHexists,
};
