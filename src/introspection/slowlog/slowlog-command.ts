// SLOWLOG GET, LEN, RESET. https://redis.io/docs/latest/commands/slowlog-get/

import type { Call } from '../../engine/call.ts';
import type { CommandFlag, CommandSpec } from '../../engine/command-spec.ts';
import type { Args } from '../../protocol/args.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import { badSubcommand } from '../debug/debug-command.ts';
import { type HelpEntry, helpSubcommand } from '../help.ts';
import type { ServerContext } from '../server-context.ts';

const FLAGS: readonly CommandFlag[] = ['admin', 'loading', 'stale'];
const DEFAULT_COUNT = 10;
const BAD_COUNT = replyError('ERR count should be greater than or equal to -1');

const HELP: readonly HelpEntry[] = [
  [
    'GET [<count>]',
    'Show the newest entries: 10 of them, or <count>, or all with -1. An entry is',
    'its id, the Unix time, the time it took in microseconds, the arguments, and the',
    'address and name of the client.',
  ],
  ['LEN', 'Tell how many entries there are.'],
  ['RESET', 'Forget all entries.'],
];

function runGet(context: ServerContext, call: Call, args: Args): void {
  const { reply } = call;
  if (args.count > 3) {
    reply.error(badSubcommand(args.latin1(0), args.latin1(1)));
    return;
  }
  const given = args.count === 3 ? args.integer(2) : DEFAULT_COUNT;
  // Text that is no number gets the same answer as one below -1.
  if (Number.isNaN(given) || given < -1) {
    reply.error(BAD_COUNT);
    return;
  }
  const entries = context.statistics.slowLog.newest(given === -1 ? Infinity : given);
  reply.array(entries.length);
  for (const entry of entries) {
    reply.array(6);
    reply.integer(entry.id);
    reply.integer(entry.timeSeconds);
    reply.integer(entry.usec);
    reply.array(entry.args.length);
    for (const arg of entry.args) reply.bulkBytes(arg);
    reply.bulkLatin1(entry.address);
    reply.bulkLatin1(entry.clientName);
  }
}

/** SLOWLOG over the slow log of a server. */
export function slowlogCommand(context: ServerContext): CommandSpec {
  const get: CommandSpec = {
    name: 'get',
    group: 'server',
    since: '2.2.12',
    summary: 'Shows the newest entries of the slow log.',
    complexity: 'O(N) where N is the number of entries returned',
    arity: -2,
    flags: FLAGS,
    tips: ['request_policy:all_nodes', 'nondeterministic_output'],
    args: [{ name: 'count', type: 'integer', optional: true }],
    history: [['4.0.0', 'Added client IP address, port and name to the reply.']],
    replies: ['array'],
    run: (call, args) => runGet(context, call, args),
  };
  const len: CommandSpec = {
    name: 'len',
    group: 'server',
    since: '2.2.12',
    summary: 'Tells how many entries the slow log has.',
    complexity: 'O(1)',
    arity: 2,
    flags: FLAGS,
    tips: ['request_policy:all_nodes', 'response_policy:agg_sum', 'nondeterministic_output'],
    replies: ['integer'],
    run: (call) => call.reply.integer(context.statistics.slowLog.count),
  };
  const reset: CommandSpec = {
    name: 'reset',
    group: 'server',
    since: '2.2.12',
    summary: 'Empties the slow log.',
    complexity: 'O(N) where N is the number of entries in the slowlog',
    arity: 2,
    flags: FLAGS,
    tips: ['request_policy:all_nodes', 'response_policy:all_succeeded'],
    replies: ['simple-string'],
    run(call) {
      context.statistics.slowLog.reset();
      call.reply.ok();
    },
  };
  const help = helpSubcommand({
    container: 'SLOWLOG',
    since: '6.2.0',
    flags: ['loading', 'stale'],
    entries: HELP,
  });
  return {
    name: 'slowlog',
    group: 'server',
    since: '2.2.12',
    summary: 'Holds the commands for the slow log.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands: [get, help, len, reset],
  };
}
