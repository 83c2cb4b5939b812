// GETEX: a string and a new time for its key. https://redis.io/docs/latest/commands/getex/ Replicas
// and the AOF hear of the moment (PEXPIREAT), of PERSIST, or of a deletion, never of GETEX itself.

import { int64Text } from '../../bytes/integer.ts';
import { type Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import { NULL_REF } from '../../memory/arena.ts';
import { ERR_SYNTAX, invalidExpire } from '../../protocol/reply-errors.ts';
import {
  expiryOf,
  hasOption,
  INVALID_OPTIONS,
  OPTION_EXAT,
  OPTION_PERSIST,
  OPTION_PXAT,
  OPTION_TIMED,
  readOptions,
} from './expiry-options.ts';
import { replyString } from './get.ts';

const ERR_INVALID_EXPIRE = invalidExpire('getex');

function runGetex(call: Call): void {
  const options = readOptions(call.args, 2, OPTION_PERSIST | OPTION_TIMED);
  if (options === INVALID_OPTIONS) {
    call.reply.error(ERR_SYNTAX);
    return;
  }
  const found = call.lookupRead(1);
  if (found === NULL_REF) {
    call.reply.null();
    return;
  }
  if (!call.isString(found)) return;
  const expiryMs = expiryOf(call, options, ERR_INVALID_EXPIRE);
  if (call.failed()) return;
  replyString(call, found);
  if (hasOption(options, OPTION_EXAT | OPTION_PXAT) && expiryMs <= call.keyspace.expiryNowMs) {
    call.db.removeFound(found);
    call.changed(1, NOTIFY_GENERIC, 'del');
    if (call.propagates) call.propagateAs(['DEL', call.args.slice(1)]);
  } else if (hasOption(options, OPTION_TIMED)) {
    call.db.setExpiryFound(found, expiryMs);
    call.changed(1, NOTIFY_GENERIC, 'expire');
    if (call.propagates) call.propagateAs(['PEXPIREAT', call.args.slice(1), int64Text(expiryMs)]);
  } else if (hasOption(options, OPTION_PERSIST) && call.db.clearExpiry(found)) {
    call.changed(1, NOTIFY_GENERIC, 'persist');
    if (call.propagates) call.propagateAs(['PERSIST', call.args.slice(1)]);
  }
}

export const getex: CommandSpec = {
  name: 'getex',
  group: 'string',
  since: '6.2.0',
  summary: 'Reads the string at a key and sets, changes or removes its expiration.',
  complexity: 'O(1)',
  arity: -2,
  flags: ['write', 'fast'],
  acl: ['string'],
  keys: [
    {
      notes: 'RW and UPDATE because it changes the TTL',
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
  ],
  replies: ['bulk-string', 'null'],
  run: runGetex,
};
