// MSET: strings at several keys at once. https://redis.io/docs/latest/commands/mset/

import { type Call, NOTIFY_STRING } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { wrongArity } from '../../protocol/reply-errors.ts';

const ERR_ARITY = wrongArity('mset');

/** Sets the key in argument `i` to the string behind it, for every odd `i`. */
export function storePairs(call: Call): void {
  const { count } = call.args;
  for (let i = 1; i < count; i += 2) {
    call.setString(call.lookupWrite(i), i, i + 1, false);
    call.changed(i, NOTIFY_STRING, 'set');
  }
}

function runMset(call: Call): void {
  if (call.args.count % 2 === 0) {
    call.reply.error(ERR_ARITY);
    return;
  }
  storePairs(call);
  call.reply.ok();
}

export const mset: CommandSpec = {
  name: 'mset',
  group: 'string',
  since: '1.0.1',
  summary: 'Stores strings at several keys, all of them at once.',
  complexity: 'O(N) where N is the number of keys to set.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['string'],
  keys: [
    { flags: ['OW', 'update'], begin: { index: 1 }, find: { lastKey: -1, step: 2, limit: 0 } },
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
  replies: ['simple-string'],
  tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
  run: runMset,
};
