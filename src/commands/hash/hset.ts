// HSET key field value [field value ...], HMSET the same, HSETNX key field value

import { type Call, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { wrongArity } from '../../protocol/reply-errors.ts';
import { hashToFill, timesChanged, WRONG_TYPE } from './hash-key.ts';

/** Sets the fields in arguments `first` to the last. @returns how many are new. */
export function setFields(call: Call, ref: number, first: number, keepsExpiry: boolean): number {
  const { bytes, count, offsets, lengths } = call.args;
  const { hashes } = call.keyspace.values;
  for (let i = first; i < count; i++) hashes.fitLength(ref, lengths[i] ?? 0);
  hashes.fitCount(ref, (count - first) >> 1);
  let created = 0;
  for (let i = first; i < count; i += 2) {
    const isNew = hashes.set(
      ref,
      bytes,
      offsets[i] ?? 0,
      lengths[i] ?? 0,
      bytes,
      offsets[i + 1] ?? 0,
      lengths[i + 1] ?? 0,
      keepsExpiry,
    );
    if (isNew) created++;
  }
  return created;
}

/** @returns how many fields are new, -1 after an error. */
function set(call: Call): number {
  const { args } = call;
  if (args.count % 2 === 1) {
    call.reply.error(wrongArity(call.command.fullName));
    return -1;
  }
  const ref = hashToFill(call);
  if (ref === WRONG_TYPE) return -1;
  const created = setFields(call, ref, 2, false);
  timesChanged(call, ref);
  call.changed(1, NOTIFY_HASH, 'hset', (args.count - 2) >> 1);
  return created;
}

function runHset(call: Call): void {
  const created = set(call);
  if (created >= 0) call.reply.integer(created);
}

function runHmset(call: Call): void {
  if (set(call) >= 0) call.reply.ok();
}

function runHsetnx(call: Call): void {
  const { bytes, offsets, lengths } = call.args;
  const ref = hashToFill(call);
  if (ref === WRONG_TYPE) return;
  if (call.keyspace.values.hashes.has(ref, bytes, offsets[2] ?? 0, lengths[2] ?? 0)) {
    call.reply.integer(0);
    return;
  }
  setFields(call, ref, 2, false);
  call.changed(1, NOTIFY_HASH, 'hset');
  call.reply.integer(1);
}

export const hset: CommandSpec = {
  name: 'hset',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets fields of a hash, creating the key when it is missing.',
  complexity:
    'O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with multiple field/value pairs.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'field', type: 'string' },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
  replies: ['integer'],
  run: runHset,
};

export const hmset: CommandSpec = {
  name: 'hmset',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets several fields of a hash.',
  complexity: 'O(N) where N is the number of fields being set.',
  arity: -4,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'update'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'field', type: 'string' },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
  docFlags: ['deprecated'],
  replies: ['simple-string'],
  run: runHmset,
};

export const hsetnx: CommandSpec = {
  name: 'hsetnx',
  group: 'hash',
  since: '2.0.0',
  summary: 'Sets a field of a hash that does not have it.',
  complexity: 'O(1)',
  arity: 4,
  flags: ['write', 'denyoom', 'fast'],
  acl: ['hash'],
  keys: [{ flags: ['RW', 'insert'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'field', type: 'string' },
    { name: 'value', type: 'string' },
  ],
  replies: ['integer'],
  run: runHsetnx,
};
