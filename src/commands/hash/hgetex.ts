// HGETEX key [EX seconds|PX milliseconds|EXAT unix-time-seconds|PXAT
// unix-time-milliseconds|PERSIST] FIELDS numfields field [field ...]

import { Call, NOTIFY_HASH } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { COUNT_NOT_POSITIVE, readFields, readTime } from './field-arguments.ts';
import { hashToWrite, WRONG_TYPE } from './hash-key.ts';
import { type ExpiredFields, expireField, tellExpired } from './hexpire.ts';
import { replyField } from './hget.ts';
import { persistField } from './hpersist.ts';

const EX = Call.word('EX');
const PX = Call.word('PX');
const EXAT = Call.word('EXAT');
const PXAT = Call.word('PXAT');
const PERSIST = Call.word('PERSIST');

function runHgetex(call: Call): void {
  const { args, reply } = call;
  const ref = hashToWrite(call);
  if (ref === WRONG_TYPE) return;
  const isRelative = args.is(2, EX) || args.is(2, PX);
  const isTimed = isRelative || args.is(2, EXAT) || args.is(2, PXAT);
  const persists = args.is(2, PERSIST);
  const unitMs = args.is(2, EX) || args.is(2, EXAT) ? 1000 : 1;
  const timeMs = isTimed ? readTime(call, 3, unitMs, isRelative) : 0;
  const first = readFields(call, isTimed ? 4 : persists ? 3 : 2, COUNT_NOT_POSITIVE);
  if (call.failed()) return;
  reply.array(args.count - first);
  const done: ExpiredFields = { updated: [], deleted: [] };
  for (let i = first; i < args.count; i++) {
    replyField(call, ref, i);
    if (ref === NULL_REF) continue;
    if (isTimed) expireField(call, ref, i, timeMs, 'none', done);
    else if (persists && persistField(call, ref, i) > 0) done.updated.push(args.slice(i));
  }
  if (ref === NULL_REF) return;
  if (isTimed) tellExpired(call, ref, timeMs, done);
  else if (done.updated.length > 0) tellPersisted(call, ref, done.updated);
}

function tellPersisted(call: Call, ref: number, fields: readonly Uint8Array[]): void {
  call.db.fieldExpiry.sync(ref);
  call.changed(1, NOTIFY_HASH, 'hpersist', fields.length);
  if (!call.propagates) return;
  call.propagateAs(['HPERSIST', call.args.slice(1), 'FIELDS', String(fields.length), ...fields]);
}

export const hgetex: CommandSpec = {
  name: 'hgetex',
  group: 'hash',
  since: '8.0.0',
  summary: 'Reads fields and sets or takes away their time to live.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['write', 'fast'],
  acl: ['hash'],
  keys: [
    {
      flags: ['RW', 'access', 'update'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    {
      name: 'expiration',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'seconds', type: 'integer', token: 'EX' },
        { name: 'milliseconds', type: 'integer', token: 'PX' },
        { name: 'unix-time-seconds', type: 'unix-time', token: 'EXAT' },
        { name: 'unix-time-milliseconds', type: 'unix-time', token: 'PXAT' },
        { name: 'persist', type: 'pure-token', token: 'PERSIST' },
      ],
    },
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
  run: runHgetex,
};
