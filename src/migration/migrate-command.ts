// MIGRATE host port key|"" destination-db timeout [COPY] [REPLACE] [AUTH password | AUTH2 username
// password] [KEYS key ...]: moves keys to another server. https://redis.io/commands/migrate/

import { Call } from '../engine/call.ts';
import type { ArgumentSpec, CommandSpec, KeyPositions } from '../engine/command-spec.ts';
import { resumeSuspended, suspend } from '../engine/suspension.ts';
import { NULL_REF } from '../memory/arena.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_SYNTAX, type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import type { MigrationRequest, Migrations } from './migrations.ts';

const COPY = Call.word('COPY');
const REPLACE = Call.word('REPLACE');
const AUTH = Call.word('AUTH');
const AUTH2 = Call.word('AUTH2');
const KEYS = Call.word('KEYS');
const KEY_NOT_EMPTY = replyError(
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string',
);
const CANNOT_WAIT = replyError(
  'ERR MIGRATE waits for another server, which it cannot do inside a script',
);
const DEFAULT_TIMEOUT_MS = 1000;
/** A timer of Node counts to 2^31 ms. */
const MAX_TIMEOUT_MS = 0x7fffffff;
const FIRST_OPTION = 6;
const KEY_FLAGS = ['RW', 'access', 'delete'] as const;

interface Options {
  copies: boolean;
  replaces: boolean;
  credentials: Uint8Array[];
  firstKey: number;
  endKey: number;
}

/** Reads the options; the first error is kept in the call. */
function readOptions(call: Call, args: Args): Options {
  const options: Options = {
    copies: false,
    replaces: false,
    credentials: [],
    firstKey: 3,
    endKey: 4,
  };
  for (let i = FIRST_OPTION; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (args.is(i, COPY)) options.copies = true;
    else if (args.is(i, REPLACE)) options.replaces = true;
    else if (args.is(i, AUTH) && more >= 1) options.credentials = [args.slice(++i)];
    else if (args.is(i, AUTH2) && more >= 2) {
      options.credentials = [args.slice(i + 1), args.slice(i + 2)];
      i += 2;
    } else if (args.is(i, KEYS)) {
      if (args.lengths[3] !== 0) call.fail(KEY_NOT_EMPTY);
      options.firstKey = i + 1;
      options.endKey = args.count;
      break;
    } else {
      call.fail(ERR_SYNTAX);
      break;
    }
  }
  return options;
}

function run(migrations: Migrations, call: Call, args: Args): void {
  const { client, engine, reply } = call;
  const options = readOptions(call, args);
  const timeoutMs = call.integer(5);
  const targetDbId = call.integer(4);
  if (call.failed()) return;
  const keys: Uint8Array[] = [];
  for (let i = options.firstKey; i < options.endKey; i++) {
    if (call.lookupRead(i) !== NULL_REF) keys.push(args.slice(i));
  }
  if (keys.length === 0) {
    reply.simple('NOKEY');
    return;
  }
  if (client.runsScripts) {
    reply.error(CANNOT_WAIT);
    return;
  }
  const port = Number.parseInt(args.latin1(2), 10);
  const request = {
    host: args.latin1(1),
    port: port > 0 && port < 65536 ? port : 0,
    db: call.db,
    keys,
    targetDbId,
    timeoutMs: timeoutMs <= 0 ? DEFAULT_TIMEOUT_MS : Math.min(timeoutMs, MAX_TIMEOUT_MS),
    copies: options.copies,
    replaces: options.replaces,
    credentials: options.credentials,
  };
  if (!call.mayBlock) {
    runInTransaction(migrations, call, request);
    return;
  }
  const answer = engine.defer(client);
  migrations.run(request, 'write', (error) => answer((late) => writeResult(late, error)));
}

/** EXEC goes on when the keys have arrived. Nobody sees what its commands have done before. */
function runInTransaction(migrations: Migrations, call: Call, request: MigrationRequest): void {
  const { engine } = call;
  let result: ReplyError | null = null;
  suspend(call, {
    refusal: null,
    step: () => true,
    finish: (reply) => writeResult(reply, result),
  });
  migrations.run(request, 'all', (error) => {
    result = error;
    resumeSuspended(engine);
  });
}

function writeResult(reply: ReplyWriter, error: ReplyError | null): void {
  if (error === null) reply.ok();
  else reply.error(error);
}

const ARGUMENTS: readonly ArgumentSpec[] = [
  { name: 'host', type: 'string' },
  { name: 'port', type: 'integer' },
  {
    name: 'key-selector',
    type: 'oneof',
    args: [
      { name: 'key', type: 'key', keySpecIndex: 0 },
      { name: 'empty-string', type: 'pure-token', token: '' },
    ],
  },
  { name: 'destination-db', type: 'integer' },
  { name: 'timeout', type: 'integer' },
  { name: 'copy', type: 'pure-token', token: 'COPY', optional: true, since: '3.0.0' },
  { name: 'replace', type: 'pure-token', token: 'REPLACE', optional: true, since: '3.0.0' },
  {
    name: 'authentication',
    type: 'oneof',
    optional: true,
    args: [
      { name: 'auth', display: 'password', type: 'string', token: 'AUTH', since: '4.0.7' },
      {
        name: 'auth2',
        type: 'block',
        token: 'AUTH2',
        since: '6.0.0',
        args: [
          { name: 'username', type: 'string' },
          { name: 'password', type: 'string' },
        ],
      },
    ],
  },
  {
    name: 'keys',
    display: 'key',
    type: 'key',
    keySpecIndex: 1,
    token: 'KEYS',
    optional: true,
    multiple: true,
    since: '3.0.6',
  },
];

/**
 * The keys behind KEYS take the place of the one that is empty; where that one is not, the command
 * fails, and there are none.
 */
function findKeys(args: Args, out: KeyPositions): boolean {
  for (let i = FIRST_OPTION; i < args.count; i++) {
    if (args.is(i, AUTH)) i++;
    else if (args.is(i, AUTH2)) i += 2;
    else if (args.is(i, KEYS)) {
      if (args.lengths[3] !== 0) return false;
      for (let j = i + 1; j < args.count; j++) out.add(j, KEY_FLAGS);
      return true;
    }
  }
  out.add(3, KEY_FLAGS);
  return true;
}

export function migrateCommand(migrations: Migrations): CommandSpec {
  return {
    name: 'migrate',
    group: 'generic',
    since: '2.6.0',
    summary: 'Moves keys to another server.',
    complexity:
      'DUMP and DEL here and RESTORE there for every key, and O(N) for N bytes that are carried.',
    history: [
      ['3.0.0', 'Added the `COPY` and `REPLACE` options.'],
      ['3.0.6', 'Added the `KEYS` option.'],
      ['4.0.7', 'Added the `AUTH` option.'],
      ['6.0.0', 'Added the `AUTH2` option.'],
    ],
    arity: -6,
    flags: ['write'],
    acl: ['keyspace', 'dangerous'],
    tips: ['nondeterministic_output'],
    keys: [
      {
        flags: ['RW', 'access', 'delete'],
        begin: { index: 3 },
        find: { lastKey: 0, step: 1, limit: 0 },
      },
      {
        flags: ['RW', 'access', 'delete', 'incomplete'],
        begin: { keyword: 'KEYS', startFrom: -2 },
        find: { lastKey: -1, step: 1, limit: 0 },
      },
    ],
    getKeys: findKeys,
    args: ARGUMENTS,
    replies: ['simple-string'],
    run: (call, args) => run(migrations, call, args),
  };
}
