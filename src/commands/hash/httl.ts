// HTTL key FIELDS numfields field [field ...], and HPTTL, HEXPIRETIME and HPEXPIRETIME, which
// differ in the unit and origin of the time.

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { NO_FIELD } from '../../values/hash.ts';
import { COUNT_NOT_POSITIVE, readFields } from './field-arguments.ts';
import { hashToRead, WRONG_TYPE } from './hash-key.ts';

/** Replies with the times of the fields, each made what is asked for by `show`. */
function replyTimes(call: Call, show: (timeMs: number) => number): void {
  const { args, reply } = call;
  const { hashes } = call.keyspace.values;
  const ref = hashToRead(call);
  if (ref === WRONG_TYPE) return;
  const first = readFields(call, 2, COUNT_NOT_POSITIVE);
  if (call.failed()) return;
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    const timeMs =
      ref === NULL_REF
        ? NO_FIELD
        : hashes.expiryOf(ref, args.bytes, args.offsets[i] ?? 0, args.lengths[i] ?? 0);
    reply.integer(timeMs < 0 ? timeMs : show(timeMs));
  }
}

function runHttl(call: Call): void {
  replyTimes(call, (timeMs) => Math.ceil((timeMs - call.nowMs) / 1000));
}

function runHpttl(call: Call): void {
  replyTimes(call, (timeMs) => timeMs - call.nowMs);
}

function runHexpiretime(call: Call): void {
  replyTimes(call, (timeMs) => Math.ceil(timeMs / 1000));
}

function runHpexpiretime(call: Call): void {
  replyTimes(call, (timeMs) => timeMs);
}

export const httl: CommandSpec = {
  name: 'httl',
  group: 'hash',
  since: '7.4.0',
  summary: 'Tells the time to live of fields in seconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHttl,
};

export const hpttl: CommandSpec = {
  name: 'hpttl',
  group: 'hash',
  since: '7.4.0',
  summary: 'Tells the time to live of fields in milliseconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHpttl,
};

export const hexpiretime: CommandSpec = {
  name: 'hexpiretime',
  group: 'hash',
  since: '7.4.0',
  summary: 'Tells when fields expire in seconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHexpiretime,
};

export const hpexpiretime: CommandSpec = {
  name: 'hpexpiretime',
  group: 'hash',
  since: '7.4.0',
  summary: 'Tells when fields expire in milliseconds.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['readonly', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'fields',
      type: 'block',
      token: 'FIELDS',
      args: [
        { name: 'numfields', type: 'integer' },
        { name: 'field', type: 'string', multiple: true },
      ],
    },
  ],
  replies: ['array'],
  run: runHpexpiretime,
};
