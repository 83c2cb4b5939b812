// RENAME and RENAMENX key newkey

import { type Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_NO_KEY } from '../../protocol/reply-errors.ts';

type Outcome = 'renamed' | 'same' | 'taken' | 'missing';

function renameKey(call: Call, args: Args, onlyIfFree: boolean): Outcome {
  const { db } = call;
  if (call.lookupWrite(1) === NULL_REF) return 'missing';
  const key = args.slice(1);
  const newKey = args.slice(2);
  if (Buffer.compare(key, newKey) === 0) return 'same';
  const taken = call.lookupWrite(2) !== NULL_REF;
  if (taken && onlyIfFree) return 'taken';
  const ref = call.lookupQuietly(1);
  db.moveTo(ref, key, 0, key.length, db, newKey, 0, newKey.length);
  call.changed(1, NOTIFY_GENERIC, 'rename_from', 0);
  call.changed(2, NOTIFY_GENERIC, 'rename_to');
  return 'renamed';
}

export const rename: CommandSpec = {
  name: 'rename',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a key another name, in the place of what had it.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write'],
  acl: ['keyspace'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['OW', 'update'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'newkey', type: 'key', keySpecIndex: 1 },
  ],
  replies: ['simple-string'],
  run(call, args) {
    if (renameKey(call, args, false) === 'missing') call.reply.error(ERR_NO_KEY);
    else call.reply.ok();
  },
};

export const renamenx: CommandSpec = {
  name: 'renamenx',
  group: 'generic',
  since: '1.0.0',
  summary: 'Gives a key another name unless that is taken.',
  complexity: 'O(1)',
  arity: 3,
  flags: ['write', 'fast'],
  acl: ['keyspace'],
  keys: [
    {
      flags: ['RW', 'access', 'delete'],
      begin: { index: 1 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    { flags: ['OW', 'insert'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'newkey', type: 'key', keySpecIndex: 1 },
  ],
  history: [
    [
      '3.2.0',
      'The command no longer returns an error when source and destination names are the same.',
    ],
  ],
  replies: ['integer'],
  run(call, args) {
    const outcome = renameKey(call, args, true);
    if (outcome === 'missing') call.reply.error(ERR_NO_KEY);
    else call.reply.integer(outcome === 'renamed' ? 1 : 0);
  },
};
