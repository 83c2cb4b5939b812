// MSETNX: strings at several keys that are all not there yet.
// https://redis.io/docs/latest/commands/msetnx/

import type { Call } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { wrongArity } from '../../protocol/reply-errors.ts';
import { storePairs } from './mset.ts';

const ERR_ARITY = wrongArity('msetnx');

function runMsetnx(call: Call): void {
  const { count } = call.args;
  if (count % 2 === 0) {
    call.reply.error(ERR_ARITY);
    return;
  }
  for (let i = 1; i < count; i += 2) {
    if (call.lookupWrite(i) === NULL_REF) continue;
    call.reply.integer(0);
    return;
  }
  storePairs(call);
  call.reply.integer(1);
}

export const msetnx: CommandSpec = {
  name: 'msetnx',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores strings at several keys, all or none: nothing happens when one of them exists.',
  complexity: 'O(N) where N is the number of keys to set.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [
    { flags: ['OW', 'insert'], begin: { index: 1 }, find: { lastKey: -1, step: 2, limit: 0 } },
  ],
  args: [
    {
      name: 'data',
      type: 'block',
      multiple: true,
      args: [
        { name: 'key', type: 'key', keySpecIndex: 0 },
        { name: 'value', type: 'string' },
      ],
    },
  ],
  replies: ['integer'],
  run: runMsetnx,
};
