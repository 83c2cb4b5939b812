// CONFIG: GET, SET, REWRITE, RESETSTAT over the server's Config. A change that needs time
// (listening on another port) answers when it is done.
// https://redis.io/docs/latest/commands/config-set/

import type { SetFailure } from '../config/config.ts';
import type { Call } from '../engine/call.ts';
import type { CommandFlag, CommandSpec } from '../engine/command-spec.ts';
import type { Args } from '../protocol/args.ts';
import { ERR_SYNTAX, type ReplyError, replyError } from '../protocol/reply-errors.ts';
import type { ReplyWriter } from '../protocol/reply-writer.ts';
import { type HelpEntry, helpSubcommand } from './help.ts';
import type { ServerContext } from './server-context.ts';

const FLAGS: readonly CommandFlag[] = ['admin', 'noscript', 'loading', 'stale'];
const ON_ALL_NODES = ['request_policy:all_nodes', 'response_policy:all_succeeded'];
const NO_FILE: ReplyError = replyError('ERR The server is running without a config file');

const HELP: readonly HelpEntry[] = [
  ['GET <pattern>', 'Show the parameters that match the pattern, with their values.'],
  ['SET <directive> <value>', 'Give a parameter a value.'],
  ['RESETSTAT', 'Begin the statistics of INFO anew.'],
  ['REWRITE', 'Write the current values to the configuration file.'],
];

function runGet(context: ServerContext, call: Call, args: Args): void {
  const patterns: string[] = [];
  for (let i = 2; i < args.count; i++) patterns.push(args.latin1(i));
  const found = context.config.getMatching(patterns);
  call.reply.map(found.length);
  for (const [name, value] of found) {
    call.reply.bulkLatin1(name);
    call.reply.bulkLatin1(value);
  }
}

function replyToSet(reply: ReplyWriter, failure: SetFailure | null): void {
  if (failure === null) reply.ok();
  else reply.error(replyError(`${failure.code} ${failure.message}`));
}

function runSet(context: ServerContext, call: Call, args: Args): void {
  if (args.count % 2 !== 0) {
    call.reply.error(ERR_SYNTAX);
    return;
  }
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([args.latin1(i), args.latin1(i + 1)]);
  const { engine } = call;
  const by = {
    local: call.client.transport.isLocal,
    loading: engine.isLoading || engine.isLoadingAside,
  };
  const result = context.config.set(pairs, by);
  if (!(result instanceof Promise)) {
    replyToSet(call.reply, result);
    return;
  }
  if (!call.mayBlock) {
    // Inside a transaction the reply cannot wait; a refusal is told to the log.
    call.reply.ok();
    result.then(
      (failure) => {
        if (failure !== null) context.log('warning', `CONFIG SET failed: ${failure.message}`);
      },
      (error: unknown) => context.log('warning', `CONFIG SET failed: ${String(error)}`),
    );
    return;
  }
  const answer = engine.defer(call.client);
  result.then(
    (failure) => answer((reply) => replyToSet(reply, failure)),
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      answer((reply) => reply.error(replyError(`ERR CONFIG SET failed - ${reason}`)));
    },
  );
}

function runRewrite(context: ServerContext, call: Call): void {
  if (context.configFile === '') {
    call.reply.error(NO_FILE);
    return;
  }
  const failure = context.rewriteConfig();
  if (failure === null) {
    context.log('notice', 'CONFIG REWRITE executed with success.');
    call.reply.ok();
  } else {
    context.log('warning', `CONFIG REWRITE failed: ${failure}`);
    call.reply.error(replyError(`ERR ${failure}`));
  }
}

function runResetStat(context: ServerContext, call: Call): void {
  context.engine.resetStatistics();
  context.statistics.reset();
  context.persistence.resetStatistics();
  call.reply.ok();
}

type Facts = Pick<CommandSpec, 'name' | 'summary' | 'arity' | 'replies' | 'run'> &
  Partial<CommandSpec>;

function subcommand(facts: Facts): CommandSpec {
  return { group: 'server', since: '2.0.0', complexity: 'O(1)', flags: FLAGS, ...facts };
}

function getSubcommand(context: ServerContext): CommandSpec {
  return subcommand({
    name: 'get',
    summary: 'Shows parameters of the configuration.',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    arity: -3,
    args: [{ name: 'parameter', type: 'string', multiple: true }],
    history: [['7.0.0', 'Added the ability to pass multiple pattern parameters in one call']],
    replies: ['map'],
    run: (call, args) => runGet(context, call, args),
  });
}

function setSubcommand(context: ServerContext): CommandSpec {
  return subcommand({
    name: 'set',
    summary: 'Changes parameters of the configuration: all of them or none.',
    complexity: 'O(N) when N is the number of configuration parameters provided',
    arity: -4,
    tips: ON_ALL_NODES,
    args: [
      {
        name: 'data',
        type: 'block',
        multiple: true,
        args: [
          { name: 'parameter', type: 'string' },
          { name: 'value', type: 'string' },
        ],
      },
    ],
    history: [['7.0.0', 'Added the ability to set multiple parameters in one call.']],
    replies: ['simple-string'],
    run: (call, args) => runSet(context, call, args),
  });
}

/** CONFIG over the configuration of a server. */
export function configCommand(context: ServerContext): CommandSpec {
  const subcommands = [
    getSubcommand(context),
    helpSubcommand({
      container: 'CONFIG',
      since: '5.0.0',
      flags: ['loading', 'stale'],
      entries: HELP,
    }),
    subcommand({
      name: 'resetstat',
      summary: 'Begins the statistics of the server anew.',
      arity: 2,
      tips: ON_ALL_NODES,
      replies: ['simple-string'],
      run: (call) => runResetStat(context, call),
    }),
    subcommand({
      name: 'rewrite',
      since: '2.8.0',
      summary: 'Writes the current configuration to its file.',
      arity: 2,
      tips: ON_ALL_NODES,
      replies: ['simple-string'],
      run: (call) => runRewrite(context, call),
    }),
    setSubcommand(context),
  ];
  return {
    name: 'config',
    group: 'server',
    since: '2.0.0',
    summary: 'Holds the commands for the configuration of the server.',
    complexity: 'Depends on subcommand.',
    arity: -2,
    flags: [],
    subcommands,
  };
}
