// CLIENT KILL addr | CLIENT KILL <filter value> ...

import { Call } from '../../engine/call.ts';
import type { Client } from '../../engine/client.ts';
import type { CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { ERR_SYNTAX, type ReplyError, replyError } from '../../protocol/reply-errors.ts';
import { clientTypeByName, clientTypeOf } from './client-type.ts';

const ID = Call.word('ID');
const TYPE = Call.word('TYPE');
const USER = Call.word('USER');
const ADDR = Call.word('ADDR');
const LADDR = Call.word('LADDR');
const SKIPME = Call.word('SKIPME');
const MAXAGE = Call.word('MAXAGE');
const YES = Call.word('YES');
const NO = Call.word('NO');
const BAD_ID = replyError('ERR client-id should be greater than 0');
const BAD_AGE = replyError('ERR maxage should be greater than 0');
const NO_SUCH_CLIENT = replyError('ERR No such client');

interface Filters {
  skipsMe: boolean;
  /** By the filter's word: one that is given again takes the place of the first. */
  readonly tests: Map<string, (client: Client) => boolean>;
}

/** Reads the filters of the newer form; an error is kept in the call. */
function readFilters(call: Call, args: Args): Filters {
  const filters: Filters = { skipsMe: true, tests: new Map() };
  for (let i = 2; i < args.count; i += 2) {
    if (i + 1 >= args.count) {
      call.fail(ERR_SYNTAX);
      break;
    }
    readFilter(call, args, i, filters);
  }
  return filters;
}

function readPositive(call: Call, i: number, error: ReplyError): number {
  const value = call.integer(i, error);
  if (value < 1) call.fail(error);
  return value;
}

function readFilter(call: Call, args: Args, i: number, filters: Filters): void {
  const { tests } = filters;
  const value = args.shown(i + 1);
  if (args.is(i, ID)) {
    const id = readPositive(call, i + 1, BAD_ID);
    tests.set('id', (client) => client.id === id);
  } else if (args.is(i, TYPE)) {
    const type = clientTypeByName(value);
    if (type === null) call.fail(replyError(`ERR Unknown client type '${value}'`));
    tests.set('type', (client) => clientTypeOf(client) === type);
  } else if (args.is(i, ADDR)) {
    tests.set('addr', (client) => client.transport.remoteAddress === value);
  } else if (args.is(i, LADDR)) {
    tests.set('laddr', (client) => client.transport.localAddress === value);
  } else if (args.is(i, USER)) {
    const name = args.latin1(i + 1);
    if (!call.engine.access.hasUser(name)) call.fail(replyError(`ERR No such user '${value}'`));
    tests.set('user', (client) => !client.isMaster && client.user.name === name);
  } else if (args.is(i, MAXAGE)) {
    const seconds = readPositive(call, i + 1, BAD_AGE);
    const nowMs = call.nowMs;
    tests.set('maxage', (client) => nowMs - client.createdMs >= seconds * 1000);
  } else if (args.is(i, SKIPME) && (args.is(i + 1, YES) || args.is(i + 1, NO))) {
    filters.skipsMe = args.is(i + 1, YES);
  } else {
    call.fail(ERR_SYNTAX);
  }
}

/** Closes the clients that pass all tests. @returns how many. */
function kill(call: Call, filters: Filters): number {
  const tests = [...filters.tests.values()];
  let killed = 0;
  for (const client of [...call.engine.clients.all()]) {
    if (client === call.client && filters.skipsMe) continue;
    if (!tests.every((test) => test(client))) continue;
    killed++;
    // The caller itself still gets its reply.
    if (client === call.client) client.closing = true;
    else client.transport.close(client, false);
  }
  return killed;
}

export const clientKill: CommandSpec = {
  name: 'kill',
  group: 'connection',
  since: '2.4.0',
  summary: 'Closes connections.',
  complexity: 'O(N) where N is the number of client connections',
  arity: -3,
  flags: ['admin', 'noscript', 'loading', 'stale'],
  acl: ['connection'],
  args: [
    {
      name: 'filter',
      type: 'oneof',
      args: [
        { name: 'old-format', type: 'string', display: 'ip:port', deprecatedSince: '2.8.12' },
        {
          name: 'new-format',
          type: 'oneof',
          multiple: true,
          args: [
            { name: 'client-id', type: 'integer', token: 'ID', since: '2.8.12', optional: true },
            {
              name: 'client-type',
              type: 'oneof',
              token: 'TYPE',
              since: '2.8.12',
              optional: true,
              args: [
                { name: 'normal', type: 'pure-token', token: 'NORMAL' },
                { name: 'master', type: 'pure-token', token: 'MASTER', since: '3.2.0' },
                { name: 'slave', type: 'pure-token', token: 'SLAVE' },
                { name: 'replica', type: 'pure-token', token: 'REPLICA', since: '5.0.0' },
                { name: 'pubsub', type: 'pure-token', token: 'PUBSUB' },
              ],
            },
            { name: 'username', type: 'string', token: 'USER', optional: true },
            { name: 'addr', type: 'string', display: 'ip:port', token: 'ADDR', optional: true },
            {
              name: 'laddr',
              type: 'string',
              display: 'ip:port',
              token: 'LADDR',
              since: '6.2.0',
              optional: true,
            },
            {
              name: 'skipme',
              type: 'oneof',
              token: 'SKIPME',
              optional: true,
              args: [
                { name: 'yes', type: 'pure-token', token: 'YES' },
                { name: 'no', type: 'pure-token', token: 'NO' },
              ],
            },
          ],
        },
      ],
    },
  ],
  history: [
    ['2.8.12', 'Added new filter format.'],
    ['2.8.12', '`ID` option.'],
    ['3.2.0', 'Added `master` type in for `TYPE` option.'],
    [
      '5.0.0',
      'Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility.',
    ],
    ['6.2.0', '`LADDR` option.'],
  ],
  replies: ['simple-string', 'integer'],
  run(call, args) {
    if (args.count === 3) {
      const address = args.shown(2);
      const test = (client: Client): boolean => client.transport.remoteAddress === address;
      const tests = new Map([['addr', test]]);
      if (kill(call, { skipsMe: false, tests }) === 0) call.reply.error(NO_SUCH_CLIENT);
      else call.reply.ok();
      return;
    }
    const filters = readFilters(call, args);
    if (call.failed()) return;
    call.reply.integer(kill(call, filters));
  },
};
