// COPY source destination [DB db] [REPLACE]

import { Call, NOTIFY_GENERIC } from '../../engine/call.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Database } from '../../keyspace/database.ts';
import { NULL_REF } from '../../memory/arena.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_DB_INDEX, ERR_SAME_OBJECT, ERR_SYNTAX } from '../../protocol/reply-errors.ts';

const DB = Call.word('DB');
const REPLACE = Call.word('REPLACE');

interface Options {
  target: Database;
  replaces: boolean;
}

function readOptions(call: Call, args: Args): Options {
  const options: Options = { target: call.db, replaces: false };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, REPLACE)) {
      options.replaces = true;
    } else if (args.is(i, DB) && i + 1 < args.count) {
      const index = call.int32(++i);
      const target = call.keyspace.databases[index];
      if (target === undefined) call.fail(ERR_DB_INDEX);
      else options.target = target;
    } else {
      call.fail(ERR_SYNTAX);
    }
  }
  return options;
}

export const copy: CommandSpec = {
  name: 'copy',
  group: 'generic',
  since: '6.2.0',
  summary: 'Copies the value of a key to another key.',
  complexity:
    'O(N) worst case for collections, where N is the number of nested items. O(1) for string values.',
  arity: -3,
  flags: ['write', 'denyoom'],
  acl: ['keyspace'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    { flags: ['OW', 'update'], begin: { index: 2 }, find: { lastKey: 0, step: 1, limit: 0 } },
  ],
  args: [
    { name: 'source', type: 'key', keySpecIndex: 0 },
    { name: 'destination', type: 'key', keySpecIndex: 1 },
    { name: 'destination-db', type: 'integer', token: 'DB', optional: true },
    { name: 'replace', type: 'pure-token', token: 'REPLACE', optional: true },
  ],
  replies: ['integer'],
  run(call, args) {
    const { target, replaces } = readOptions(call, args);
    if (call.failed()) return;
    const newKey = args.slice(2);
    if (target === call.db && Buffer.compare(args.slice(1), newKey) === 0) {
      call.reply.error(ERR_SAME_OBJECT);
      return;
    }
    if (call.lookupRead(1) === NULL_REF) {
      call.reply.integer(0);
      return;
    }
    const taken = target.lookup(newKey, 0, newKey.length);
    if (taken !== NULL_REF) {
      if (!replaces) {
        call.reply.integer(0);
        return;
      }
      target.removeFound(taken);
    }
    call.db.copyTo(call.lookupQuietly(1), target, newKey, 0, newKey.length);
    call.changedIn(target, 2, NOTIFY_GENERIC, 'copy_to');
    call.reply.integer(1);
  },
};
