// HGETDEL key FIELDS numfields field [field ...]

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { COUNT_NOT_POSITIVE, readFields } from './field-arguments.ts';
import { hashToWrite, WRONG_TYPE } from './hash-key.ts';
import { removeFields } from './hdel.ts';
import { replyField } from './hget.ts';

function runHgetdel(call: Call): void {
  const { args, reply } = call;
  const ref = hashToWrite(call);
  if (ref === WRONG_TYPE) return;
  const first = readFields(call, 2, COUNT_NOT_POSITIVE);
  if (call.failed()) return;
  reply.array(args.count - first);
  const seen = new Set<string>();
  for (let i = first; i < args.count; i++) {
    // A field that is named twice has been removed when it is named again.
    const name = args.latin1(i);
    replyField(call, seen.has(name) ? NULL_REF : ref, i);
    seen.add(name);
  }
  if (ref === NULL_REF || removeFields(call, ref, first) === 0 || !call.propagates) return;
  const fields: Uint8Array[] = [];
  for (let i = first; i < args.count; i++) fields.push(args.slice(i));
  call.propagateAs(['HDEL', args.slice(1), ...fields]);
}

export const hgetdel: CommandSpec = {
  name: 'hgetdel',
  group: 'hash',
  since: '8.0.0',
  summary: 'Reads fields and removes them.',
  complexity: 'O(N) where N is the number of specified fields',
  arity: -5,
  flags: ['write', 'fast'],
  acl: ['hash'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
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
  run: runHgetdel,
};
